"""A halted partition goes on only when two people said the same; every attempt is on record."""

from __future__ import annotations

import threading

import pytest
from tests.support.raw_kafka import rows

from meilenstein.bootstrap import Hub
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.settings import Endpoints

pytestmark = pytest.mark.stack

TOPIC = "milestones.abh-dresden"
ASK = {"partition": 0, "at": None, "reason": "the log is as it was"}


@pytest.fixture
def halted(endpoints: Endpoints, hub: Hub) -> None:
    hub.drain()
    rows(endpoints, "update cursor set halted_reason = 'LOG_CHANGED', halted_at = now() where topic = %s", TOPIC)


def is_halted(endpoints: Endpoints) -> bool:
    return rows(endpoints, "select halted_reason is not null from cursor where topic = %s", TOPIC) == [(True,)]


def trail(endpoints: Endpoints) -> list[tuple[object, ...]]:
    return rows(endpoints, "select actor, act, object, outcome from audit order by seq")


def test_one_person_proposes_and_another_lets_it_go_on(endpoints: Endpoints, hub: Hub, halted: None) -> None:
    first = hub.resume(TOPIC, **ASK, actor="a.muster")
    assert not first.resumed and "still stands" in first.said and f"proposal {first.proposal_id} waits" in first.said
    assert not hub.resume(TOPIC, **ASK, actor="a.muster").resumed
    assert is_halted(endpoints)
    done = hub.resume(TOPIC, **ASK, actor="b.beispiel")
    assert (done.resumed, done.proposal_id) == (True, first.proposal_id)
    assert not is_halted(endpoints)
    about = ("cursor.resume", f"{TOPIC}-0")
    assert trail(endpoints) == [("a.muster", *about, "PROPOSED"), ("b.beispiel", *about, "DONE")]
    digests = rows(endpoints, "select distinct digest from audit")
    assert len(digests) == 1 and digests[0][0] is not None
    decided = rows(endpoints, "select kind, about, actor, proposal_id, content ->> 'goes_on_at' from decision")
    assert decided == [(*about, "b.beispiel", first.proposal_id, "0")]


def test_whoever_resumed_may_repeat_it_and_anybody_else_is_told_who_did(
    endpoints: Endpoints, hub: Hub, halted: None
) -> None:
    for actor in ("a.muster", "b.beispiel"):
        hub.resume(TOPIC, **ASK, actor=actor)
    again = hub.resume(TOPIC, **ASK, actor="b.beispiel")
    assert again.resumed and "was resumed by a.muster and b.beispiel" in again.said
    with pytest.raises(PermanentError, match=r"was resumed by a\.muster and b\.beispiel at .* nothing was changed"):
        hub.resume(TOPIC, **ASK, actor="c.drittes")
    assert trail(endpoints)[2:] == [("c.drittes", "cursor.resume", f"{TOPIC}-0", "REFUSED")]


def test_another_offset_is_another_proposal(endpoints: Endpoints, hub: Hub, halted: None) -> None:
    hub.resume(TOPIC, **ASK, actor="a.muster")
    other = hub.resume(TOPIC, partition=0, at=0, reason="the start", actor="b.beispiel")
    assert not other.resumed
    assert "overtakes proposal 1, which a.muster made" in other.said
    assert is_halted(endpoints)
    assert hub.resume(TOPIC, partition=0, at=0, reason="agreed", actor="a.muster").resumed


def test_a_withdrawn_proposal_cannot_be_confirmed(endpoints: Endpoints, hub: Hub, halted: None) -> None:
    first = hub.resume(TOPIC, **ASK, actor="a.muster").proposal_id
    assert first is not None
    assert hub.withdraw(first, actor="a.muster", reason="not yet") == f"proposal {first} is withdrawn"
    assert "already withdrawn by a.muster" in hub.withdraw(first, actor="a.muster", reason="again")
    assert not hub.resume(TOPIC, **ASK, actor="b.beispiel").resumed
    assert hub.resume(TOPIC, **ASK, actor="a.muster").resumed
    with pytest.raises(PermanentError, match=r"was confirmed by a\.muster"):
        hub.withdraw(first + 1, actor="c.drittes", reason="too late")
    with pytest.raises(ConfigurationError, match="no proposal 99"):
        hub.withdraw(99, actor="c.drittes", reason="none")
    hub.connection("withdraw").rollback()
    assert [(act, outcome) for _, act, _, outcome in trail(endpoints)] == [
        ("cursor.resume", "PROPOSED"),
        ("proposal.withdraw", "DONE"),
        ("cursor.resume", "PROPOSED"),
        ("cursor.resume", "DONE"),
        ("proposal.withdraw", "REFUSED"),
        ("proposal.withdraw", "REFUSED"),
    ]


@pytest.mark.parametrize(
    ("topic", "at", "error", "word"),
    [
        (TOPIC, 7, ConfigurationError, "cannot be read from"),
        ("milestones.zefas", None, PermanentError, "not halted"),
        ("milestones.nobody", None, ConfigurationError, "not known"),
    ],
)
def test_a_refused_attempt_changes_nothing_and_is_on_record(
    endpoints: Endpoints, hub: Hub, halted: None, topic: str, at: int | None, error: type[Exception], word: str
) -> None:
    with pytest.raises(error, match=word):
        hub.resume(topic, partition=0, at=at, reason="try", actor="a.muster")
    assert is_halted(endpoints)
    assert trail(endpoints) == [("a.muster", "cursor.resume", f"{topic}-0", "REFUSED")]
    assert rows(endpoints, "select count(*) from proposal") == [(0,)]


def test_of_two_people_who_confirm_at_once_one_does_and_the_other_is_told(
    endpoints: Endpoints, hub: Hub, halted: None
) -> None:
    hub.resume(TOPIC, **ASK, actor="a.muster")
    together, told = threading.Barrier(2), []

    def confirm(actor: str) -> None:
        with Hub(endpoints) as own:
            own.log()
            together.wait()
            try:
                told.append(own.resume(TOPIC, **ASK, actor=actor).said)
            except PermanentError as error:
                told.append(str(error))

    people = [threading.Thread(target=confirm, args=(name,)) for name in ("b.beispiel", "c.drittes")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted("nothing was changed" in said for said in told) == [False, True]
    assert sorted(outcome for *_, outcome in trail(endpoints)) == ["DONE", "PROPOSED", "REFUSED"]
    assert rows(endpoints, "select count(*) from decision") == [(1,)]
