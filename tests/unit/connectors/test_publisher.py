"""An event that was taken reaches the broker, whatever fails in between, as the same bytes under the same id."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.unit.connectors.strategies import EVENT_ID, example

from meilenstein_connectors.body_check import Misfit
from meilenstein_connectors.codec import contract_schema, decode, unframe
from meilenstein_connectors.errors import (
    AccessDenied,
    BrokerUnavailable,
    ContractNotRegistered,
    InvalidEvent,
    MeilensteinError,
    NotAcknowledged,
    OutboxBusy,
    OutboxConflict,
    RefusedByBroker,
    RegistryUnavailable,
    RetryableError,
    StateMismatch,
    TooLarge,
    TopicMissing,
    UnknownSchema,
)
from meilenstein_connectors.events import ApplicationReceived, EntryReported, SubjectKind
from meilenstein_connectors.outbox import Taken
from meilenstein_connectors.publisher import WINDOW, Publisher
from meilenstein_connectors.state import StateFile
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport
from meilenstein_connectors.transport import Record

TOPIC = "milestones.hwk-dresden"
START = dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)


class Ticking:
    """A clock that goes on by one second whenever it is read."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return self.now


class World:
    """A publisher with everything around it in memory; waiting costs no time."""

    def __init__(self, folder: Path) -> None:
        self.broker = MemoryBroker([TOPIC])
        self.transport = MemoryTransport(self.broker)
        self.registry = MemoryRegistry()
        self.outbox = folder / "outbox.sqlite"
        self.clock = Ticking()
        self.seconds = 0.0
        self.slept: list[float] = []
        self.opened: list[Publisher] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def publisher(self, **changes: Any) -> Publisher:
        settings: dict[str, Any] = {
            "agency": "hwk-dresden",
            "source_system": "files",
            "outbox": self.outbox,
            "transport": self.transport,
            "registry": self.registry,
            "check": None,
            "clock": self.clock,
            "monotonic": lambda: self.seconds,
            "sleep": self.sleep,
        }
        self.opened.append(Publisher(**{**settings, **changes}))
        return self.opened[-1]

    def bodies(self) -> list[dict[str, Any]]:
        return [self.body(record) for record in self.broker.records(TOPIC)]

    def body(self, record: Record) -> dict[str, Any]:
        kind = dict(record.headers)["ce_type"].decode().split(".")[-2]
        name = "".join(part.capitalize() for part in kind.split("-"))
        return decode(unframe(record.value)[1], contract_schema(name))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    for publisher in made.opened:
        publisher.close()


def event(number: int = 1, **fields: Any) -> EntryReported:
    return EntryReported(case_reference=f"A-{number}", occurred_on=dt.date(2026, 3, 2), **fields)


def test_a_published_event_arrives_complete(world: World) -> None:
    event_id = world.publisher().publish(event(4, recorded_at=START))
    (record,) = world.broker.records(TOPIC)
    assert (record.key, record.partition) == (b"A-4", 0)
    body = world.body(record)
    assert body["event_id"] == event_id
    assert (body["publisher"], body["sent_by"], body["source_system"]) == ("hwk-dresden", None, "files")
    assert (body["sequence"], body["source_epoch"]) == (1, None)
    assert START < body["published_at"] < START + dt.timedelta(minutes=1)
    assert {name: value.decode() for name, value in record.headers} == {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": "org.meilenstein.milestones.entry-reported.v1",
        "ce_source": "urn:meilenstein:hwk-dresden:files",
        "ce_time": "2026-03-02T08:30:00.000Z",
        "ce_sequence": "00000000000000000001",
        "content-type": "application/avro",
    }


def test_event_type_and_body_are_taken_like_a_typed_event(world: World) -> None:
    publisher = world.publisher()
    publisher.add(("EntryReported", {"case_reference": "A-4", "occurred_on": dt.date(2026, 3, 2)}), event_id=EVENT_ID)
    publisher.add(event(4), event_id=EVENT_ID)
    assert publisher.counts().waiting == 1


def test_adding_needs_neither_broker_nor_registry(world: World) -> None:
    world.broker.unavailable = BrokerUnavailable()
    world.registry.unavailable = RegistryUnavailable()
    publisher = world.publisher()
    publisher.add(event())
    assert publisher.counts().waiting == 1


def test_sequences_are_contiguous_per_publisher_over_restarts_and_refusals(world: World) -> None:
    first = world.publisher()
    first.add(event(1))
    first.add(event(2, publisher="ksv-sachsen"))
    with pytest.raises(InvalidEvent):
        first.add(("EntryReported", {"case_reference": "A-1"}))
    first.add(event(3))
    first.close()
    second = world.publisher()
    second.add(event(4))
    second.add(event(5, publisher="ksv-sachsen"))
    second.send()
    numbers = [(body["publisher"], body["sent_by"], body["sequence"]) for body in world.bodies()]
    assert numbers == [
        ("hwk-dresden", None, 1),
        ("ksv-sachsen", "hwk-dresden", 1),
        ("hwk-dresden", None, 2),
        ("hwk-dresden", None, 3),
        ("ksv-sachsen", "hwk-dresden", 2),
    ]


