"""Hand a simulation over to Kafka the way partners do: through the SDK, from one installation for each sender.

Three kinds of records cannot come from an ordinary installation: copies of an id that its outbox knows, events that its
local checks refuse, and bytes that are no event. The first two come from further installations, the last from a bare
producer. Each installation numbers its events in an epoch of its own, so sequences stay contiguous; only what is to be
lost is taken, numbered, and swallowed on its way to the broker.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol, Self

from meilenstein.simulate.losing import LosingTransport
from meilenstein.simulate.records import SimRecord, Via
from meilenstein.simulate.simulation import Simulation
from meilenstein_connectors.codec import contract_schema, frame
from meilenstein_connectors.outbox import Taken
from meilenstein_connectors.publisher import Check, Publisher
from meilenstein_connectors.registry_client import SchemaIds
from meilenstein_connectors.transport import Headers, Producer, Transport
from meilenstein_schemas.contracts import NAMESPACE

__all__ = [
    "Installation",
    "PublishReport",
    "RawSender",
    "TransportRawSender",
    "installations",
    "publish",
]

_EPOCHS: Mapping[Via, int | None] = {Via.MAIN: None, Via.SECOND: 1, Via.UNCHECKED: 2}
_INSTALLED: Mapping[Via, Via] = {Via.LOST: Via.MAIN}
_SEND_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation of the SDK at one sender."""

    sender: str
    source_system: str
    via: Via

    @property
    def checked(self) -> bool:
        """Whether events are checked against the rules before they are taken."""
        return self.via is not Via.UNCHECKED

    @property
    def source_epoch(self) -> int | None:
        """The epoch of the installation's numbering."""
        return _EPOCHS[self.via]

    @property
    def file_name(self) -> str:
        """Name of its outbox file."""
        return f"{self.sender}-{self.via.lower()}.sqlite"


class RawSender(Protocol):
    """Sends bytes as they are."""

    def send(self, *, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        """Send one record and return when the broker confirmed it; raises what `Delivery.result` raises."""
        ...


class TransportRawSender:
    """Sends through a producer of the SDK's transport; to be closed."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._producer: Producer | None = None

    def send(self, *, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        """Send one record and wait until the broker confirmed it."""
        if self._producer is None:
            self._producer = self._transport.producer()
        try:
            self._producer.send(topic=topic, key=key, value=value, headers=headers).result(_SEND_SECONDS)
        except BaseException:
            self.close()  # after any error a producer is of no more use
            raise

    def close(self) -> None:
        """Close the producer."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What one call of `publish` did."""

    records: int
    """Records of the simulation."""
    published: int
    """Records that the broker confirmed in this call."""
    known: int
    """Events that the outboxes held already, from an earlier call with the same outbox files."""
    senders: int


def installations(
    folder: Path, *, transport: Transport, registry: SchemaIds, check: Check | None, lost: Collection[str] = ()
) -> Callable[[Installation], Publisher]:
    """Return what opens the publisher of an installation, with its outbox below `folder`.

    `check` are the local rules; installations that must get bad events through go without. `lost` are the ids of events
    that never reach the broker.
    """
    way = LosingTransport(transport, lost) if lost else transport

    def open_publisher(installation: Installation) -> Publisher:
        return Publisher(
            agency=installation.sender,
            source_system=installation.source_system,
            outbox=folder / installation.file_name,
            transport=way,
            registry=registry,
            source_epoch=installation.source_epoch,
            check=check if installation.checked else None,
        )

    return open_publisher


def publish(
    simulation: Simulation,
    *,
    publishers: Callable[[Installation], Publisher],
    raw: RawSender,
    registry: SchemaIds,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    timeout: float = _SEND_SECONDS,
) -> PublishReport:
    """Publish all records, each sender's in their order, and return when the broker confirmed every one.

    The senders come one after the other. A fault raises the SDK's error for it; calling again with the same outbox
    files publishes what is missing and adds nothing twice, except raw records, which no outbox remembers.
    `timeout` bounds one hand-over (seconds); `progress` gets the records done and their total.
    """
    total, done, published, known = len(simulation.records), 0, 0, 0
    progress(done, total)
    senders = sorted({record.sender for record in simulation.records})
    for sender in senders:
        records = [record for record in simulation.records if record.sender == sender]
        with _Sender(
            sender=sender, records=records, publishers=publishers, raw=raw, registry=registry, timeout=timeout
        ) as outlet:
            for count, repeated in outlet.publish():
                done += count
                published += count - repeated
                known += repeated
                progress(done, total)
    return PublishReport(records=total, published=published, known=known, senders=len(senders))


class _Sender:
    """Publishes the records of one sender, whatever way each takes."""

    def __init__(
        self,
        *,
        sender: str,
        records: Sequence[SimRecord],
        publishers: Callable[[Installation], Publisher],
        raw: RawSender,
        registry: SchemaIds,
        timeout: float,
    ) -> None:
        self._sender = sender
        self._records = records
        self._open = publishers
        self._raw = raw
        self._registry = registry
        self._timeout = timeout
        self._opened: dict[Via, Publisher] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def publish(self) -> Iterator[tuple[int, int]]:
        """Publish run by run; yield the length of each and how many of it were known already."""
        for via, run in groupby(self._records, key=lambda record: _INSTALLED.get(record.via, record.via)):
            records = list(run)
            yield len(records), self._send_raw(records) if via is Via.RAW else self._send(via, records)

    def _send(self, via: Via, records: Sequence[SimRecord]) -> int:
        publisher = self._publisher(via, records[0])
        taken = publisher.take(
            publisher.prepare((record.event_type, record.facts)) for record in records if record.event_type is not None
        )
        publisher.send(self._timeout).require_all()
        return sum(fate is Taken.KNOWN for fate in taken)

    def _publisher(self, via: Via, record: SimRecord) -> Publisher:
        if via not in self._opened:
            installation = Installation(sender=self._sender, source_system=record.facts["source_system"], via=via)
            self._opened[via] = self._stack.enter_context(self._open(installation))
        return self._opened[via]

    def _send_raw(self, records: Sequence[SimRecord]) -> int:
        for record in records:
            value = record.raw or b""
            if record.event_type is not None:
                subject = f"{NAMESPACE}.{record.event_type}"
                value = frame(self._registry.schema_id(subject, contract_schema(record.event_type).text), value)
            self._raw.send(topic=f"milestones.{self._sender}", key=b"", value=value, headers=())
        return 0
