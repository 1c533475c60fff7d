"""Notes how each run of a step went: a row in the store and a line in the log, neither of which can fail the step."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable

import psycopg

from meilenstein.errors import MeilensteinError
from meilenstein.monitoring.logs import log_fields
from meilenstein.store.database import Connection
from meilenstein.store.step_runs import StepOutcome, StepRunStore
from meilenstein.summary import Summary

__all__ = ["StepRecorder"]

_IDLE_SECONDS = 5.0
"""A run that found nothing to do is noted at most this often per step and process; a failure always."""

_log = logging.getLogger("meilenstein.steps")


class StepRecorder:
    """Runs steps and notes the outcome. One object a process and thread.

    `connect` gives a connection that nothing else uses: what is noted commits apart from what the step did.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        clock: Callable[[], dt.datetime],
        *,
        run_id: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._run_id = run_id
        self._monotonic = monotonic
        self._noted: dict[str, float] = {}
        self._unnoted: Counter[str] = Counter()

    def run(self, name: str, step: Callable[[], Summary]) -> Summary:
        """Run the step and return its summary; what it raises passes on unchanged."""
        started_at, began = self._clock(), self._monotonic()
        try:
            summary = step()
        except Exception as error:
            self._note(name, started_at, began, error=error)
            raise
        self._note(name, started_at, began, summary=summary)
        return summary

    def _note(
        self,
        name: str,
        started_at: dt.datetime,
        began: float,
        *,
        summary: Summary | None = None,
        error: Exception | None = None,
    ) -> None:
        now = self._monotonic()
        self._unnoted[name] += 1
        idle = error is None and not summary
        if idle and now - self._noted.get(name, -_IDLE_SECONDS) < _IDLE_SECONDS:
            return
        outcome = StepOutcome(
            step=name,
            run_id=self._run_id,
            started_at=started_at,
            finished_at=self._clock(),
            seconds=now - began,
            error=type(error).__name__ if error else None,
            counts=summary.counts if summary else {},
            waits=summary.waits if summary else {},
            missing=summary.missing if summary else (),
            runs=self._unnoted[name],
        )
        _tell(outcome, summary)
        if self._write(outcome):
            self._noted[name] = now
            del self._unnoted[name]

    def _write(self, outcome: StepOutcome) -> bool:
        connection: Connection | None = None
        try:
            connection = self._connect()
            StepRunStore(connection).note(outcome)
            connection.commit()
        except (psycopg.Error, MeilensteinError) as error:
            # The driver's text stays out of the log: it may quote values of rows.
            _log.warning("%s: its outcome could not be noted (%s)", outcome.step, type(error).__name__)
            if connection is not None:
                connection.close()
            return False
        return True


def _tell(outcome: StepOutcome, summary: Summary | None) -> None:
    fields = {
        "event": "step",
        "step": outcome.step,
        "run": outcome.run_id,
        "ok": outcome.error is None,
        "seconds": round(outcome.seconds, 3),
        "counts": dict(outcome.counts),
        "waits": dict(outcome.waits),
    }
    if outcome.error is not None:
        fields["error"] = outcome.error
        _log.error("%s failed: %s", outcome.step, outcome.error, extra=log_fields(fields))
    else:
        _log.info("%s", summary, extra=log_fields(fields))
