"""The composition root: the only place that reads settings, opens connections and puts the parts together.

The steps stand here; the parts for stewards and operators, and what all of them share, in `meilenstein.hub`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from meilenstein.audit.trail import AuditTrail
from meilenstein.decoding import decode
from meilenstein.feedback.feedback import Feedback
from meilenstein.feedback.kafka_sender import KafkaSender
from meilenstein.hub.operators import OperatorParts
from meilenstein.hub.stewards import StewardParts
from meilenstein.ingest.drain import Drain
from meilenstein.monitoring.recorder import StepRecorder
from meilenstein.reconciliation.rebuild import Rebuild, RebuildReport
from meilenstein.reconciliation.reconcile import Reconcile
from meilenstein.reconciliation.ticks import Clocks
from meilenstein.settings import Endpoints, Settings, load_endpoints, load_settings
from meilenstein.store.database import retryable
from meilenstein.store.migrate import migrate
from meilenstein.summary import Summary
from meilenstein.validation.gx_engine import warm
from meilenstein.validation.validate import Validate
from meilenstein_connectors.publisher import Publisher
from meilenstein_expectations import check
from meilenstein_schemas.rhythms import load_rhythms

__all__ = ["Hub", "open_hub", "run_step", "utc_now"]


def utc_now() -> dt.datetime:
    """Return the present instant: the one clock that is handed to whatever needs one."""
    return dt.datetime.now(dt.UTC)


class Hub(StewardParts, OperatorParts):
    """The parts of one process, each opened when it is first needed and closed together.

    A Hub belongs to one thread. After a RetryableError, `reset` closes what may be broken; the next call opens anew.
    """

    def __init__(
        self, endpoints: Endpoints, *, clock: Callable[[], dt.datetime] = utc_now, run_id: str | None = None
    ) -> None:
        super().__init__(endpoints, clock=clock, run_id=run_id)
        self._sender: KafkaSender | None = None

    def reset(self) -> None:
        """Close every connection and client."""
        self._sender = None
        super().reset()

    def warm(self) -> None:
        """Import and load now what takes a while, so that the first record need not wait for it."""
        warm()
        decode.warm()
        _ = self.fold

    def drain(self) -> Summary:
        """Run drain once."""
        return Drain(
            connection=self.connection("drain"),
            log=self.log(),
            book=self.book,
            topics=self.topics(),
            linked=self.linked_topics(),
        ).run()

    def validate(self) -> Summary:
        """Run validate once; Great Expectations is imported only if a batch waits."""
        return Validate(
            connection=self.connection("validate"),
            scratch=self.connection("scratch"),
            judge=self.judge,
            registry=self.registry,
            book=self.book,
            directory=self.directory,
            clock=self._clock,
            check=self.registry_check,
        ).run()

    def reconcile(self) -> Summary:
        """Run reconcile once."""
        return Reconcile(connection=self.connection("reconcile"), fold=self.fold, clock=self._clock).run()

    def feedback(self) -> Summary:
        """Run feedback once."""
        if self._sender is None:
            self._sender = KafkaSender(self.transport)
            self._open.callback(self._sender.close)
        return Feedback(connection=self.connection("feedback"), sender=self._sender).run()

    def clocks(self, as_of: dt.date | None = None) -> Summary:
        """Move the day on to `as_of` (default today, Berlin) and touch the cases this changes."""
        connection, rhythms = self.connection("clocks"), load_rhythms(self.directory)
        clocks = Clocks(connection=connection, fold=self.fold, rhythms=rhythms, clock=self._clock)
        return self._recorder.run("clocks", lambda: clocks.run(as_of))

    def clocks_ahead(self, day: dt.date, *, actor: str, reason: str) -> Summary:
        """Move the day on beyond today, which nothing undoes; recorded in the transaction that does it."""
        connection, act, subject = self.connection("clocks"), "clocks.future", f"day:{day}"
        trail = AuditTrail(connection, self._clock)
        with trail.attempt(actor=actor, act=act, subject=subject), retryable("clocks"):
            trail.record(actor=actor, act=act, subject=subject, outcome="DONE", reason=reason)
            return self.clocks(day)

    def step(self, name: str) -> Summary:
        """Run one of the steps by name."""
        steps = {
            "drain": self.drain,
            "validate": self.validate,
            "reconcile": self.reconcile,
            "feedback": self.feedback,
        }
        return self._recorder.run(name, steps[name])

    @cached_property
    def _recorder(self) -> StepRecorder:
        return StepRecorder(lambda: self.connection("record"), self._clock, run_id=self._run_id)

    def rebuild(self, *, keep: bool, progress: Callable[[str, int], None]) -> RebuildReport:
        """Derive events and cases again; `keep=False` only compares."""
        connection = self.connection("rebuild")
        return Rebuild(connection=connection, fold=self.fold, clock=self._clock, progress=progress).run(keep=keep)

    def prepare(self) -> None:
        """Bring a new or older instance to what this code needs: tables, contracts, topics, the first day."""
        if self._endpoints.owner_database_url:
            migrate(self._endpoints.owner_database_url)
        self.apply_contracts()
        self.apply_topics()
        if self.cases().latest_tick() is None:
            self.clocks()

    def publisher(self, agency: str, source_system: str, outbox: Path, *, checked: bool = True) -> Publisher:
        """Return a publisher as a partner system would have it."""
        return Publisher(
            agency=agency,
            source_system=source_system,
            outbox=outbox,
            transport=self.transport,
            registry=self.registry,
            clock=self._clock,
            check=check if checked else None,
        )


def open_hub(settings: Settings | None = None) -> Hub:
    """Return the parts for the instance that the settings name; opens nothing yet."""
    return Hub(load_endpoints(settings or load_settings()))


def run_step(name: str, *, run_id: str | None = None) -> dict[str, object]:
    """Run one step for a scheduler: settings from the environment, the summary as plain values."""
    logging.getLogger("meilenstein").setLevel(logging.INFO)
    with Hub(load_endpoints(load_settings()), run_id=run_id) as hub:
        summary = hub.clocks() if name == "clocks" else hub.step(name)
    return summary.as_json()
