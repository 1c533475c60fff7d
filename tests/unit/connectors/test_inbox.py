"""Replies and cases come at least once and in order; the fate of an event follows from them."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from meilenstein_connectors.errors import BrokerUnavailable, StateMismatch, TopicMissing
from meilenstein_connectors.events import EntryReported
from meilenstein_connectors.inbox import Fate, FateState, Inbox
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.replies import (
    CaseUpdate,
    Change,
    Decision,
    Duplicate,
    Place,
    Question,
    Receipt,
    Rejection,
    UnknownReply,
)
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport

AGENCY = "abh-dresden"
SENT, REPLIES, CASES = f"milestones.{AGENCY}", f"replies.{AGENCY}", f"cases.{AGENCY}"
NOW = "2026-03-02T09:00:00+00:00"
REASON = {
    "code": "RULE:E-014",
    "rule": "E-014",
    "field": "district_ags",
    "seen": "99999",
    "expected": "a district of Saxony",
    "text": {"de": "Unbekannter Kreis.", "en": "Unknown district."},
    "how": {"de": "AGS prüfen.", "en": "Check the AGS."},
}


class Hub:
    """The other side: puts replies and case states on the topics."""

    def __init__(self, folder: Path) -> None:
        self.broker = MemoryBroker([SENT, REPLIES, CASES])
        self.transport = MemoryTransport(self.broker)
        self.state = folder / "state.sqlite"
        self.opened: list[Any] = []

    def reply(self, **plain: Any) -> None:
        value = json.dumps({"decided_at": NOW, "topic": SENT, "partition": 0, **plain}).encode()
        self.broker.append(REPLIES, key=f"{SENT}-0".encode(), value=value)

    def receipt(self, *ranges: list[int]) -> None:
        self.reply(kind="RECEIPT", batch=1, accepted=ranges)

    def case(self, key: str, version: int, **plain: Any) -> None:
        state: dict[str, Any] = {"state": "ACTIVE", "change": "PROGRESS", "changed": ["entry"], "references": []}
        state["view"] = {"n": version}
        value = json.dumps({"version": version, **state, **plain}).encode()
        self.broker.append(CASES, key=key.encode(), value=value)

    def inbox(self, **changes: Any) -> Inbox:
        self.opened.append(
            Inbox(**{"agency": AGENCY, "transport": self.transport, "state": self.state, **changes})  # type: ignore[arg-type]
        )
        return self.opened[-1]  # type: ignore[no-any-return]

    def publisher(self, **changes: Any) -> Publisher:
        settings = {
            "agency": AGENCY,
            "source_system": "files",
            "outbox": self.state,
            "transport": self.transport,
            "registry": MemoryRegistry(),
            "check": None,
        }
        self.opened.append(Publisher(**{**settings, **changes}))  # type: ignore[arg-type]
        return self.opened[-1]  # type: ignore[no-any-return]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = Hub(tmp_path)
    yield made
    for part in made.opened:
        part.close()


def event(number: int) -> EntryReported:
    return EntryReported(case_reference=f"A-{number}", occurred_on=dt.date(2026, 3, 2))


def test_every_kind_of_reply_is_typed(hub: Hub) -> None:
    hub.receipt([0, 41], [43, 99])
    hub.reply(kind="REJECTED", offset=42, event_id="id-42", event_type="EntryReported", item=17, reasons=[REASON])
    hub.reply(
        kind="DUPLICATE",
        offset=43,
        event_id="id-43",
        event_type="EntryReported",
        duplicate_of={"topic": SENT, "partition": 0, "offset": 7},
    )
    hub.reply(kind="QUESTION", code="REFERRAL_UNANSWERED", about="R-1", text={"de": "Frage", "en": "Question"})
    hub.reply(kind="SOMETHING_NEW")
    hub.broker.append(REPLIES, key=b"k", value=b"\xff not json")
    hub.broker.append(REPLIES, key=b"k", value=None)
    receipt, rejection, duplicate, question, *unknown = hub.inbox().replies(timeout=0)
    at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert receipt == Receipt(topic=SENT, partition=0, batch=1, accepted=((0, 41), (43, 99)), decided_at=at)
    assert isinstance(rejection, Rejection)
    assert (rejection.place, rejection.item) == (Place(topic=SENT, partition=0, offset=42), 17)
    assert (rejection.reasons[0].code, rejection.reasons[0].how["de"]) == ("RULE:E-014", "AGS prüfen.")
    assert isinstance(duplicate, Duplicate)
    assert duplicate.duplicate_of.offset == 7
    assert question == Question(
        code="REFERRAL_UNANSWERED", about="R-1", text={"de": "Frage", "en": "Question"}, decided_at=at
    )
    assert [(type(reply), reply.offset) for reply in unknown if isinstance(reply, UnknownReply)] == [
        (UnknownReply, 4),
        (UnknownReply, 5),
        (UnknownReply, 6),
    ]


def test_a_reply_is_taken_when_the_next_one_is_asked_for(hub: Hub) -> None:
    for number in range(4):
        hub.receipt([number, number])
    inbox = hub.inbox()
    for count, reply in enumerate(inbox.replies(timeout=0), start=1):
        assert isinstance(reply, Receipt)
        if count == 3:
            break  # as if the program ended while it worked on the third
    inbox.close()
    again = [reply.accepted[0][0] for reply in hub.inbox().replies(timeout=0) if isinstance(reply, Receipt)]
    assert again == [2, 3]
    assert list(hub.inbox().replies(timeout=0)) == []


def test_replies_that_come_while_waiting_are_yielded(hub: Hub) -> None:
    inbox = hub.inbox()
    hub.receipt([0, 0])
    seen = 0
    for _ in inbox.replies(timeout=0.3):
        seen += 1
        if seen < 3:
            hub.receipt([seen, seen])
    assert seen == 3


def test_the_highest_version_of_a_case_wins(hub: Hub) -> None:
    hub.case("k1", 1)
    hub.case("k2", 1)
    hub.case("k1", 3)
    hub.case("k1", 2)  # late
    hub.case("k1", 3)  # sent twice
    inbox = hub.inbox()
    assert [(update.key, update.version) for update in inbox.cases(timeout=0)] == [("k1", 1), ("k2", 1), ("k1", 3)]
    assert [(case.key, case.version) for case in inbox.current_cases()] == [("k1", 3), ("k2", 1)]
    hub.case("k1", 1)
    assert list(inbox.cases(timeout=0)) == []


def test_a_revoked_case_is_told_and_a_tombstone_removes_it(hub: Hub) -> None:
    hub.case("k1", 1)
    hub.case("k1", 2, state="REVOKED", view=None)
    hub.broker.append(CASES, key=b"k1", value=None)
    hub.broker.append(CASES, key=b"k1", value=None)
    hub.broker.append(CASES, key=b"never-seen", value=None)
    hub.case("k1", 2)  # an old state that comes late does not bring it back
    inbox = hub.inbox()
    updates = list(inbox.cases(timeout=0))
    assert [(update.version, update.state) for update in updates] == [(1, "ACTIVE"), (2, "REVOKED"), (2, "REMOVED")]
    assert (updates[1].view, updates[2].view) == (None, None)
    assert inbox.current_cases() == []
    hub.case("k1", 3)
    assert [update.version for update in inbox.cases(timeout=0)] == [3]


def test_a_case_update_carries_everything(hub: Hub) -> None:
    hub.case("k1", 5, change="CORRECTION", changed=["outcome"], references=[{"kind": "CASE", "reference": "A-4"}])
    assert list(hub.inbox().cases(timeout=0)) == [
        CaseUpdate(
            key="k1",
            version=5,
            state="ACTIVE",
            change="CORRECTION",
            changed=("outcome",),
            references=({"kind": "CASE", "reference": "A-4"},),
            view={"n": 5},
        )
    ]


@pytest.mark.parametrize(
    "value", [b"", b"nonsense", b"[]", b'{"version": "x"}', b'{"state": "ACTIVE"}', b'{"version": 1e400}', b"\xff"]
)
def test_a_record_that_is_no_case_is_passed_over_with_a_warning(
    hub: Hub, value: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    hub.broker.append(CASES, key=b"k1", value=value)
    hub.case("k2", 1)
    assert [update.key for update in hub.inbox().cases(timeout=0)] == ["k2"]
    assert "offset 0" in caplog.text


def test_cases_survive_a_restart_without_the_network(hub: Hub) -> None:
    hub.case("k1", 1)
    inbox = hub.inbox()
    inbox.refresh()
    inbox.close()
    hub.broker.unavailable = BrokerUnavailable()
    assert [case.key for case in hub.inbox().current_cases()] == ["k1"]


def test_the_fate_of_an_event_step_by_step(hub: Hub) -> None:
    publisher, inbox = hub.publisher(), hub.inbox()
    ids = [publisher.add(event(number)) for number in range(4)]
    assert inbox.fate(ids[0]) == Fate(event_id=ids[0], state=FateState.PENDING_HERE)
    publisher.send()
    second = Place(topic=SENT, partition=0, offset=1)
    assert inbox.fate(ids[1]) == Fate(event_id=ids[1], state=FateState.SENT, place=second)
    hub.receipt([0, 0], [3, 3])
    hub.reply(kind="REJECTED", offset=1, event_id=ids[1], event_type="EntryReported", item=1, reasons=[REASON])
    hub.reply(
        kind="DUPLICATE",
        offset=2,
        event_id=ids[2],
        event_type="EntryReported",
        duplicate_of={"topic": SENT, "partition": 0, "offset": 0},
    )
    assert inbox.fate(ids[0]).state is FateState.SENT, "what was not read is not known"
    inbox.refresh()
    assert [inbox.fate(event_id).state for event_id in ids] == ["ACCEPTED", "REJECTED", "DUPLICATE", "ACCEPTED"]
    assert inbox.fate(ids[1]).reasons[0].text["en"] == "Unknown district."
    assert inbox.fate(ids[2]).duplicate_of == Place(topic=SENT, partition=0, offset=0)
    assert inbox.fate("no such id").state is FateState.UNKNOWN


def test_the_fate_is_known_whether_replies_were_taken_or_not(hub: Hub) -> None:
    publisher = hub.publisher()
    event_id = publisher.publish(event(1))
    hub.reply(kind="REJECTED", offset=0, event_id=event_id, event_type="EntryReported", item=1, reasons=[REASON])
    inbox = hub.inbox()
    assert len(list(inbox.replies(timeout=0))) == 1
    assert inbox.fate(event_id).state is FateState.REJECTED
    inbox.refresh()
    assert list(inbox.replies(timeout=0)) == []


def test_a_range_covers_what_lies_in_it_and_nothing_else(hub: Hub) -> None:
    publisher, inbox = hub.publisher(), hub.inbox()
    ids = publisher.add_many(event(number) for number in range(6))
    publisher.send()
    hub.receipt([1, 3], [5, 5])
    inbox.refresh()
    assert [inbox.fate(event_id).state for event_id in ids] == [
        "SENT",
        "ACCEPTED",
        "ACCEPTED",
        "ACCEPTED",
        "SENT",
        "ACCEPTED",
    ]


def test_an_item_that_a_steward_released_later_is_accepted(hub: Hub) -> None:
    publisher, inbox = hub.publisher(), hub.inbox()
    event_id = publisher.publish(event(1))
    hub.reply(kind="REJECTED", offset=0, event_id=event_id, event_type="EntryReported", item=1, reasons=[REASON])
    hub.receipt([0, 0])
    inbox.refresh()
    assert inbox.fate(event_id).state is FateState.ACCEPTED


def test_a_reply_about_another_topic_is_not_mixed_up(hub: Hub) -> None:
    publisher, inbox = hub.publisher(), hub.inbox()
    event_id = publisher.publish(event(1))
    hub.reply(kind="RECEIPT", batch=1, accepted=[[0, 9]], topic="milestones.zefas")
    hub.reply(kind="RECEIPT", batch=1, accepted=[[0, 9]], partition=1)
    inbox.refresh()
    assert inbox.fate(event_id).state is FateState.SENT


def test_the_outbox_may_be_another_file(hub: Hub, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.sqlite"
    event_id = hub.publisher(outbox=outbox).publish(event(1))
    hub.receipt([0, 0])
    inbox = hub.inbox(outbox=outbox)
    inbox.refresh()
    assert inbox.fate(event_id).state is FateState.ACCEPTED


def test_without_the_outbox_only_named_answers_are_known(hub: Hub) -> None:
    hub.reply(kind="REJECTED", offset=0, event_id="named", event_type=None, item=1, reasons=[])
    inbox = hub.inbox()
    inbox.refresh()
    assert inbox.fate("named").state is FateState.REJECTED
    assert inbox.fate("not named").state is FateState.UNKNOWN


def test_a_hub_that_was_set_up_anew_is_noticed(hub: Hub) -> None:
    for number in range(5):
        hub.receipt([number, number])
    inbox = hub.inbox()
    list(inbox.replies(timeout=0))
    inbox.close()
    hub.broker.create_topic(REPLIES)
    with pytest.raises(StateMismatch, match="another state file"):
        list(hub.inbox().replies(timeout=0))
    for number in range(5, 12):
        hub.receipt([number, number])
    with pytest.raises(StateMismatch, match="another state file"):
        list(hub.inbox().replies(timeout=0))


def test_records_that_retention_removed_are_no_mismatch(hub: Hub) -> None:
    for number in range(5):
        hub.receipt([number, number])
    inbox = hub.inbox()
    list(inbox.replies(timeout=0))
    inbox.close()
    hub.receipt([5, 5])
    hub.receipt([6, 6])
    hub.broker.expire(REPLIES, 6)
    (reply,) = hub.inbox().replies(timeout=0)
    assert isinstance(reply, Receipt)
    assert reply.accepted == ((6, 6),)


def test_faults_of_the_broker_are_told_and_reading_goes_on_later(hub: Hub) -> None:
    hub.receipt([0, 0])
    inbox = hub.inbox()
    hub.broker.unavailable = BrokerUnavailable("no broker")
    with pytest.raises(BrokerUnavailable):
        list(inbox.replies(timeout=0))
    hub.broker.unavailable = None
    assert len(list(inbox.replies(timeout=0))) == 1


def test_a_missing_topic_is_named(hub: Hub) -> None:
    with pytest.raises(TopicMissing, match=r"replies\.zefas"):
        list(hub.inbox(agency="zefas").replies(timeout=0))


def test_the_file_belongs_to_one_agency(hub: Hub) -> None:
    hub.inbox()
    with pytest.raises(StateMismatch, match=AGENCY):
        hub.inbox(agency="zefas")


def decide(hub: Hub, offset: int, decision: str, **plain: Any) -> None:
    hub.reply(
        kind="DECIDED",
        decision=decision,
        offset=offset,
        item=17,
        event_id="id-1",
        event_type="EntryReported",
        text={"de": "Entschieden.", "en": "Decided."},
        reason="by telephone",
        **plain,
    )


def reject(hub: Hub, offset: int, event_id: str) -> None:
    hub.reply(kind="REJECTED", offset=offset, event_id=event_id, event_type="EntryReported", item=17, reasons=[REASON])


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        ("RELEASED", FateState.ACCEPTED),
        ("CORRECTED", FateState.ACCEPTED),
        ("REJECTED", FateState.REJECTED),
        ("SOMETHING_NEW", FateState.REJECTED),
    ],
)
@pytest.mark.parametrize("taken", [True, False])
def test_what_a_steward_decides_becomes_the_fate(hub: Hub, decision: str, state: FateState, taken: bool) -> None:
    publisher, inbox = hub.publisher(), hub.inbox()
    event_id = publisher.publish(event(1))
    changed = [{"field": "district_ags", "was": "99999", "now": "14612"}] if decision == "CORRECTED" else []
    reject(hub, 0, event_id)
    decide(hub, 0, decision, changed=changed)
    inbox.refresh()
    if taken:
        assert len(list(inbox.replies(timeout=0))) == 2
    fate = inbox.fate(event_id)
    assert fate.state is state
    assert [reason.code for reason in fate.reasons] == ["RULE:E-014"], "why it was refused first"
    assert fate.decision is not None
    assert (fate.decision.decision, fate.decision.reason, fate.decision.item) == (decision, "by telephone", 17)
    assert fate.changed == tuple(Change(**one) for one in changed)


def test_a_rejection_that_comes_twice_does_not_undo_what_was_decided_about_it(hub: Hub) -> None:
    event_id = hub.publisher().publish(event(1))
    inbox = hub.inbox()
    reject(hub, 0, event_id)
    decide(hub, 0, "RELEASED")
    reject(hub, 0, event_id)
    inbox.refresh()
    assert inbox.fate(event_id).state is FateState.ACCEPTED


def test_an_event_that_was_sent_again_after_a_decision_has_its_own_answer(hub: Hub) -> None:
    """Without an outbox only the event id is known; it may stand at two places."""
    inbox = hub.inbox()
    reject(hub, 0, "id-1")
    decide(hub, 0, "REJECTED")
    reject(hub, 5, "id-1")
    inbox.refresh()
    fate = inbox.fate("id-1")
    assert (fate.state, fate.place, fate.decision) == (
        FateState.REJECTED,
        Place(topic=SENT, partition=0, offset=5),
        None,
    )


def test_a_decision_about_a_question_has_no_record(hub: Hub) -> None:
    value = {"kind": "DECIDED", "decision": "FINDING_CLOSED", "code": "FORK", "about": "event:x/1", "decided_at": NOW}
    hub.broker.append(REPLIES, key=b"k", value=json.dumps({**value, "text": {}, "reason": "r"}).encode())
    hub.reply(kind="DECIDED", decision="CORRECTED", offset=1, changed=["no object"])
    decision, unknown = hub.inbox().replies(timeout=0)
    assert isinstance(decision, Decision)
    assert (decision.place, decision.code, decision.about, decision.changed) == (None, "FORK", "event:x/1", ())
    assert isinstance(unknown, UnknownReply)


def test_a_state_file_of_an_earlier_version_learns_how_far_the_hub_is(hub: Hub) -> None:
    hub.inbox().close()
    with closing(sqlite3.connect(hub.state)) as file:
        file.execute("drop table inbox_complete")
    hub.reply(kind="RECEIPT", batch=1, accepted=[[0, 0]], complete_to=[
        {"publisher": AGENCY, "source_system": "files", "sequence": 4}
    ])  # fmt: skip
    inbox = hub.inbox()
    (receipt,) = inbox.replies(timeout=0)
    assert isinstance(receipt, Receipt)
    assert list(receipt.complete_to) == inbox.complete_to()
    assert [(one.source_epoch, one.sequence) for one in receipt.complete_to] == [(None, 4)]
    inbox.close()
