"""The long way: a month through SDK, Kafka and all steps of an instance that belongs to the evaluation."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from meilenstein.bench.emptying import forget_records, forget_rows, owner_url
from meilenstein.bootstrap import Hub
from meilenstein.evaluation.observation import UNDETERMINED, FoundClock, FoundFinding, Observation, case_named
from meilenstein.settings import Endpoints
from meilenstein.simulate.publishing import TransportRawSender, installations, publish
from meilenstein.simulate.records import Via
from meilenstein.simulate.simulation import Simulation
from meilenstein.simulate.truth_cases import File
from meilenstein_expectations import check

__all__ = ["Instance"]

_LONG_SILENT = dt.timedelta(days=200)


class Instance:
    """A running instance that is emptied before every month."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    def run(self, simulation: Simulation) -> Observation:
        """Publish a month, let every step work it off, and return what stands there at the end of its last day."""
        with Hub(self._endpoints) as hub:
            before = simulation.until - dt.timedelta(days=hub.fold.rules.parking_days + 1)
            forget_records(self._endpoints)
            forget_rows(self._endpoints)
            hub.apply_topics()
            hub.clocks(before)
            self._publish(hub, simulation)
            _work(hub, "drain", "validate")
            hub.clocks(before)  # from this day on it is known which numbers are missing
            if simulation.silent:
                self._grow_silent(simulation.silent)
            hub.clocks(simulation.until)
            _work(hub, "reconcile", "feedback")
            balance = hub.balance()
        fates = {name.upper(): count for name, count in balance.fates.items()}
        return self._observed(simulation, {**fates, **balance.reasons})

    def _owner(self) -> psycopg.Connection[Any]:
        return psycopg.connect(owner_url(self._endpoints), autocommit=True, options="-c search_path=meilenstein")

    def _publish(self, hub: Hub, simulation: Simulation) -> None:
        raw = TransportRawSender(hub.transport)
        lost = [record.event_id or "" for record in simulation.records if record.via is Via.LOST]
        with tempfile.TemporaryDirectory(prefix="meilenstein-evaluate-") as folder:
            try:
                publish(
                    simulation,
                    publishers=installations(
                        Path(folder), transport=hub.transport, registry=hub.registry, check=check, lost=lost
                    ),
                    raw=raw,
                    registry=hub.registry,
                )
            finally:
                raw.close()

    def _grow_silent(self, agencies: tuple[str, ...]) -> None:
        """Let everything that came from some agencies have come long ago."""
        with self._owner() as connection:
            connection.execute("alter table journal disable trigger append_only")
            for agency in agencies:
                values = {"span": _LONG_SILENT, "agency": agency, "topic": f"milestones.{agency}"}
                connection.execute(
                    "update source_sequence set seen_at = seen_at - %(span)s, accepted_at = accepted_at - %(span)s "
                    "where publisher = %(agency)s",
                    values,
                )
                connection.execute(
                    "update journal set received_at = received_at - %(span)s where topic = %(topic)s", values
                )
            connection.execute("alter table journal enable trigger append_only")

    def _observed(self, simulation: Simulation, fates: dict[str, int]) -> Observation:
        with self._owner() as connection:
            files: dict[UUID, set[File]] = defaultdict(set)
            for case_id, publisher, reference in connection.execute(
                "select m.case_id, f.publisher, f.case_reference "
                "from case_member m join case_file f on f.id = m.file_id"
            ):
                files[case_id].add((publisher, reference))
            names = {case_id: case_named(members, simulation.truth.cases) for case_id, members in files.items()}
            findings = {
                FoundFinding(names[case_id], code, about): str(severity)
                for case_id, code, about, severity in connection.execute(
                    "select case_id, code, about, severity from finding"
                )
            }
            sources = {
                FoundFinding("", code, about): str(severity)
                for code, about, severity in connection.execute("select code, about, severity from source_finding")
            }
            clocks = {
                (names[case_id], clock, about): FoundClock(start, due, state, stopped)
                for case_id, clock, about, start, due, state, stopped in connection.execute(
                    "select case_id, clock_id, about, starts_on, due_on, state, stopped_on from clock "
                    "where not state = any(%s)",
                    (list(UNDETERMINED),),
                )
            }
        return Observation(
            findings={**findings, **sources},
            clocks=clocks,
            cases=[frozenset(members) for members in files.values()],
            fates=fates,
        )


def _work(hub: Hub, *steps: str) -> None:
    """Run steps until none of them finds anything to do."""
    while sum(bool(hub.step(name)) for name in steps):
        pass
