"""Agencies, what they may say, and who sends for whom: effective-dated data in `data/*.yaml`, read and checked here."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.tables import Problem, Row, in_force, overlaps, read_rows, refuse

__all__ = [
    "AGENCY_KINDS",
    "DATA_FOLDER",
    "RANKS",
    "SAXON_DISTRICTS",
    "Agency",
    "Agreement",
    "AuthorityRow",
    "ClaimRight",
    "Directory",
    "lint_directory",
    "load_directory",
]

DATA_FOLDER = Path(__file__).parent / "data"
AGENCY_KINDS = ("ZEFAS", "RECOGNITION_BODY", "WELCOME_CENTER", "FOREIGNERS_OFFICE", "LABOUR_AGENCY", "TECHNICAL_SENDER")
RANKS = ("AUTHORITATIVE", "INFORMATIVE", "FORBIDDEN")
REFERENCE_KINDS = ("CASE", "PROCEDURE", "REFERRAL", "MANDATE", "TITLE")
SAXON_DISTRICTS = (
    "14511", "14521", "14522", "14523", "14524", "14612", "14625", "14626", "14627", "14628", "14713", "14729", "14730",
)  # fmt: skip
_KEY = re.compile(r"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_ALL = "ALL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A public body that takes part, or a technical sender that acts for some."""

    key: str
    kind: str
    name_de: str
    name_en: str
    districts: tuple[str, ...]
    """AGS of the districts it serves; empty means the whole Land."""
    origin: str
    """`sourced` where a public source names it, `example` where it stands in for one."""
    valid_from: dt.date
    valid_until: dt.date | None
    late_after_days: int
    """A report that was recorded more days after the fact than this is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRow:
    """What an agency of a kind may say with an event type, from when until when."""

    kind: str
    event: str
    rank: str
    valid_from: dt.date
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRight:
    """Agencies of this kind may join a case by naming another agency's identifier of the given kind."""

    kind: str
    reference_kind: str
    valid_from: dt.date
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A sender may publish for a publisher; every agency may publish for itself without a row."""

    sender: str
    publisher: str
    events: tuple[str, ...]
    """Event types that are covered; empty means all."""
    valid_from: dt.date
    valid_until: dt.date | None


@dataclass(frozen=True)
class Directory:
    """All agencies with their rights; one version of the registry data."""

    agencies: Mapping[str, Agency]
    authority: tuple[AuthorityRow, ...]
    claim_rights: tuple[ClaimRight, ...]
    agreements: tuple[Agreement, ...]
    version: str
    """First 12 hex digits of the SHA-256 over the files; recorded with each verdict."""

    @cached_property
    def _ranks(self) -> Mapping[tuple[str, str], list[AuthorityRow]]:
        ranks: dict[tuple[str, str], list[AuthorityRow]] = {}
        for row in self.authority:
            ranks.setdefault((row.kind, row.event), []).append(row)
        return ranks

    @cached_property
    def _agreements(self) -> Mapping[tuple[str, str], list[Agreement]]:
        pairs: dict[tuple[str, str], list[Agreement]] = {}
        for row in self.agreements:
            pairs.setdefault((row.sender, row.publisher), []).append(row)
        return pairs

    def rank(self, publisher: str, event: str, day: dt.date) -> str:
        """Return what `publisher` may say with `event` about `day`: a rank; FORBIDDEN where no row says otherwise."""
        agency = self.agencies.get(publisher)
        if agency is None or not in_force(agency.valid_from, agency.valid_until, day):
            return "FORBIDDEN"
        for row in self._ranks.get((agency.kind, event), ()):
            if in_force(row.valid_from, row.valid_until, day):
                return row.rank
        return "FORBIDDEN"

    def may_send(self, sender: str, publisher: str, event: str, day: dt.date) -> bool:
        """Say whether `sender` may publish `event` for `publisher` on `day`; everybody may for itself."""
        if sender == publisher:
            return True
        return any(
            in_force(row.valid_from, row.valid_until, day) and (not row.events or event in row.events)
            for row in self._agreements.get((sender, publisher), ())
        )

    def may_claim(self, publisher: str, reference_kind: str, day: dt.date) -> bool:
        """Say whether the publisher's kind may join a case by naming an identifier of that kind."""
        agency = self.agencies.get(publisher)
        return agency is not None and any(
            row.kind == agency.kind
            and row.reference_kind == reference_kind
            and in_force(row.valid_from, row.valid_until, day)
            for row in self.claim_rights
        )

    def kind(self, key: str) -> str | None:
        """Return the kind of an agency, or None for an unknown key."""
        agency = self.agencies.get(key)
        return agency.kind if agency else None

    def keys(self, kind: str | None = None) -> list[str]:
        """Return the keys of all agencies, or of one kind, in order."""
        return sorted(key for key, agency in self.agencies.items() if kind in {None, agency.kind})


_SPAN: Mapping[str, type] = {"from": dt.date}
_UNTIL: Mapping[str, type] = {"until": dt.date}
_FIELDS: Mapping[str, tuple[Mapping[str, type], Mapping[str, type]]] = {
    "agencies.yaml": (
        {"key": str, "kind": str, "name_de": str, "name_en": str, "origin": str, **_SPAN},
        {"districts": list, "late_after_days": int, **_UNTIL},
    ),
    "authority.yaml": ({"kind": str, "event": str, "rank": str, **_SPAN}, _UNTIL),
    "claims.yaml": ({"kind": str, "reference_kind": str, **_SPAN}, _UNTIL),
    "agreements.yaml": ({"sender": str, "publisher": str, "events": list, **_SPAN}, _UNTIL),
}


