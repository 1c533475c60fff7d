"""Partners without our SDK: confluent-kafka in both directions, and Apache Kafka's own console tools."""

from __future__ import annotations

import datetime as dt
import json
import struct
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient, record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from tests.docs.pages import blocks, page
from tests.support.console_tools import CONSUMER, PRODUCER, run, write_scripts
from tests.support.raw_kafka import read_topic
from tests.unit.connectors.strategies import bodies

from meilenstein.bootstrap import Hub
from meilenstein.contract_docs.feed_messages import CASE, REPLIES
from meilenstein.settings import Endpoints, Settings
from meilenstein.summary import STEPS
from meilenstein_connectors.codec import contract_schema, decode, encode, frame, unframe
from meilenstein_connectors.inbox import Inbox
from meilenstein_connectors.replies import Receipt, Rejection, read_case_update, read_reply
from meilenstein_expectations import check
from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.contracts import load_contracts, wire_name

pytestmark = pytest.mark.stack

TYPES = sorted(load_contracts())
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
"""In the order of the numbers that the log gives them."""
READABLE = tuple(codec for codec in CODECS if codec != "snappy")
"""What the hub unpacks; a batch in another one halts its partition (`test_log_breaks.py`)."""


class Confluent:
    """What a partner builds from confluent-kafka alone."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.servers = endpoints.bootstrap_servers
        # Without a time limit it waits for ever for an answer that is lost.
        self.registry = SchemaRegistryClient({"url": endpoints.registry_url, "timeout": 10})
        self._deserialize = AvroDeserializer(self.registry)
        self._serializers: dict[str, AvroSerializer] = {}

    def serialize(self, event_type: str, body: Mapping[str, Any]) -> bytes:
        """Return the record value, with the schema that the registry holds; nothing is registered."""
        if event_type not in self._serializers:
            latest = self.registry.get_latest_version(load_contracts()[event_type].full_name)
            self._serializers[event_type] = AvroSerializer(
                self.registry,
                latest.schema.schema_str,
                conf={
                    "auto.register.schemas": False,
                    "use.latest.version": True,
                    "subject.name.strategy": record_subject_name_strategy,
                },
            )
        return self._serializers[event_type](body, self._context(""))

    def schema_id(self, event_type: str) -> int:
        """Return the id of the newest version of a contract."""
        return self.registry.get_latest_version(load_contracts()[event_type].full_name).schema_id

    def read(self, value: bytes) -> dict[str, Any]:
        """Return the values that the record holds."""
        return self._deserialize(value, self._context(""))

    @staticmethod
    def _context(topic: str) -> SerializationContext:
        return SerializationContext(topic, MessageField.VALUE)

    def publish(self, topic: str, values: list[bytes], *, codec: str = "none") -> list[int]:
        """Send the values in one batch with librdkafka; return their offsets."""
        offsets: list[int] = []

        def confirmed(error: Any, message: Any) -> None:
            assert error is None, error
            offsets.append(message.offset())

        producer = Producer(
            {"bootstrap.servers": self.servers, "acks": "all", "compression.type": codec, "linger.ms": 200}
        )
        for value in values:
            producer.produce(topic, key=b"file", value=value, on_delivery=confirmed)
        assert producer.flush(30) == 0
        return offsets

    def consume(self, topic: str, count: int) -> list[Any]:
        """Return the first records of a topic."""
        consumer = Consumer(
            {"bootstrap.servers": self.servers, "group.id": "interoperation", "enable.auto.commit": False}
        )
        try:
            consumer.assign([TopicPartition(topic, 0, 0)])
            found = consumer.consume(count, timeout=30)
        finally:
            consumer.close()
        assert [message.error() for message in found] == [None] * count
        return found


@pytest.fixture(scope="session")
def confluent(stack_endpoints: Endpoints) -> Iterator[Confluent]:
    client = Confluent(stack_endpoints)
    yield client
    client.registry.close()


@pytest.fixture(scope="session")
def tools(stack_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scripts(stack_settings, tmp_path_factory.mktemp("tools"))


@pytest.fixture
def inbox(hub: Hub, tmp_path: Path) -> Iterator[Inbox]:
    with Inbox(agency="hwk-dresden", transport=hub.transport, state=tmp_path / "inbox.sqlite") as opened:
        yield opened


def application(number: int, *, salt: str = "", **fields: Any) -> dict[str, Any]:
    """Return a right ApplicationReceived of the Chamber, as its own program would write it."""
    return {
        **sane_body("ApplicationReceived"),
        "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{salt}/{number}")),
        "case_reference": f"H-{salt}-{number}",
        "procedure_reference": f"P-{salt}-{number}",
        "source_system": "own-client",
        **fields,
    }


def process(hub: Hub) -> None:
    for name in STEPS:
        hub.step(name)


def test_confluents_registry_client_sees_every_contract_as_we_wrote_it(confluent: Confluent) -> None:
    contracts = {contract.full_name: contract for contract in load_contracts().values()}
    assert set(contracts) <= set(confluent.registry.get_subjects())
    for subject, contract in contracts.items():
        latest = confluent.registry.get_latest_version(subject)
        assert json.loads(latest.schema.schema_str) == contract.schema
        assert json.loads(confluent.registry.get_schema(latest.schema_id).schema_str) == contract.schema


def test_what_confluents_serializer_sends_is_accepted_and_answered(
    confluent: Confluent, hub: Hub, inbox: Inbox
) -> None:
    right, wrong = application(1), application(2, occurred_on=dt.date(1850, 1, 1))
    values = [confluent.serialize("ApplicationReceived", body) for body in (right, wrong)]
    assert confluent.publish("milestones.hwk-dresden", values) == [0, 1]
    process(hub)
    receipt, rejection = inbox.replies(timeout=0)
    assert isinstance(receipt, Receipt) and receipt.accepted == ((0, 0),)
    assert isinstance(rejection, Rejection) and rejection.event_id == wrong["event_id"]
    inbox.refresh()
    (case,) = inbox.current_cases()
    assert case.references[0]["reference"] == right["case_reference"]


def test_what_librdkafka_compresses_is_drained(
    confluent: Confluent, hub: Hub, inbox: Inbox, stack_settings: Settings
) -> None:
    topic = "milestones.hwk-dresden"
    for codec in READABLE:
        batch = [confluent.serialize("ApplicationReceived", application(n, salt=codec)) for n in range(40)]
        confluent.publish(topic, batch, codec=codec)
    assert set(codecs_in_log(Path(stack_settings.home) / "kafka" / "data" / f"{topic}-0")) == set(READABLE)
    process(hub)
    accepted = [reply.accepted for reply in inbox.replies(timeout=0) if isinstance(reply, Receipt)]
    assert sum(last - first + 1 for ranges in accepted for first, last in ranges) == 40 * len(READABLE)


def codecs_in_log(folder: Path) -> list[str]:
    """Return how each batch of a partition is compressed, from the attributes in its header."""
    found = []
    for path in sorted(folder.glob("*.log")):
        raw, place = path.read_bytes(), 0
        while place < len(raw):
            (length,) = struct.unpack_from(">i", raw, place + 8)
            (attributes,) = struct.unpack_from(">h", raw, place + 21)
            found.append(CODECS[attributes & 7])
            place += 12 + length
    return found


def test_confluents_deserializer_reads_every_event_type_that_the_sdk_sends(
    confluent: Confluent, hub: Hub, tmp_path: Path
) -> None:
    sent = {}
    with hub.publisher("hwk-leipzig", "Fachverfahren", tmp_path / "outbox.sqlite") as publisher:
        for event_type in TYPES:
            body = {**sane_body(event_type), "event_id": str(uuid.uuid4()), "publisher": "hwk-leipzig"}
            body["occurred_at"] = dt.datetime(2026, 3, 2, 9, 15, 30, 123000, tzinfo=dt.UTC)
            sent[publisher.add((event_type, body))] = (event_type, body)
        publisher.send(30).require_all()
    messages = confluent.consume("milestones.hwk-leipzig", len(TYPES))
    for place, message in enumerate(messages, start=1):
        read = confluent.read(message.value())
        event_type, body = sent.pop(read["event_id"])
        given_by_sdk = {name: read[name] for name in ("sequence", "source_epoch", "published_at")}
        assert read == {**body, **given_by_sdk}
        assert given_by_sdk["sequence"] == place
        assert message.key() == body["case_reference"].encode()
        assert {name: text.decode() for name, text in message.headers()} == {
            "ce_specversion": "1.0",
            "ce_id": body["event_id"],
            "ce_type": f"org.meilenstein.milestones.{wire_name(event_type)}.v1",
            "ce_source": "urn:meilenstein:hwk-leipzig:Fachverfahren",
            "ce_time": "2026-03-02T10:30:00.000Z",
            "ce_sequence": f"{place:020d}",
            "content-type": "application/avro",
        }
    assert sent == {}
    process(hub)  # most of these are not the Chamber's to say; each is decided all the same


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.sampled_from(TYPES).flatmap(lambda name: bodies(name).map(lambda body: (name, body))))
def test_any_event_is_the_same_bytes_and_values_for_both(
    drawn: tuple[str, dict[str, Any]], confluent: Confluent
) -> None:
    event_type, body = drawn
    ours = frame(confluent.schema_id(event_type), encode(contract_schema(event_type), body))
    assert confluent.serialize(event_type, body) == ours
    assert confluent.read(ours) == body == decode(unframe(ours)[1], contract_schema(event_type))


def lines(raw: bytes) -> list[dict[str, Any]]:
    """Return the JSON documents of a tool's output, one a line."""
    return [json.loads(line) for line in raw.decode("utf-8").splitlines()]