def test_a_new_epoch_numbers_anew_and_is_named(world: World) -> None:
    world.publisher().add(event(1))
    publisher = world.publisher(source_epoch=2)
    publisher.add(event(2))
    publisher.send()
    assert [(body["source_epoch"], body["sequence"]) for body in world.bodies()] == [(None, 1), (2, 1)]


def test_numbers_that_are_handed_in_are_not_taken_over(world: World) -> None:
    world.publisher().publish(event(1, sequence=77, source_epoch=9, published_at=START))
    (body,) = world.bodies()
    assert (body["sequence"], body["source_epoch"]) == (1, None)
    assert body["published_at"] != START


def test_the_same_id_with_the_same_facts_is_kept_once(world: World) -> None:
    publisher = world.publisher()
    assert publisher.add(event(), event_id=EVENT_ID) == EVENT_ID
    publisher.send()
    assert publisher.add(event(), event_id=EVENT_ID) == EVENT_ID
    publisher.send()
    assert len(world.broker.records(TOPIC)) == 1
    publisher.add(event(2))
    publisher.send()
    assert [body["sequence"] for body in world.bodies()] == [1, 2]


@pytest.mark.parametrize(
    "other",
    [
        EntryReported(case_reference="A-1", occurred_on=dt.date(2026, 3, 3)),
        EntryReported(case_reference="A-1", occurred_on=dt.date(2026, 3, 2), district_ags="14612"),
        ("ReferralAccepted", {"case_reference": "A-1", "occurred_on": dt.date(2026, 3, 2)}),
    ],
)
def test_the_same_id_with_other_facts_is_a_conflict(world: World, other: Any) -> None:
    publisher = world.publisher()
    publisher.add(event(), event_id=EVENT_ID)
    with pytest.raises(OutboxConflict, match=EVENT_ID):
        publisher.add(other, event_id=EVENT_ID)
    assert publisher.counts().waiting == 1


def test_adding_many_takes_all_or_none(world: World) -> None:
    publisher = world.publisher()
    publisher.add(event(1), event_id=EVENT_ID)
    with pytest.raises(OutboxConflict):
        publisher.add_many([event(2), event(3, event_id=EVENT_ID)])
    with pytest.raises(InvalidEvent):
        publisher.add_many([event(2), ("EntryReported", {})])
    assert publisher.counts().waiting == 1
    assert len(set(publisher.add_many([event(2), event(3)]))) == 2
    publisher.send()
    assert [body["sequence"] for body in world.bodies()] == [1, 2, 3]


def test_taking_can_leave_conflicts_out(world: World) -> None:
    publisher = world.publisher()
    known, conflict = publisher.prepare(event(1), event_id=EVENT_ID), publisher.prepare(event(2), event_id=EVENT_ID)
    outcomes = publisher.take([known, known, conflict, publisher.prepare(event(3))], all_or_none=False)
    assert outcomes == [Taken.ADDED, Taken.KNOWN, Taken.CONFLICT, Taken.ADDED]


def test_rules_refuse_critical_violations_and_keep_warnings(world: World) -> None:
    seen: list[Any] = []

    def check(event_type: str, body: Mapping[str, Any], *, received_at: dt.datetime | None = None) -> list[Misfit]:
        seen.append((event_type, body["publisher"], received_at))
        severity = {"A-1": "critical", "A-2": "warning"}.get(body["case_reference"])
        words = {"de": "falsch", "en": "wrong"}
        made = Misfit(rule="E-1", severity=severity or "", field="f", seen="s", expected="e", text=words, how=words)
        return [made] if severity else []

    publisher = world.publisher(check=check)
    with pytest.raises(InvalidEvent, match=r"\[E-1\] f: falsch / wrong \(falsch / wrong\)"):
        publisher.add(event(1))
    warned, good = publisher.add(event(2)), publisher.add(event(3))
    assert [entry["rule"] for entry in publisher.warnings(warned)] == ["E-1"]
    assert publisher.warnings(good) == publisher.warnings("no such id") == []
    assert seen[0][:2] == ("EntryReported", "hwk-dresden")
    assert seen[0][2] is not None
    publisher.send()
    assert [body["sequence"] for body in world.bodies()] == [1, 2]


