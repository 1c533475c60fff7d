"""Contracts in the registry and in the archive: `meilenstein contracts apply`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from meilenstein.errors import ConfigurationError
from meilenstein.store.database import Connection
from meilenstein.store.schema_book import SchemaBook
from meilenstein_connectors.errors import RegistryUnavailable
from meilenstein_connectors.schema_lint import lint_writer_schema
from meilenstein_schemas.contracts import Contract

__all__ = ["AppliedContract", "ContractRegistry", "apply_contracts", "lint_contracts"]


class ContractRegistry(Protocol):
    """What applying contracts asks of the registry."""

    def latest(self, subject: str) -> str | None:
        """Return the newest schema text of a subject, or None."""

    def register(self, subject: str, text: str) -> int:
        """Register a text and return its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedContract:
    """A contract that is registered and archived."""

    name: str
    version: int
    state: str
    schema_id: int
    changed: bool
    """Whether the registry did not have this text before."""


def lint_contracts(contracts: Iterable[Contract]) -> list[str]:
    """Return every mistake in the event schemas, each naming the event; empty means they may be applied."""
    problems: list[str] = []
    for contract in contracts:
        problems.extend(f"{contract.name}: {problem}" for problem in lint_writer_schema(dict(contract.schema)))
        problems.extend(f"{contract.name}: {problem}" for problem in _default_problems(contract))
        missing = {"de", "en"} - set(contract.label)
        if missing:
            problems.append(f"{contract.name}: label in {', '.join(sorted(missing))} is missing")
    return problems


_WITHOUT_DEFAULT = frozenset({"event_id", "publisher", "source_system", "case_reference", "occurred_on"})


def _default_problems(contract: Contract) -> Iterable[str]:
    for field in contract.schema["fields"]:
        yield from _field_problems(field["name"], field["type"], field)


def _field_problems(name: str, kind: Any, field: Mapping[str, Any]) -> Iterable[str]:
    if ("default" in field) == (name in _WITHOUT_DEFAULT):
        yield f"field {name}: {'must not' if name in _WITHOUT_DEFAULT else 'must'} have a default"
    if isinstance(kind, dict) and kind.get("type") == "enum":
        defaults = {kind.get("default"), field.get("default"), kind["symbols"][0]}
        if defaults != {"UNKNOWN"}:
            yield f"field {name}: symbol default and field default of an enum must be UNKNOWN, its first symbol"
    if isinstance(kind, list) and (len(kind) != 2 or kind[0] != "null" or field.get("default", ...) is not None):
        yield f"field {name}: only unions [null, T] with default null are allowed"
    if not field.get("doc"):
        yield f"field {name}: doc is missing"


def apply_contracts(
    contracts: Mapping[str, Contract], *, registry: ContractRegistry, connection: Connection, book: SchemaBook
) -> list[AppliedContract]:
    """Register every contract and archive it under its id; safe to repeat.

    A draft that no longer reads what was registered before is refused: this home holds events of the older draft.
    """
    problems = lint_contracts(contracts.values())
    if problems:
        raise ConfigurationError("schemas/: " + "; ".join(problems))
    applied = []
    for contract in contracts.values():
        before = _answered(partial(registry.latest, contract.full_name))
        if before is not None and not _reads(contract, before):
            raise ConfigurationError(
                f"contract {contract.name} changed incompatibly since this home was made: "
                "run `meilenstein down --wipe`, then `meilenstein up` (this deletes the home's data)"
            )
        changed = before is None or json.loads(before) != contract.schema
        schema_id = _answered(partial(registry.register, contract.full_name, contract.text))
        book.learn(connection, schema_id, contract.text)
        applied.append(
            AppliedContract(
                name=contract.name,
                version=contract.version,
                state=contract.state,
                schema_id=schema_id,
                changed=changed,
            )
        )
    connection.commit()
    return applied


_Answer = TypeVar("_Answer")


def _answered(ask: Callable[[], _Answer]) -> _Answer:
    """Ask once more where no answer came: a registry that has just started leaves one of many questions open.

    Both questions may be repeated; a registry that is gone answers neither.
    """
    try:
        return ask()
    except RegistryUnavailable:
        return ask()


def _reads(contract: Contract, before: str) -> bool:
    """Say whether the contract can read what was written with an earlier text: same fields, or more with defaults."""
    ours = {field["name"]: field for field in contract.schema["fields"]}
    theirs: dict[str, Any] = {field["name"]: field for field in json.loads(before)["fields"]}
    kept = all(name in ours and _type(ours[name]) == _type(field) for name, field in theirs.items())
    return kept and all("default" in field for name, field in ours.items() if name not in theirs)


def _type(field: Mapping[str, Any]) -> Any:
    """Return the type with its default, without documentation."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(part) for name, part in value.items() if name != "doc"}
        return [bare(part) for part in value] if isinstance(value, list) else value

    return bare(field["type"]), field.get("default", ...)
