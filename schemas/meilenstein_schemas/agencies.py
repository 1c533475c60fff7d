"""Agencies, what they may say, and who sends for whom: effective-dated data in `data/*.yaml`, read and checked here."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from meilenstein_schemas.directory_lint import ALL_EVENTS, DATA_FOLDER, DIRECTORY_FILES, lint_directory
from meilenstein_schemas.tables import in_force, read_rows, refuse

__all__ = [
    "Agency",
    "Agreement",
    "AuthorityRow",
    "ClaimRight",
    "Directory",
    "load_directory",
]

LATE_AFTER_DAYS = 30
"""Where a row does not say otherwise."""


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


def load_directory(folder: Path = DATA_FOLDER) -> Directory:
    """Return the registry data of `folder`; mistakes raise ConfigurationError with file, line and mistake."""
    refuse(lint_directory(folder))
    digest = hashlib.sha256()
    for name in sorted(DIRECTORY_FILES):
        digest.update((folder / name).read_bytes())
    rows = {name: [row.values for row in read_rows(folder / name)] for name in DIRECTORY_FILES}
    return Directory(
        agencies={row["key"]: _agency(row) for row in rows["agencies.yaml"]},
        authority=tuple(
            AuthorityRow(event=row["event"], rank=row["rank"], **_span(row)) for row in rows["authority.yaml"]
        ),
        claim_rights=tuple(
            ClaimRight(reference_kind=row["reference_kind"], **_span(row)) for row in rows["claims.yaml"]
        ),
        agreements=tuple(_agreement(row) for row in rows["agreements.yaml"]),
        version=digest.hexdigest()[:12],
    )


def _span(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": row["kind"], "valid_from": row["from"], "valid_until": row.get("until")}


def _agency(row: Mapping[str, Any]) -> Agency:
    return Agency(
        key=row["key"],
        name_de=row["name_de"],
        name_en=row["name_en"],
        districts=tuple(row.get("districts") or ()),
        origin=row["origin"],
        late_after_days=row.get("late_after_days") or LATE_AFTER_DAYS,
        **_span(row),
    )


def _agreement(row: Mapping[str, Any]) -> Agreement:
    return Agreement(
        sender=row["sender"],
        publisher=row["publisher"],
        events=() if ALL_EVENTS in row["events"] else tuple(row["events"]),
        valid_from=row["from"],
        valid_until=row.get("until"),
    )
