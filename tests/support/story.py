"""The example case and other files of agencies, published and worked off step by step on a real instance."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.support.instance import TEST_DAY

from meilenstein.bootstrap import Hub
from meilenstein.simulate.example_case import complete_body, example_case
from meilenstein.summary import STEPS
from meilenstein_connectors.inbox import Inbox
from meilenstein_connectors.replies import CaseUpdate

__all__ = ["START", "Story", "Told", "told"]

START = TEST_DAY - dt.timedelta(days=150)
Told = tuple[str, int, str, str | None]
"""Which case (by the order in which the recipient met its key), version, state, change."""

Step = tuple[str, str, dict[str, Any]]


class Story:
    """Publishes events as partner systems do, and runs the four steps."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub = hub
        self._folder = folder
        self._count = 0

    def example(self, first: int, last: int, *, without: Sequence[str] = ()) -> None:
        """Publish steps of the example case; the publishers in `without` name nobody's references."""
        steps = [event for step in example_case(START)[first - 1 : last] for event in step.events]
        self.publish(
            (sender, kind, {**body, "references": []} if sender in without else body) for sender, kind, body in steps
        )

    def event(self, kind: str, agency: str, file: str, day: int, **fields: Any) -> Step:
        """Return an event of an agency's own file, `day` days after the start."""
        self._count += 1
        on = START + dt.timedelta(days=day)
        references = [{"agency": a, "kind": k, "reference": r} for a, k, r in fields.pop("references", ())]
        body = {
            "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"story/{self._count}")),
            "publisher": agency,
            "source_system": "story",
            "subject_kind": "PERSON",
            "case_reference": file,
            "references": references,
            "occurred_on": on,
            "recorded_at": dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC),
            "district_ags": "14612",
            "legal_route": "REGULAR",
            **fields,
        }
        return agency, kind, complete_body(kind, body)

    def publish(self, events: Iterable[Step]) -> None:
        """Publish events, those of each sender in order, and run the four steps."""
        by_sender: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = {}
        for sender, kind, body in events:
            by_sender.setdefault((sender, body["source_system"]), []).append((kind, body))
        for (sender, system), own in by_sender.items():
            with self.hub.publisher(sender, system, self._folder / f"{sender}-{system}.sqlite") as publisher:
                publisher.add_many(own)
                publisher.send(60).require_all()
        self.run()

    def run(self) -> None:
        """Run the four steps."""
        for name in STEPS:
            self.hub.step(name)

    def inbox(self, agency: str) -> Inbox:
        """Return an agency's inbox."""
        return Inbox(agency=agency, transport=self.hub.transport, state=self._folder / f"{agency}-inbox.sqlite")


def told(updates: Iterable[CaseUpdate], keys: list[str]) -> list[Told]:
    """Return what a recipient was told in short; `keys` collects the keys it has met."""
    short = []
    for update in updates:
        if update.key not in keys:
            keys.append(update.key)
        short.append((f"case {keys.index(update.key) + 1}", update.version, update.state, update.change))
    return short