def test_the_hubs_own_rules_are_the_default(world: World) -> None:
    defaulted = Publisher(
        agency="hwk-dresden",
        source_system="files",
        outbox=world.outbox,
        transport=world.transport,
        registry=world.registry,
        clock=world.clock,
    )
    world.opened.append(defaulted)
    wrong = EntryReported(case_reference="A-1", occurred_on=dt.date(2099, 1, 1), subject_kind=SubjectKind.PERSON)
    with pytest.raises(InvalidEvent) as refused:
        defaulted.add(wrong)
    assert "CONTRACT" not in str(refused.value)
    world.publisher(check=None).add(wrong)


def test_another_source_system_needs_another_outbox(world: World) -> None:
    publisher = world.publisher()
    with pytest.raises(InvalidEvent, match="source_system"):
        publisher.add(event(1, source_system="other"))
    with pytest.raises(StateMismatch, match="files"):
        world.publisher(source_system="other")
    with pytest.raises(StateMismatch, match="hwk-dresden"):
        world.publisher(agency="zefas")


def test_an_event_that_no_record_can_hold_is_refused_at_once(world: World) -> None:
    publisher = world.publisher()
    with pytest.raises(TooLarge):
        publisher.add(event(1, case_number="x" * 70_000))
    publisher.publish(event(1, case_number="x" * 60_000))
    with pytest.raises(UnknownSchema):
        publisher.add(("NoSuchEvent", {}))


def test_a_failed_producer_is_replaced_and_the_rest_sent_again_as_the_same_bytes(world: World) -> None:
    handed: list[Record] = []

    def fail_third_time(record: Record) -> MeilensteinError | None:
        handed.append(record)
        return NotAcknowledged("gone") if len(handed) == 3 else None

    world.broker.fault = fail_third_time
    publisher = world.publisher()
    ids = [publisher.add(event(number)) for number in range(5)]
    report = publisher.send()
    assert (report.sent, report.waiting, report.error) == (5, 0, None)
    assert world.transport.producers_made == 2
    assert [body["event_id"] for body in world.bodies()] == ids
    assert [record.value for record in handed if record.key == b"A-2"] == [world.broker.records(TOPIC)[2].value] * 2


def test_a_record_whose_confirmation_was_lost_is_sent_again_unchanged(world: World) -> None:
    publisher = world.publisher()
    publisher.add(event())
    world.broker.lose_acks = True
    report = publisher.send(timeout=0)
    assert (report.sent, report.waiting) == (0, 1)
    assert isinstance(report.error, NotAcknowledged)
    with pytest.raises(NotAcknowledged):
        report.require_all()
    world.broker.lose_acks = False
    publisher.close()
    world.clock.now += dt.timedelta(days=1)
    assert world.publisher().send().require_all().sent == 1
    first, second = world.broker.records(TOPIC)
    assert first.value == second.value
    assert first.headers == second.headers


@pytest.mark.parametrize("fault", [BrokerUnavailable("no broker"), RegistryUnavailable("no registry")])
def test_faults_that_pass_are_waited_for_until_the_time_is_over(world: World, fault: MeilensteinError) -> None:
    if isinstance(fault, BrokerUnavailable):
        world.broker.unavailable = fault
    else:
        world.registry.unavailable = fault
    publisher = world.publisher()
    publisher.add(event())
    report = publisher.send(timeout=10)
    assert (report.sent, report.waiting, report.error) == (0, 1, fault)
    assert len(world.slept) > 3
    assert 7 < world.seconds < 10
    world.broker.unavailable = world.registry.unavailable = None
    assert publisher.send().sent == 1


def test_publishing_says_when_the_event_is_only_safe_here(world: World) -> None:
    world.broker.unavailable = BrokerUnavailable("no broker")
    publisher = world.publisher()
    with pytest.raises(BrokerUnavailable, match="no broker"):
        publisher.publish(event(), timeout=1)
    assert publisher.counts().waiting == 1


@pytest.mark.parametrize("fault", [AccessDenied("no right"), RefusedByBroker("too large"), TopicMissing(TOPIC)])
def test_faults_that_a_person_must_mend_raise_at_once_and_lose_nothing(world: World, fault: MeilensteinError) -> None:
    world.broker.fault = lambda record: fault if record.key == b"A-2" else None
    publisher = world.publisher()
    ids = [publisher.add(event(number)) for number in (1, 2, 3)]
    with pytest.raises(type(fault)) as told:
        publisher.send()
    if isinstance(told.value, RefusedByBroker):
        assert told.value.event_id == ids[1]
    assert world.slept == []
    assert (publisher.counts().waiting, publisher.counts().acknowledged) == (2, 1)
    world.broker.fault = None
    assert publisher.send().sent == 2
    assert [body["event_id"] for body in world.bodies()] == ids


def test_a_missing_topic_is_named(world: World) -> None:
    publisher = world.publisher(agency="abh-dresden", outbox=world.outbox.with_name("other"))
    publisher.add(event())
    with pytest.raises(TopicMissing, match=r"milestones\.abh-dresden"):
        publisher.send()


