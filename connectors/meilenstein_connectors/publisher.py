"""Publish milestones: check, keep, send, and know that they arrived.

`add` checks an event and keeps it in the outbox; it needs no network. `send` hands everything that waits to the broker
and marks what the broker confirmed. Whatever fails in between, an event is sent again under the same event id until it
is confirmed; the hub takes it once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from meilenstein_connectors.clock import Clock, utc_now
from meilenstein_connectors.cloud_events import headers_of
from meilenstein_connectors.codec import contract_schema, encode, frame
from meilenstein_connectors.errors import (
    ContractNotRegistered,
    MeilensteinError,
    NotAcknowledged,
    RefusedByBroker,
    RetryableError,
    UnknownSchema,
)
from meilenstein_connectors.outbox import Outbox, OutboxCounts, Prepared, Taken, Waiting
from meilenstein_connectors.preparation import Check, Event, Preparation, rules_check
from meilenstein_connectors.registry_client import SchemaIds
from meilenstein_connectors.state import StateFile
from meilenstein_connectors.transport import Ack, Delivery, Producer, Transport
from meilenstein_schemas.contracts import NAMESPACE, load_contracts

__all__ = ["Check", "Event", "Publisher", "SendReport"]

WINDOW = 1000
"""Events that are under way at once."""
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """What one call of `send` did."""

    sent: int
    """Events that the broker confirmed in this call."""
    waiting: int
    """Events that still wait in the outbox."""
    error: RetryableError | None
    """Why some wait; None if none does."""

    def require_all(self) -> Self:
        """Return itself, or raise the error that kept events waiting."""
        if self.waiting:
            raise self.error or NotAcknowledged(f"{self.waiting} events wait in the outbox; call send again")
        return self


class Publisher:
    """Publishes the events of one source system of one agency; use one object a process."""

    def __init__(
        self,
        *,
        agency: str,
        source_system: str,
        outbox: Path,
        transport: Transport,
        registry: SchemaIds,
        publisher: str | None = None,
        source_epoch: int | None = None,
        check: Check | None = rules_check,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open the outbox file; no network is used before `send`.

        `agency` owns the topic `milestones.<agency>`; `publisher` (default: the agency) is responsible for events that
        name none. `check` are the rules that events must pass beside their contract (default: those of the hub); None
        checks the contract alone.
        """
        self.agency = agency
        self.source_system = source_system
        self.topic = f"milestones.{agency}"
        self._preparation = Preparation(
            agency=agency, source_system=source_system, publisher=publisher, check=check, clock=clock
        )
        self._transport = transport
        self._registry = registry
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._state = StateFile(outbox)
        self._state.claim({"agency": agency, "source_system": source_system})
        self._outbox = Outbox(self._state, epoch=source_epoch)
        self._producer: Producer | None = None
        self._ids: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self, event: Event, *, event_id: str | None = None) -> Prepared:
        """Check an event without taking it; raises InvalidEvent with everything that keeps it from being taken."""
        return self._preparation.prepare(event, event_id=event_id)

    def add(self, event: Event, *, event_id: str | None = None) -> str:
        """Check the event, keep it in the outbox and return its event id; it is on disk when this returns.

        The same event id with the same facts adds nothing; with other facts it raises OutboxConflict. InvalidEvent
        names every rule that is broken; nothing was kept then.
        """
        prepared = self.prepare(event, event_id=event_id)
        self.take([prepared])
        return prepared.event_id

    def add_many(self, events: Iterable[Event]) -> list[str]:
        """Check and keep the events, all or none, and return their event ids."""
        prepared = [self.prepare(event) for event in events]
        self.take(prepared)
        return [event.event_id for event in prepared]

    def take(self, prepared: Iterable[Prepared], *, all_or_none: bool = True) -> list[Taken]:
        """Keep prepared events in one transaction and say what became of each.

        Without `all_or_none` an event that conflicts is left out (CONFLICT) instead of raising OutboxConflict.
        """
        return self._outbox.put(prepared, now=self._clock(), all_or_none=all_or_none)

    def publish(self, event: Event, *, event_id: str | None = None, timeout: float = 30.0) -> str:
        """Add the event, send everything that waits, and return the event id once the broker confirmed it.

        NotAcknowledged, BrokerUnavailable and RegistryUnavailable mean that the event is safe in the outbox: call
        `send` later.
        """
        taken = self.add(event, event_id=event_id)
        self.send(timeout).require_all()
        return taken

    def counts(self) -> OutboxCounts:
        """Return how many events wait and how many were confirmed."""
        return self._outbox.counts()

    def warnings(self, event_id: str) -> list[dict[str, Any]]:
        """Return the rules that a taken event breaks without being refused."""
        return self._outbox.warnings(event_id)

    def send(self, timeout: float = 30.0) -> SendReport:
        """Send everything that waits, in the order it was added, for at most about `timeout` seconds.

        Faults that may pass (no broker, no registry, no confirmation in time) are retried with a new producer until
        the time is over and then reported; faults that a person must mend raise. In each case what was not confirmed
        stays in the outbox. Raises OutboxBusy if another process is sending from this outbox.
        """
        deadline = self._monotonic() + timeout
        sent = attempts = 0
        error: RetryableError | None = None
        with self._outbox.sending():
            while rows := self._outbox.waiting(WINDOW):
                done, error = self._try_window(rows, deadline)
                sent += done
                attempts = attempts + 1 if error else 0
                pause = _PAUSES[min(attempts, len(_PAUSES)) - 1] if error else 0
                if self._monotonic() + pause >= deadline:
                    break
                if pause:
                    self._sleep(pause)
        return SendReport(sent=sent, waiting=self.counts().waiting, error=error)

    def _try_window(self, rows: Sequence[Waiting], deadline: float) -> tuple[int, RetryableError | None]:
        acks: list[tuple[Waiting, Ack]] = []
        try:
            self._send_window(self._outbox.stamp(rows, self._clock()), deadline, acks)
        except RetryableError as error:
            self._discard_producer()
            return len(acks), error
        except BaseException:
            self._discard_producer()
            raise
        finally:
            self._outbox.acknowledge(acks, self._clock())
        return len(acks), None

    def _send_window(self, rows: Sequence[Waiting], deadline: float, acks: list[tuple[Waiting, Ack]]) -> None:
        values = [
            frame(self._schema_id(row.event_type), encode(contract_schema(row.event_type), row.body)) for row in rows
        ]
        if self._producer is None:
            self._producer = self._transport.producer()
        under_way: list[tuple[Waiting, Delivery]] = []
        failure: MeilensteinError | None = None
        for row, value in zip(rows, values, strict=True):
            try:
                under_way.append((row, self._hand_over(self._producer, row, value)))
            except MeilensteinError as error:
                failure = error
                break
        for row, delivery in under_way:
            try:
                # After a failure nothing more is waited for; what was confirmed by then still counts.
                acks.append((row, delivery.result(0 if failure else max(deadline - self._monotonic(), 0.05))))
            except MeilensteinError as error:
                if isinstance(error, RefusedByBroker):
                    error.event_id = error.event_id or row.body["event_id"]
                failure = failure or error
        if failure:
            raise failure

    def _hand_over(self, producer: Producer, row: Waiting, value: bytes) -> Delivery:
        return producer.send(
            topic=self.topic,
            key=row.body["case_reference"].encode(),
            value=value,
            headers=headers_of(row.event_type, row.body, agency=self.agency),
        )

    def _schema_id(self, event_type: str) -> int:
        known = self._ids.get(event_type)
        if known is None:
            subject = f"{NAMESPACE}.{event_type}"
            try:
                known = self._registry.schema_id(subject, load_contracts()[event_type].text)
            except UnknownSchema:
                raise ContractNotRegistered(subject) from None
            self._ids[event_type] = known
        return known

    def _discard_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close()

    def close(self) -> None:
        """Close the producer and the outbox file; events that wait stay there."""
        self._discard_producer()
        self._state.close()
