"""The facts of one case as somebody with all its papers on one desk would sort them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from meilenstein.simulate.records import SimRecord

__all__ = ["Fact", "Facts"]

Fact = tuple[str, Mapping[str, Any]]
"""Event type and body."""


@dataclass(frozen=True)
class Facts:
    """What counts in one case, in the order of its days."""

    all: tuple[Fact, ...]

    @classmethod
    def of(cls, records: Iterable[SimRecord]) -> Facts:
        """Sort the records that state a fact about a person."""
        told = [
            (record.event_type, record.body)
            for record in records
            if record.body is not None and record.event_type is not None and record.body["subject_kind"] == "PERSON"
        ]
        return cls(
            tuple(sorted(told, key=lambda fact: (fact[1]["occurred_on"], fact[1]["publisher"], fact[1]["event_id"])))
        )

    @cached_property
    def by_type(self) -> Mapping[str, list[Mapping[str, Any]]]:
        """The bodies of each event type."""
        sorted_in: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for event_type, body in self.all:
            sorted_in[event_type].append(body)
        return dict(sorted_in)

    def of_type(self, *types: str) -> list[Mapping[str, Any]]:
        """Return the bodies of some event types."""
        return [body for name in types for body in self.by_type.get(name, ())]

    def days(self, *types: str, **facts: Any) -> list[dt.date]:
        """Return the days of the events of some types whose fields have the given values."""
        return [
            body["occurred_on"]
            for body in self.of_type(*types)
            if all(body.get(name) == value for name, value in facts.items())
        ]

    def procedures(self) -> dict[tuple[str, str], Facts]:
        """Return the facts of each procedure, by body and reference."""
        grouped: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for event_type, body in self.all:
            if body.get("procedure_reference") and event_type != "LicenceGranted":
                grouped[body["publisher"], body["procedure_reference"]].append((event_type, body))
        return {key: Facts(tuple(found)) for key, found in sorted(grouped.items())}

    def titles(self) -> dict[tuple[str, str], Facts]:
        """Return the facts of each residence title, by office and reference; whoever names it talks about it."""
        grouped: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for event_type, body in self.all:
            named = [(item["agency"], item["reference"]) for item in body["references"] if item["kind"] == "TITLE"]
            if body.get("title_reference"):
                named = [(body["publisher"], body["title_reference"])]
            for key in named:
                grouped[key].append((event_type, body))
        return {key: Facts(tuple(found)) for key, found in sorted(grouped.items())}

    @cached_property
    def fast_track_on(self) -> dt.date | None:
        """The day of the agreement on the fast track."""
        return min(self.days("FastTrackAgreementConcluded"), default=None)

    def handed_over(self, agency: str) -> list[dt.date]:
        """Return the days on which the agency handed the case over to another Land or district."""
        return self.days("CaseTransferred", publisher=agency)