def lint_directory(folder: Path = DATA_FOLDER) -> list[Problem]:
    """Return every mistake in the four tables below `folder`; empty means they can be loaded."""
    rows = {name: read_rows(folder / name) for name in _FIELDS}
    problems = [
        problem
        for name, (required, optional) in _FIELDS.items()
        for row in rows[name]
        for problem in row.check(required=required, optional=optional)
    ]
    if problems:  # what follows relies on the fields being there
        return problems
    keys = {row.values["key"] for row in rows["agencies.yaml"]}
    problems.extend(_agency_problems(rows["agencies.yaml"]))
    problems.extend(_right_problems(rows["authority.yaml"], rows["claims.yaml"]))
    problems.extend(_agreement_problems(rows["agreements.yaml"], keys))
    for table in rows.values():
        problems.extend(_span_problems(table))
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def _agency_problems(rows: list[Row]) -> Iterator[Problem]:
    seen: set[str] = set()
    for row in rows:
        key, districts = row.values["key"], row.values.get("districts") or []
        if not _KEY.match(key):
            yield row.problem(f"key {key!r} is not lower-case words joined by hyphens")
        if key in seen:
            yield row.problem(f"agency {key!r} is listed twice")
        seen.add(key)
        if row.values["kind"] not in AGENCY_KINDS:
            yield row.problem(f"unknown kind {row.values['kind']!r}; known: {', '.join(AGENCY_KINDS)}")
        if row.values["origin"] not in {"sourced", "example"}:
            yield row.problem(f"origin {row.values['origin']!r} is neither 'sourced' nor 'example'")
        for ags in districts:
            if ags not in SAXON_DISTRICTS:
                yield row.problem(f"district {ags!r} is no Saxon AGS (5 digits, quoted)")


def _right_problems(authority: list[Row], claims: list[Row]) -> Iterator[Problem]:
    contracts = load_contracts()
    for row in [*authority, *claims]:
        if row.values["kind"] not in AGENCY_KINDS:
            yield row.problem(f"unknown kind {row.values['kind']!r}; known: {', '.join(AGENCY_KINDS)}")
    for row in authority:
        if row.values["event"] not in contracts:
            yield row.problem(f"unknown event type {row.values['event']!r}")
        if row.values["rank"] not in RANKS:
            yield row.problem(f"unknown rank {row.values['rank']!r}; known: {', '.join(RANKS)}")
    for row in claims:
        if row.values["reference_kind"] not in REFERENCE_KINDS:
            yield row.problem(f"unknown reference kind {row.values['reference_kind']!r}")
    yield from _ambiguous_rights([*authority, *claims])


def _ambiguous_rights(rows: list[Row]) -> Iterator[Problem]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        right = row.values.get("event") or row.values["reference_kind"]
        groups.setdefault((row.file, row.values["kind"], right), []).append(row)
    for (_, kind, right), same in groups.items():
        if overlaps((row.values["from"], row.values.get("until")) for row in same):
            yield same[-1].problem(f"two rows for {kind} and {right} are in force on the same day")


def _agreement_problems(rows: list[Row], keys: set[str]) -> Iterator[Problem]:
    contracts = load_contracts()
    for row in rows:
        for side in ("sender", "publisher"):
            if row.values[side] not in keys:
                yield row.problem(f"{side} {row.values[side]!r} is no agency of agencies.yaml")
        if row.values["sender"] == row.values["publisher"]:
            yield row.problem("an agency needs no agreement with itself")
        for event in row.values["events"]:
            if event != _ALL and event not in contracts:
                yield row.problem(f"unknown event type {event!r}; use a name of schemas/ or {_ALL}")


def _span_problems(rows: list[Row]) -> Iterator[Problem]:
    for row in rows:
        until = row.values.get("until")
        if until is not None and until < row.values["from"]:
            yield row.problem(f"ends on {until}, before it begins on {row.values['from']}")


def load_directory(folder: Path = DATA_FOLDER) -> Directory:
    """Return the registry data of `folder`; mistakes raise ConfigurationError with file, line and mistake."""
    refuse(lint_directory(folder))
    digest = hashlib.sha256()
    for name in sorted(_FIELDS):
        digest.update((folder / name).read_bytes())
    rows = {name: [row.values for row in read_rows(folder / name)] for name in _FIELDS}
    return Directory(
        agencies={
            row["key"]: Agency(
                key=row["key"],
                kind=row["kind"],
                name_de=row["name_de"],
                name_en=row["name_en"],
                districts=tuple(row.get("districts") or ()),
                origin=row["origin"],
                valid_from=row["from"],
                valid_until=row.get("until"),
                late_after_days=row.get("late_after_days") or 30,
            )
            for row in rows["agencies.yaml"]
        },
        authority=tuple(
            AuthorityRow(
                kind=row["kind"],
                event=row["event"],
                rank=row["rank"],
                valid_from=row["from"],
                valid_until=row.get("until"),
            )
            for row in rows["authority.yaml"]
        ),
        claim_rights=tuple(
            ClaimRight(
                kind=row["kind"],
                reference_kind=row["reference_kind"],
                valid_from=row["from"],
                valid_until=row.get("until"),
            )
            for row in rows["claims.yaml"]
        ),
        agreements=tuple(
            Agreement(
                sender=row["sender"],
                publisher=row["publisher"],
                events=() if _ALL in row["events"] else tuple(row["events"]),
                valid_from=row["from"],
                valid_until=row.get("until"),
            )
            for row in rows["agreements.yaml"]
        ),
        version=digest.hexdigest()[:12],
    )