def test_kafkas_console_consumer_shows_the_answers_as_the_inbox_tells_them(
    confluent: Confluent, hub: Hub, inbox: Inbox, tools: Path
) -> None:
    right, wrong = application(1), application(2, occurred_on=dt.date(1850, 1, 1))
    values = [confluent.serialize("ApplicationReceived", body) for body in (right, right, wrong)]
    confluent.publish("milestones.hwk-dresden", values)
    process(hub)

    def shown(topic: str, *more: str) -> bytes:
        whole = ["--bootstrap-server", confluent.servers, "--topic", topic, "--partition", "0", "--offset", "earliest"]
        return run(tools, CONSUMER, [*whole, "--timeout-ms", "4000", *more])

    replies = lines(shown("replies.hwk-dresden"))
    assert {reply["kind"] for reply in replies} == {"RECEIPT", "DUPLICATE", "REJECTED"}
    documented = {message.schema["properties"]["kind"]["const"]: message.schema for message in REPLIES}
    for reply in replies:
        Draft7Validator(documented[reply["kind"]]).validate(reply)
    assert [read_reply(place, json.dumps(reply)) for place, reply in enumerate(replies)] == list(inbox.replies(0))
    inbox.refresh()
    (case,) = inbox.current_cases()
    (line,) = shown("cases.hwk-dresden", "--formatter-property", "print.key=true").decode().splitlines()
    key, _, value = line.partition("\t")
    assert read_case_update(key, value) == case
    assert json.loads(value)["view"] == case.view
    Draft7Validator(CASE.schema).validate(json.loads(value))