def test_a_contract_that_is_not_registered_is_for_the_operator(world: World) -> None:
    publisher = world.publisher(registry=MemoryRegistry({}))
    publisher.add(event())
    with pytest.raises(ContractNotRegistered, match="contracts apply"):
        publisher.send()
    assert publisher.counts().waiting == 1


def test_more_than_a_window_is_sent_in_order(world: World) -> None:
    publisher = world.publisher()
    publisher.add_many(event(number) for number in range(WINDOW + 5))
    assert publisher.send().sent == WINDOW + 5
    assert [body["sequence"] for body in world.bodies()] == list(range(1, WINDOW + 6))
    assert world.transport.producers_made == 1


def test_sending_ends_in_time_even_if_events_are_added_all_the_while(world: World) -> None:
    publisher = world.publisher()

    def one_more(record: Record) -> None:
        world.seconds += 1
        publisher.add(event(int(world.seconds)))

    world.broker.fault = one_more
    publisher.add(event(0))
    report = publisher.send(timeout=20)
    assert report.waiting > 0
    assert 20 <= world.seconds < 60
    with pytest.raises(NotAcknowledged, match="wait"):
        report.require_all()


def test_only_one_sends_at_a_time_but_adding_goes_on(world: World) -> None:
    first, second = world.publisher(), world.publisher()
    first.add(event(1))
    entered, leave = threading.Event(), threading.Event()

    def hold(_: Record) -> None:
        entered.set()
        assert leave.wait(10)

    world.broker.fault = hold
    thread = threading.Thread(target=first.send)
    thread.start()
    try:
        assert entered.wait(10)
        second.add(event(2))
        with pytest.raises(OutboxBusy):
            second.send()
    finally:
        leave.set()
        thread.join(10)
    # The one that was sending also found what was added meanwhile.
    assert second.counts().acknowledged == 2
    assert second.send().sent == 0


def test_a_broken_off_send_keeps_what_was_confirmed(world: World) -> None:
    def interrupt(record: Record) -> MeilensteinError | None:
        if record.key == b"A-3":
            raise KeyboardInterrupt
        return None

    publisher = world.publisher()
    publisher.add_many(event(number) for number in (1, 2, 3, 4))
    world.broker.fault = interrupt
    with pytest.raises(KeyboardInterrupt):
        publisher.send()
    world.broker.fault = None
    publisher.send()
    sent = [body["case_reference"] for body in world.bodies()]
    assert sorted(set(sent)) == ["A-1", "A-2", "A-3", "A-4"]


def test_a_file_that_stays_locked_is_told_and_may_work_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meilenstein_connectors.state._BUSY_SECONDS", 0.05)
    publisher, other = world.publisher(), StateFile(world.outbox)
    with other.transaction(), pytest.raises(OutboxBusy, match="locked"):
        publisher.add(event(1))
    other.close()
    publisher.add(event(1))
    assert publisher.counts().waiting == 1


def test_a_full_disk_takes_nothing_and_says_so(world: World) -> None:
    publisher = world.publisher()
    publisher.add(event(1))
    state = publisher._state
    pages = state.rows("pragma page_count")[0][0]
    state.rows(f"pragma max_page_count = {pages}")
    with pytest.raises(RetryableError, match="cannot be written"):
        publisher.add_many(event(number) for number in range(2, 500))
    assert publisher.counts().waiting == 1
    state.rows("pragma max_page_count = 100000")
    publisher.add(event(2))
    publisher.send()
    assert [body["sequence"] for body in world.bodies()] == [1, 2]


def test_a_file_of_another_format_is_not_touched(world: World) -> None:
    world.publisher().close()
    state = StateFile(world.outbox)
    state.rows("pragma user_version = 99")
    state.close()
    with pytest.raises(MeilensteinError, match="format 99"):
        world.publisher()


def test_a_file_that_is_no_database_is_one_clear_line(world: World) -> None:
    world.outbox.write_bytes(b"this is no database, but it is long enough to be read as one" * 20)
    with pytest.raises(MeilensteinError, match="cannot be used as state file") as told:
        world.publisher()
    assert "\n" not in str(told.value)


def test_nothing_of_an_event_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        world.publisher().publish(
            ApplicationReceived(case_reference="SECRET-FILE", occurred_on=dt.date(2026, 3, 2), case_number="SECRET")
        )
    assert "SECRET" not in caplog.text


def test_the_facts_do_not_depend_on_how_the_event_came(world: World) -> None:
    publisher = world.publisher()
    body = example("EntryReported", event_id=EVENT_ID, recorded_at=START.astimezone(dt.timezone(dt.timedelta(hours=1))))
    typed = EntryReported.from_body({**body, "recorded_at": START + dt.timedelta(microseconds=7)})
    assert publisher.prepare(("EntryReported", body)).facts == publisher.prepare(typed).facts
