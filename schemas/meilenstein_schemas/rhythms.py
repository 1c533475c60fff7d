"""How often something is to be expected of each agency: data in `data/rhythms.yaml`, read and checked here."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from meilenstein_schemas.agencies import Directory, load_directory
from meilenstein_schemas.directory_tables import AGENCY_KINDS, DATA_FOLDER
from meilenstein_schemas.tables import Problem, Row, read_rows, refuse

__all__ = ["Rhythms", "lint_rhythms", "load_rhythms", "standard_rhythms"]

_FILE = "rhythms.yaml"
_MOST_DAYS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythms:
    """After how many working days without anything an agency is silent."""

    default: int
    agencies: Mapping[str, int] = field(default_factory=dict)
    """Those that differ from the default."""

    def of(self, agency: str) -> int:
        """Return the working days that may pass without anything from the agency."""
        return self.agencies.get(agency, self.default)


def load_rhythms(directory: Directory, folder: Path = DATA_FOLDER) -> Rhythms:
    """Return the rhythms of all agencies; mistakes raise ConfigurationError with file, line and mistake."""
    rows = read_rows(folder / _FILE)
    refuse(_problems(rows, directory.agencies))
    by_name: dict[str | None, int] = {
        row.values.get("agency") or row.values.get("kind"): row.values["working_days"] for row in rows
    }
    default = by_name.pop(None)
    days = {key: by_name.get(key, by_name.get(agency.kind, default)) for key, agency in directory.agencies.items()}
    return Rhythms(default=default, agencies={key: count for key, count in days.items() if count != default})


@cache
def standard_rhythms() -> Rhythms:
    """Return the rhythms of the agencies that come with this version."""
    return load_rhythms(load_directory())


def lint_rhythms(folder: Path = DATA_FOLDER) -> list[Problem]:
    """Return every mistake in the table below `folder`; empty means it can be loaded."""
    agencies = {str(row.values.get("key")) for row in read_rows(folder / "agencies.yaml")}
    return list(_problems(read_rows(folder / _FILE), agencies))


def _problems(rows: list[Row], agencies: Container[str]) -> Iterator[Problem]:
    seen: set[str | None] = set()
    for row in rows:
        yield from row.check(required={"working_days": int, "origin": str}, optional={"agency": str, "kind": str})
        agency, kind, days = (row.values.get(name) for name in ("agency", "kind", "working_days"))
        if agency and kind:
            yield row.problem("names an agency and a kind; one row is for one of them")
        if agency is not None and agency not in agencies:
            yield row.problem(f"agency {agency!r} is not in the directory")
        if kind is not None and kind not in AGENCY_KINDS:
            yield row.problem(f"unknown kind {kind!r}; known: {', '.join(AGENCY_KINDS)}")
        if isinstance(days, bool) or (isinstance(days, int) and not 1 <= days <= _MOST_DAYS):
            yield row.problem(f"'working_days' is {days!r}; expected 1 to {_MOST_DAYS}")
        if (agency or kind) in seen:
            yield row.problem(f"{agency or kind or 'the default'} has two rows")
        seen.add(agency or kind)
    if None not in seen:
        yield Problem(file=_FILE, line=1, mistake="one row must name neither agency nor kind: the default")