def completed(day: int, **fields: Any) -> dict[str, Any]:
    """Return a right DocumentsComplete; it has few fields, so few bytes that are no text."""
    return {
        **sane_body("DocumentsComplete"),
        "event_id": str(uuid.uuid4()),
        "source_system": "console",
        "occurred_on": dt.date(2025, 1, 6) + dt.timedelta(days=day),
        "district_ags": None,
        "recorded_at": None,
        "published_at": None,
        **fields,
    }


def is_one_line_of_text(value: bytes) -> bool:
    """Say whether a record survives a tool that reads lines of UTF-8; most do not."""
    return value.decode("utf-8", "ignore").encode() == value and not set(value) & set(b"\r\n\t")


def test_kafkas_console_producer_carries_text_and_what_it_mangles_is_refused_by_name(
    confluent: Confluent, endpoints: Endpoints, hub: Hub, inbox: Inbox, tools: Path
) -> None:
    schema_id, schema = confluent.schema_id("DocumentsComplete"), contract_schema("DocumentsComplete")
    candidates = [(body, frame(schema_id, encode(schema, body))) for body in map(completed, range(200))]
    body, clean = next((body, value) for body, value in candidates if is_one_line_of_text(value))
    assert check("DocumentsComplete", body) == []
    recorded = completed(0, recorded_at=dt.datetime(2025, 1, 6, 9, 0, tzinfo=dt.UTC))
    binary = frame(schema_id, encode(schema, recorded))
    assert b"\n" not in binary and not is_one_line_of_text(binary)
    headers = f"ce_specversion:1.0,ce_id:{body['event_id']}"
    given_lines = b"".join(b"%s\tH-9\t%s\n" % (headers.encode(), value) for value in (clean, binary))
    options = [word for name in ("parse.headers", "parse.key") for word in ("--reader-property", f"{name}=true")]
    address = ["--bootstrap-server", confluent.servers, "--topic", "milestones.hwk-dresden"]
    run(tools, PRODUCER, [*address, *options], given=given_lines)
    first, second = read_topic(endpoints, "milestones.hwk-dresden")
    assert (first.value, first.key) == (clean, b"H-9")
    assert dict(first.headers) == {"ce_specversion": b"1.0", "ce_id": body["event_id"].encode()}
    assert second.value != binary
    process(hub)
    receipt, rejection = inbox.replies(timeout=0)
    assert isinstance(receipt, Receipt) and receipt.accepted == ((0, 0),)
    assert isinstance(rejection, Rejection) and rejection.place.offset == 1
    assert {reason.code for reason in rejection.reasons} == {"UNREADABLE"}


def test_the_page_for_partners_without_the_sdk_runs_as_written(
    endpoints: Endpoints, hub: Hub, tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def here(text: str) -> str:
        text = text.replace("http://127.0.0.1:28002/apis/ccompat/v7", endpoints.registry_url)
        return text.replace("127.0.0.1:28001", endpoints.bootstrap_servers)

    text = page("how-to/publish-with-your-own-client.md")
    publish, read = blocks(text, "python")
    (console,) = blocks(text, "sh")
    names: dict[str, Any] = {}
    exec(compile(here(publish), "publish", "exec"), names)
    process(hub)
    exec(compile(here(read), "read", "exec"), names)
    names["registry"].close()
    assert capsys.readouterr().out == f"accepted ['{names['event']['event_id']}']\n"
    assert (names["offsets"], names["next_offset"]) == ({names["event"]["event_id"]: 0}, 1)
    done = subprocess.run(
        ["bash", "-euc", here(console)],
        env={"PATH": f"{tools}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    names.clear()  # the producer's threads end with it
    reply, case = done.stdout.splitlines()
    assert json.loads(reply)["accepted"] == [[0, 0]]
    assert json.loads(case.partition("\t")[2])["references"][0]["reference"] == "H-9"
