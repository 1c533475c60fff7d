"""Agencies, what they may say, and who sends for whom: effective-dated data in `data/*.yaml`, read and checked here."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from meilenstein_schemas.directory_lint import lint_tables
from meilenstein_schemas.directory_tables import (
    ALL,
    DATA_FOLDER,
    DIRECTORY_FILES,
    HOME_LAND,
    KINDS_WITHOUT_CASES,
    read_tables,
)
from meilenstein_schemas.registry_rows import Competence, District, Fallback, Offer, Service, Switch, registry_of
from meilenstein_schemas.rights import RankSpan, offered, presence, rank_spans
from meilenstein_schemas.spans import contains
from meilenstein_schemas.tables import in_force, refuse

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
    land: str = HOME_LAND
    """ISO 3166-2 without the leading DE-."""
    operator: str | None = None
    """Who runs it, where that is somebody else."""
    source: str | None = None
    """The public source that names it."""
    switch: str | None = None
    """It takes part only while this switch is on."""


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
    of_other_land: bool
    """Only identifiers of agencies of another Land."""
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
    districts: Mapping[str, District] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()
    switches: Mapping[str, Switch] = field(default_factory=dict)
    competences: tuple[Competence, ...] = ()

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str], list[AuthorityRow]]:
        rows: dict[tuple[str, str], list[AuthorityRow]] = {}
        for row in self.authority:
            rows.setdefault((row.kind, row.event), []).append(row)
        return rows

    @cached_property
    def _ranks(self) -> dict[tuple[str, str], list[RankSpan]]:
        """Filled as pairs of publisher and event type are asked for."""
        return {}

    @cached_property
    def _agreements(self) -> Mapping[tuple[str, str], list[Agreement]]:
        pairs: dict[tuple[str, str], list[Agreement]] = {}
        for row in self.agreements:
            pairs.setdefault((row.sender, row.publisher), []).append(row)
        return pairs

    @cached_property
    def senders(self) -> frozenset[str]:
        """The agencies that may send something on some day: they need a topic of milestones and one of replies."""
        events = {row.event for row in self.authority}
        events.update(one for switch in self.switches.values() for change in switch.rights for one in change.begins)
        carriers = {row.sender for row in self.agreements}
        return frozenset(
            key
            for key, agency in self.agencies.items()
            if presence(agency, self)
            and (
                agency.kind == "TECHNICAL_SENDER"
                or key in carriers
                or any(rank != "FORBIDDEN" for event in events for _, rank in self._spans(key, event))
            )
        )

    @cached_property
    def recipients(self) -> frozenset[str]:
        """The agencies that may be told of a case: those that need a topic of cases."""
        return frozenset(key for key in self.senders if self.agencies[key].kind not in KINDS_WITHOUT_CASES)

    def _spans(self, publisher: str, event: str) -> list[RankSpan]:
        found = self._ranks.get((publisher, event))
        if found is None:
            agency = self.agencies.get(publisher)
            if agency is None:
                return []  # not kept: there is no end of names that nobody has
            found = rank_spans(agency, event, self._rows.get((agency.kind, event), ()), self)
            self._ranks[publisher, event] = found
        return found

    def rank(self, publisher: str, event: str, day: dt.date) -> str:
        """Return what `publisher` may say with `event` about `day`: a rank; FORBIDDEN where no row says otherwise.

        Switches of organisation and the services that a Welcome Center offers are part of the answer.
        """
        for (first, last), rank in self._spans(publisher, event):
            if first <= day <= last:
                return rank
        return "FORBIDDEN"

    def takes_part(self, key: str, day: dt.date) -> bool:
        """Say whether the agency takes part on `day`: in force, and its switch on."""
        agency = self.agencies.get(key)
        return agency is not None and contains(presence(agency, self), day)

    def offers_for(self, center: str, event: str, day: dt.date) -> bool:
        """Say whether a Welcome Center offers on `day` a service that the event type belongs to; `rank` asks too."""
        return contains(offered(center, event, self), day)

    def may_send(self, sender: str, publisher: str, event: str, day: dt.date) -> bool:
        """Say whether `sender` may publish `event` for `publisher` on `day`; everybody may for itself."""
        if sender == publisher:
            return True
        return any(
            in_force(row.valid_from, row.valid_until, day) and (not row.events or event in row.events)
            for row in self._agreements.get((sender, publisher), ())
        )

    def acts_for(self, sender: str, publisher: str) -> bool:
        """Say whether `sender` may publish anything for `publisher`, on whatever day; everybody may for itself."""
        return sender == publisher or (sender, publisher) in self._agreements

    def may_claim(self, publisher: str, reference_kind: str, day: dt.date, *, owner: str | None = None) -> bool:
        """Say whether the publisher's kind may join a case by naming an identifier of that kind, of that owner."""
        agency, other = self.agencies.get(publisher), self.agencies.get(owner or "")
        return agency is not None and any(
            row.kind == agency.kind
            and row.reference_kind == reference_kind
            and (not row.of_other_land or (other is not None and other.land != agency.land))
            and in_force(row.valid_from, row.valid_until, day)
            for row in self.claim_rights
        )

    def kind(self, key: str) -> str | None:
        """Return the kind of an agency, or None for an unknown key."""
        agency = self.agencies.get(key)
        return agency.kind if agency else None

    def keys(self, kind: str | None = None, *, land: str | None = None) -> list[str]:
        """Return the keys of all agencies, or those of one kind, of one Land, in order."""
        return sorted(
            key for key, agency in self.agencies.items() if kind in {None, agency.kind} and land in {None, agency.land}
        )


def load_directory(folder: Path = DATA_FOLDER) -> Directory:
    """Return the registry data of `folder`; mistakes raise ConfigurationError with file, line and mistake."""
    tables = read_tables(folder)
    refuse(lint_tables(tables))
    digest = hashlib.sha256()
    for name in sorted(DIRECTORY_FILES):
        digest.update((folder / name).read_bytes())
    rows = {name: [row.values for row in table] for name, table in tables.items()}
    return Directory(
        agencies={row["key"]: _agency(row) for row in rows["agencies.yaml"]},
        authority=tuple(
            AuthorityRow(event=row["event"], rank=row["rank"], **_span(row)) for row in rows["authority.yaml"]
        ),
        claim_rights=tuple(
            ClaimRight(
                reference_kind=row["reference_kind"], of_other_land=row.get("of_other_land", False), **_span(row)
            )
            for row in rows["claims.yaml"]
        ),
        agreements=tuple(_agreement(row) for row in rows["agreements.yaml"]),
        version=digest.hexdigest()[:12],
        **registry_of(tables),
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
        land=row.get("land") or HOME_LAND,
        operator=row.get("operator"),
        source=row.get("source"),
        switch=row.get("switch"),
        **_span(row),
    )


def _agreement(row: Mapping[str, Any]) -> Agreement:
    return Agreement(
        sender=row["sender"],
        publisher=row["publisher"],
        events=() if ALL in row["events"] else tuple(row["events"]),
        valid_from=row["from"],
        valid_until=row.get("until"),
    )
