from __future__ import annotations

from pathlib import Path

import pytest

from meilenstein.simulate.publishing import PublishReport, TransportRawSender, installations, publish
from meilenstein.simulate.records import SimRecord, Via
from meilenstein.simulate.simulation import Simulation
from meilenstein_connectors.codec import contract_schema, decode, unframe
from meilenstein_connectors.errors import BrokerUnavailable
from meilenstein_connectors.facts import fact_digest
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.contracts import NAMESPACE

_STAMPED = {"published_at", "sequence", "source_epoch"}


class Hub:
    """Everything a simulation is published to, in memory."""

    def __init__(self, directory: Directory, folder: Path) -> None:
        self.broker = MemoryBroker([f"milestones.{key}" for key in directory.agencies])
        self.transport = MemoryTransport(self.broker)
        self.registry = MemoryRegistry()
        self.folder = folder

    def publish(self, simulation: Simulation, seen: list[tuple[int, int]] | None = None) -> PublishReport:
        raw = TransportRawSender(self.transport)
        try:
            return publish(
                simulation,
                publishers=installations(self.folder, transport=self.transport, registry=self.registry, check=None),
                raw=raw,
                registry=self.registry,
                progress=lambda done, total: seen.append((done, total)) if seen is not None else None,
                timeout=1.0,
            )
        finally:
            raw.close()


@pytest.fixture
def hub(directory: Directory, tmp_path: Path) -> Hub:
    return Hub(directory, tmp_path)


def _is(hub: Hub, record: SimRecord, value: bytes) -> bool:
    if record.raw is not None:
        return value.endswith(record.raw)
    schema_id, payload = unframe(value)
    assert record.event_type is not None
    schema = contract_schema(record.event_type)
    assert schema_id == hub.registry.schema_id(f"{NAMESPACE}.{record.event_type}", schema.text)
    body = decode(payload, schema)
    return {**body, **dict.fromkeys(_STAMPED)} == record.body


def test_every_record_arrives_on_its_senders_topic_in_order(hub: Hub, small: Simulation) -> None:
    report = hub.publish(small)
    senders = sorted({record.sender for record in small.records})
    assert report == PublishReport(
        records=len(small.records), published=len(small.records), known=0, senders=len(senders)
    )
    for sender in senders:
        expected = [record for record in small.records if record.sender == sender]
        found = [record.value or b"" for record in hub.broker.records(f"milestones.{sender}")]
        assert len(found) == len(expected)
        assert all(_is(hub, record, value) for record, value in zip(expected, found, strict=True))


def test_a_duplicate_has_the_facts_of_its_original_and_a_conflict_has_not(hub: Hub, small: Simulation) -> None:
    hub.publish(small)
    digests: dict[str, list[bytes]] = {}
    for sender in {record.sender for record in small.records}:
        expected = [record for record in small.records if record.sender == sender]
        for record, sent in zip(expected, hub.broker.records(f"milestones.{sender}"), strict=True):
            if record.raw is None and record.via is not Via.UNCHECKED:
                assert record.event_type is not None
                body = decode(unframe(sent.value)[1], contract_schema(record.event_type))
                digests.setdefault(str(record.event_id), []).append(fact_digest(record.event_type, body))
    twice = [len(set(found)) for found in digests.values() if len(found) == 2]
    assert twice.count(1) == small.truth.labels["DUPLICATE"]
    assert twice.count(2) == small.truth.labels["CONFLICT"]


def test_each_installation_numbers_its_events_without_gaps(hub: Hub, small: Simulation) -> None:
    hub.publish(small)
    numbers: dict[tuple[str, str, str, int | None], list[int]] = {}
    for sender in {record.sender for record in small.records}:
        expected = [record for record in small.records if record.sender == sender]
        for record, sent in zip(expected, hub.broker.records(f"milestones.{sender}"), strict=True):
            if record.raw is None and record.event_type is not None:
                body = decode(unframe(sent.value)[1], contract_schema(record.event_type))
                source = (sender, body["publisher"], body["source_system"], body["source_epoch"])
                numbers.setdefault(source, []).append(body["sequence"])
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_publishing_again_adds_only_what_no_outbox_remembers(hub: Hub, small: Simulation) -> None:
    hub.publish(small)
    again = hub.publish(small)
    raw = sum(record.via is Via.RAW for record in small.records)
    assert again.published == raw
    assert again.known == len(small.records) - raw


def test_after_a_fault_the_rest_is_published_by_calling_again(hub: Hub, small: Simulation) -> None:
    allowed = 300

    def fail(_: object) -> BrokerUnavailable | None:
        nonlocal allowed
        allowed -= 1
        return BrokerUnavailable() if allowed < 0 else None

    hub.broker.fault = fail
    with pytest.raises(BrokerUnavailable):
        hub.publish(small)
    hub.broker.fault = None
    hub.publish(small)
    raw = [record.raw for record in small.records if record.raw is not None]
    arrived = [record.value or b"" for topic in _topics(small) for record in hub.broker.records(topic)]
    events = [value for value in arrived if not any(value.endswith(broken) for broken in raw)]
    assert len(events) == len(set(events)) == len(small.records) - len(raw)


def _topics(simulation: Simulation) -> list[str]:
    return sorted({f"milestones.{record.sender}" for record in simulation.records})


def test_progress_is_told_up_to_the_last_record(hub: Hub, small: Simulation) -> None:
    seen: list[tuple[int, int]] = []
    hub.publish(small, seen)
    total = len(small.records)
    assert seen[0] == (0, total)
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
