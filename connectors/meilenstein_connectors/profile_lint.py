"""Is a CSV profile sound? Every mistake is named by file and line, before a row is read (see `csv_profile`)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from meilenstein_connectors.avro_shape import REQUIRED, Shape
from meilenstein_connectors.codec import contract_schema
from meilenstein_connectors.errors import InvalidLine
from meilenstein_connectors.plain_json import read_value
from meilenstein_connectors.yaml_lines import Entry
from meilenstein_schemas.contracts import load_contracts, similar_types
from meilenstein_schemas.tables import Problem

__all__ = ["ISO", "lint_profile"]

ISO = "iso"
NOT_MAPPABLE = ("event_id", "publisher", "sent_by", "source_system", "source_epoch", "sequence", "published_at")


def lint_profile(entry: Entry) -> Iterator[Problem]:
    """Yield every mistake of a profile."""
    optional: dict[str, type] = {"publisher": str, "encoding": str, "delimiter": str, "empty": list, "zone": str}
    required = {"name": str, "version": int, "agency": str, "source_system": str, "key": list, "rows": list}
    problems = list(entry.check_fields(required=required, optional=optional))
    yield from problems
    if problems:
        return
    fields = entry.fields
    yield from _lint_settings(entry)
    yield from _lint_texts(fields["key"], "column name")
    if not fields["rows"].items:
        yield fields["rows"].problem("no rules")
    seen: dict[str, int] = {}
    for rule in fields["rows"].items:
        yield from _lint_rule(rule)
        when = str(rule.fields["when"].plain()) if "when" in rule.fields else None
        if when in seen:
            yield rule.problem(f"never matches: the rule on line {seen[when]} has the same conditions")
        elif when is not None:
            seen[when] = rule.line


def _lint_settings(entry: Entry) -> Iterator[Problem]:
    fields = entry.fields
    if len(entry.text("delimiter", ",")) != 1:
        yield fields["delimiter"].problem("'delimiter': expected one character")
    try:
        codecs.lookup(entry.text("encoding", "utf-8"))
    except LookupError:
        yield fields["encoding"].problem("'encoding': unknown encoding")
    if "zone" in fields:
        try:
            ZoneInfo(entry.text("zone"))
        except (ZoneInfoNotFoundError, ValueError):
            yield fields["zone"].problem("'zone': unknown time zone; expected a name such as Europe/Berlin")
    for item in fields["empty"].items if "empty" in fields else ():
        if not isinstance(item.value, str):
            yield item.problem("'empty': expected texts; put them in quotes")


def _lint_texts(entry: Entry, what: str) -> Iterator[Problem]:
    for item in entry.items if isinstance(entry.value, list) else [entry]:
        if not isinstance(item.value, str) or not item.value:
            yield item.problem(f"expected a {what} as text; put it in quotes")
    if entry.value == []:
        yield entry.problem(f"expected at least one {what}")


def _lint_rule(rule: Entry) -> Iterator[Problem]:
    optional: dict[str, type] = {"event": str, "fields": dict, "skip": str}
    problems = list(rule.check_fields(required={"when": dict}, optional=optional))
    yield from problems
    if problems:
        return
    for values in rule.fields["when"].fields.values():
        yield from _lint_texts(values, "value")
    if not rule.fields["when"].fields:
        yield rule.problem("'when' names no column")
    if ("skip" in rule.fields) == ("event" in rule.fields):
        yield rule.problem("expected either 'event' with 'fields', or 'skip' with the reason")
    elif "event" in rule.fields:
        yield from _lint_event(rule)


def _lint_event(rule: Entry) -> Iterator[Problem]:
    event = rule.text("event")
    if event not in load_contracts():
        yield rule.fields["event"].problem(f"unknown event type {event!r}; {similar_types(str(event))}")
        return
    shapes = {field.name: field for field in contract_schema(event).shape.fields if field.name not in NOT_MAPPABLE}
    given = rule.fields["fields"].fields if "fields" in rule.fields else {}
    for name, source in given.items():
        if name in shapes:
            yield from _lint_source(source, shapes[name].shape)
        else:
            yield source.problem(f"{event} has no field {name!r} that a profile can fill; known: {', '.join(shapes)}")
    for name, field in shapes.items():
        if field.default is REQUIRED and name not in given:
            yield rule.problem(f"field {name!r} of {event} is required and not mapped")


def _lint_source(source: Entry, shape: Shape) -> Iterator[Problem]:
    if isinstance(source.value, list):
        yield from _lint_entries(source, shape)
        return
    problems = list(
        source.check_fields(required={}, optional={"column": str, "format": str, "values": dict, "constant": object})
        if "constant" not in source.fields
        else _lint_constant(source, shape)
    )
    yield from problems
    if problems or "constant" in source.fields:
        return
    if not source.text("column"):
        yield source.problem("expected 'column' or 'constant'")
    if shape.kind in ("array", "record", "map"):
        yield source.problem("a list is given by a constant, or by one mapping for each entry")
    if "format" in source.fields and (shape.kind not in ("date", "instant") or not _is_format(source.text("format"))):
        yield source.fields["format"].problem(
            "'format': 'iso' or a format such as '%d.%m.%Y', for dates and instants only"
        )
    for value in source.fields["values"].fields.values() if "values" in source.fields else ():
        yield from _lint_value(value, shape)


def _is_format(text: str) -> bool:
    return text == ISO or "%" in text


def _lint_constant(source: Entry, shape: Shape) -> Iterator[Problem]:
    if set(source.fields) != {"constant"}:
        yield source.problem("a constant stands alone")
    yield from _lint_value(source.fields["constant"], shape)


def _lint_value(value: Entry, shape: Shape) -> Iterator[Problem]:
    try:
        read_value(shape, value.plain(), "value")
    except InvalidLine as error:
        yield value.problem(f"{error.mistake} (texts such as YES, NO and dates need quotes)")


def _lint_entries(source: Entry, shape: Shape) -> Iterator[Problem]:
    if shape.kind != "array" or shape.items is None or shape.items.kind != "record":
        yield source.problem("only a list of records is given entry by entry")
        return
    parts = {field.name: field.shape for field in shape.items.fields}
    for entry in source.items:
        for name, part in entry.fields.items():
            if name in parts:
                yield from _lint_source(part, parts[name])
            else:
                yield part.problem(f"unknown part {name!r}; known: {', '.join(parts)}")
