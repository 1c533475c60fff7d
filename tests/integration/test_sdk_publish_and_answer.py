"""The SDK against the real Kafka and registry: publish, read back, be answered, lose nothing over a restart."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient

from meilenstein.settings import Endpoints
from meilenstein_connectors.codec import contract_schema, decode, load_writer_schema, unframe
from meilenstein_connectors.errors import ContractNotRegistered, RegistryUnavailable, TopicMissing, UnknownSchema
from meilenstein_connectors.events import EVENTS, EntryReported, SubjectKind
from meilenstein_connectors.inbox import FateState, Inbox
from meilenstein_connectors.kafka_transport import KafkaSettings, KafkaTransport
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.registry_client import RegistryClient
from meilenstein_connectors.transport import Record
from meilenstein_schemas.contracts import load_contracts

pytestmark = pytest.mark.stack


class Partner:
    """An agency of its own, with its topics, on the real stack."""

    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self.agency = f"sdk-test-{uuid.uuid4().hex[:12]}"
        self.endpoints = endpoints
        self.state = folder / "state.sqlite"
        self.transport = KafkaTransport(KafkaSettings(bootstrap_servers=endpoints.bootstrap_servers))
        self.registry = RegistryClient(endpoints.registry_url)
        for contract in load_contracts().values():
            self.registry.register(contract.full_name, contract.text)
        self.topics = [f"sdk-{self.agency}"]
        self._admin(create={f"{name}.{self.agency}" for name in ("milestones", "replies", "cases")})

    def _admin(self, *, create: set[str] | None = None, delete: set[str] | None = None) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.endpoints.bootstrap_servers, bootstrap_timeout_ms=5000)
        try:
            if create:
                admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1} for name in create})
            if delete:
                admin.delete_topics(sorted(delete))
        finally:
            admin.close()

    def close(self) -> None:
        # Topics of agencies that are in no directory would puzzle tests that count every record.
        self._admin(delete={f"{name}.{self.agency}" for name in ("milestones", "replies", "cases")})
        self.registry.close()

    def publisher(self, **changes: Any) -> Publisher:
        settings: dict[str, Any] = {
            "agency": self.agency,
            "source_system": "files",
            "outbox": self.state,
            "transport": self.transport,
            "registry": self.registry,
            "check": None,
        }
        return Publisher(**{**settings, **changes})

    def inbox(self) -> Inbox:
        return Inbox(agency=self.agency, transport=self.transport, state=self.state)

    def read(self, count: int) -> list[Record]:
        reader = self.transport.reader(f"milestones.{self.agency}", 0)
        found: list[Record] = []
        try:
            for _ in range(30):
                found.extend(reader.read(1.0))
                if len(found) >= count:
                    break
        finally:
            reader.close()
        return found

    def put(self, kind: str, key: bytes, value: Any) -> None:
        producer = self.transport.producer()
        raw = json.dumps(value).encode()
        producer.send(topic=f"{kind}.{self.agency}", key=key, value=raw, headers=[]).result(20)
        producer.close()


@pytest.fixture
def partner(stack_endpoints: Endpoints, tmp_path: Path) -> Iterator[Partner]:
    made = Partner(stack_endpoints, tmp_path)
    yield made
    made.close()


def event(number: int) -> EntryReported:
    return EntryReported(case_reference=f"A-{number}", occurred_on=dt.date(2026, 3, 2), subject_kind=SubjectKind.PERSON)


def test_every_contract_travels_through_kafka_and_the_registry(partner: Partner) -> None:
    with partner.publisher() as publisher:
        ids = publisher.add_many(
            kind(case_reference=name, occurred_on=dt.date(2026, 3, 2)) for name, kind in EVENTS.items()
        )
        assert publisher.send(60).require_all().sent == len(EVENTS)
    records = partner.read(len(EVENTS))
    decoded = []
    for record in records:
        schema_id, payload = unframe(record.value)
        schema = load_writer_schema(partner.registry.schema_text(schema_id))
        body = decode(payload, schema)
        assert schema.name == body["case_reference"]
        assert dict(record.headers)["ce_id"].decode() == body["event_id"]
        assert record.key == body["case_reference"].encode()
        decoded.append(body)
    assert [body["event_id"] for body in decoded] == ids
    assert [body["sequence"] for body in decoded] == list(range(1, len(EVENTS) + 1))


def test_thousands_of_events_arrive_once_each_and_in_order(partner: Partner) -> None:
    with partner.publisher() as publisher:
        publisher.add_many(event(number) for number in range(3000))
        assert publisher.send(120).require_all().sent == 3000
    schema = contract_schema("EntryReported")
    bodies = [decode(unframe(record.value)[1], schema) for record in partner.read(3000)]
    assert [body["sequence"] for body in bodies] == list(range(1, 3001))
    assert len({body["event_id"] for body in bodies}) == 3000


def test_the_fate_follows_from_receipts_on_real_topics(partner: Partner) -> None:
    with partner.publisher() as publisher, partner.inbox() as inbox:
        first, second = publisher.publish(event(1)), publisher.publish(event(2))
        waiting = publisher.add(event(3))
        place = {"topic": f"milestones.{partner.agency}", "partition": 0, "decided_at": "2026-03-02T09:00:00+00:00"}
        partner.put("replies", b"k", {**place, "kind": "RECEIPT", "batch": 1, "accepted": [[0, 0]]})
        rejection = {"kind": "REJECTED", "offset": 1, "event_id": second, "event_type": "EntryReported", "item": 1}
        partner.put("replies", b"k", {**place, **rejection, "reasons": []})
        partner.put("cases", b"c1", {"version": 1, "state": "ACTIVE", "view": {"n": 1}})
        inbox.refresh()
        states = [inbox.fate(event_id).state for event_id in (first, second, waiting)]
        assert states == [FateState.ACCEPTED, FateState.REJECTED, FateState.PENDING_HERE]
        assert len(list(inbox.replies(timeout=0))) == 2
        assert [update.view for update in inbox.cases(timeout=0)] == [{"n": 1}]
        assert list(inbox.cases(timeout=0)) == []


def test_a_partner_whose_topic_is_missing_is_told_its_name(partner: Partner, tmp_path: Path) -> None:
    with partner.publisher(agency="sdk-nobody", outbox=tmp_path / "other.sqlite") as publisher:
        publisher.add(event(1))
        with pytest.raises(TopicMissing, match=r"milestones\.sdk-nobody"):
            publisher.send(10)
        assert publisher.counts().waiting == 1


def test_the_real_registry_tells_unknown_from_unavailable(partner: Partner) -> None:
    contract = load_contracts()["EntryReported"]
    known = partner.registry.schema_id(contract.full_name, contract.text)
    assert partner.registry.register(contract.full_name, contract.text) == known
    assert load_writer_schema(partner.registry.schema_text(known)).name == "EntryReported"
    assert contract.full_name in partner.registry.subjects()
    assert partner.registry.ready() is True
    with pytest.raises(UnknownSchema):
        partner.registry.schema_text(2_000_000_000)
    with pytest.raises(UnknownSchema):
        partner.registry.schema_id("no.such.Subject", contract.text)
    changed = json.dumps({**contract.schema, "fields": [*contract.schema["fields"], {"name": "x", "type": "int"}]})
    with pytest.raises(UnknownSchema):
        partner.registry.schema_id(contract.full_name, changed)
    wrong = RegistryClient(partner.endpoints.registry_url.replace("/apis/ccompat/v7", "/nowhere"))
    with pytest.raises(RegistryUnavailable):
        wrong.schema_text(known)
    assert wrong.ready() is False
    wrong.close()


def test_a_contract_that_the_registry_lacks_is_for_the_operator(partner: Partner) -> None:
    class Lacking:
        def schema_id(self, subject: str, text: str) -> int:
            return partner.registry.schema_id(f"{subject}.not-there", text)

    with partner.publisher(registry=Lacking()) as publisher:
        publisher.add(event(1))
        with pytest.raises(ContractNotRegistered):
            publisher.send(10)


def test_the_command_line_publishes_and_follows_an_event(partner: Partner, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    plain = {
        "type": "EntryReported",
        "event_id": "6f6b2c1e-9f0e-4f5e-8a53-0d8f4f1c2b3a",
        "case_reference": "A-4",
        "occurred_on": "2026-03-02",
        "subject_kind": "PERSON",
        "references": [{"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": "P-9"}],
    }
    file.write_text(json.dumps(plain) + "\n", encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MEILENSTEIN_")},
        "MEILENSTEIN_AGENCY": partner.agency,
        "MEILENSTEIN_BOOTSTRAP_SERVERS": partner.endpoints.bootstrap_servers,
        "MEILENSTEIN_REGISTRY_URL": partner.endpoints.registry_url,
        "MEILENSTEIN_STATE": str(partner.state),
    }

    def run(*arguments: str) -> tuple[int, dict[str, Any], str]:
        command = [sys.executable, "-m", "meilenstein_connectors", *arguments, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)
        return done.returncode, json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}, done.stderr

    code, answer, err = run("send", str(file))
    assert (code, answer["sent"], answer["waiting"]) == (0, 1, 0), err
    assert run("send", str(file))[1]["known"] == 1
    assert run("fate", plain["event_id"])[1]["state"] == "SENT"
    assert run("replies")[1] == {"replies": []}
    assert run("cases")[1] == {"cases": []}
    environment["MEILENSTEIN_BOOTSTRAP_SERVERS"] = "127.0.0.1:9"
    code, _, err = run("replies")
    assert (code, len(err.splitlines())) == (3, 1), err
    assert "127.0.0.1:9" in err
