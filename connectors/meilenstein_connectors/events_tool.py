"""Writes `events.py` from the contracts: `python -m meilenstein_connectors.events_tool` (for maintainers).

The result is committed, so that partners and editors see real classes; a test compares it with what this would write.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from meilenstein_connectors.avro_shape import REQUIRED, FieldShape, Shape
from meilenstein_connectors.codec import contract_schema
from meilenstein_connectors.plain_json import ENVELOPE_FILLED
from meilenstein_schemas.contracts import Contract, load_contracts, load_envelope

__all__ = ["TARGET", "render_events", "write_events"]

TARGET = Path(__file__).with_name("events.py")
_HEADER = '''\
"""The events as typed values. Generated from the contracts by `events_tool`; do not edit.

Each class has exactly the fields and defaults of its contract. `event_id`, `publisher` and `source_system` may stay
empty: the Publisher fills them in, like `sent_by`, `sequence` and `published_at`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from meilenstein_connectors.typed_event import TypedEvent
'''
_PLAIN = {"boolean": "bool", "int": "int", "long": "int", "string": "str", "date": "dt.date", "instant": "dt.datetime"}


def render_events() -> str:
    """Return the text of `events.py`."""
    contracts = list(load_contracts().values())
    shapes = {contract.name: contract_schema(contract).shape for contract in contracts}
    named = {shape.name: shape for whole in shapes.values() for shape in _named(whole)}
    enums = sorted((shape for shape in named.values() if shape.kind == "enum"), key=lambda shape: shape.name)
    records = sorted((shape for shape in named.values() if shape.kind == "record"), key=lambda shape: shape.name)
    envelope = {field["name"] for field in load_envelope()["fields"]}
    common = [field for field in shapes[contracts[0].name].fields if field.name in envelope]
    names = ["EVENTS", "Milestone", *shapes, *(shape.name for shape in (*enums, *records))]
    parts = [
        _HEADER + "\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in _sorted(names)) + "]\n",
        *map(_enum_class, enums),
        *(_class(shape.name, f"One entry of a list of {shape.name} records.", shape.fields) for shape in records),
        _class("Milestone", "The fields that every milestone carries.", common, base="TypedEvent"),
        *(_event_class(contract, shapes[contract.name], envelope) for contract in contracts),
        _table(shapes),
    ]
    return "\n\n".join(parts)


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (not name.isupper(), name))


def _named(shape: Shape) -> Iterator[Shape]:
    """Yield the enums and records below a contract's shape."""
    for field in shape.fields:
        inner = field.shape.items or field.shape
        if inner.kind in ("enum", "record"):
            yield inner
            yield from _named(inner)


def _enum_class(shape: Shape) -> str:
    symbols = "".join(f'    {symbol} = "{symbol}"\n' for symbol in shape.symbols)
    return f'class {shape.name}(StrEnum):\n    """Codes of {shape.name}."""\n\n{symbols}'


def _event_class(contract: Contract, shape: Shape, envelope: set[str]) -> str:
    own = [field for field in shape.fields if field.name not in envelope]
    doc = f"{contract.label['en']} / {contract.label['de']}: {contract.schema['doc']}"
    return _class(contract.name, doc, own, base="Milestone", event_type=contract.name)


def _class(name: str, doc: str, fields: Iterable[FieldShape], *, base: str = "", event_type: str = "") -> str:
    head = f"@dataclass(frozen=True, slots=True, kw_only=True)\nclass {name}{f'({base})' if base else ''}:\n"
    lines = [head, _doc(doc)]
    if event_type:
        lines.append(f'\n    EVENT_TYPE: ClassVar[str] = "{event_type}"\n')
    elif base != "Milestone":
        lines.append("\n")
    for field in fields:
        default = _default(field)
        lines.append(f"    {field.name}: {_annotation(field.shape)}{f' = {default}' if default else ''}\n")
        lines.append(_doc(field.doc))
    return "".join(lines)


def _doc(text: str) -> str:
    one = f'    """{text}"""\n'
    if len(one) <= 120:
        return one
    wrapped = textwrap.wrap(text, 112)
    return '    """' + "\n    ".join([wrapped[0], *wrapped[1:]]) + '\n    """\n'


def _annotation(shape: Shape) -> str:
    if shape.kind == "array" and shape.items:
        return f"tuple[{_annotation(shape.items)}, ...]"
    name = _PLAIN.get(shape.kind) or shape.name
    return f"{name} | None" if shape.nullable else name


def _default(field: FieldShape) -> str:
    if field.default is REQUIRED:
        return '""' if field.name in ENVELOPE_FILLED else ""
    if field.shape.kind == "enum" and field.default is not None:
        return f"{field.shape.name}.{field.default}"
    if field.shape.kind == "array":
        if field.default:
            raise ValueError(f"{field.name}: a list with a default that is not empty has no literal here")
        return "()"
    if field.shape.kind == "string" and field.default is not None:
        return f'"{field.default}"'
    return repr(field.default)


def _table(shapes: Iterable[str]) -> str:
    rows = "".join(f'    "{name}": {name},\n' for name in shapes)
    return f'EVENTS: Mapping[str, type[Milestone]] = {{\n{rows}}}\n"""The class of each event type."""\n'


def write_events(target: Path = TARGET) -> bool:
    """Write the module and say whether its text changed."""
    text = render_events()
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return False
    target.write_text(text, encoding="utf-8")
    return True


if __name__ == "__main__":
    print(f"{TARGET.name}: {'written' if write_events() else 'unchanged'}")  # noqa: T201
