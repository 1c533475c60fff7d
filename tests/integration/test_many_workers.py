"""Several copies of every step while partners publish, and copies that freeze: who does the work changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.children import Child
from tests.support.crews import Crew, FreezeBeforeCommit, StepAgain, partners_of
from tests.support.raw_kafka import Raw, entry, framed, rows, schema_id_of, send_raw
from tests.support.settled import check_settled, settle
from tests.support.stack import wait_until

from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints
from meilenstein.summary import STEPS

pytestmark = pytest.mark.stack

CASES = 220
COPIES = {"drain": 3, "validate": 3, "reconcile": 2, "feedback": 4}


def is_done(endpoints: Endpoints, records: int) -> bool:
    """Say whether at least so many records were drained, and all of them judged, folded and answered."""
    query = (
        "select (select count(*) from journal), (select count(*) from verdict), (select count(*) from touched), "
        "(select count(*) from outbox where sent_at is null)"
    )
    ((drained, judged, touched, unsent),) = rows(endpoints, query)
    return records <= drained == judged and not touched and not unsent


@pytest.mark.timeout(900)
def test_copies_of_every_step_beside_each_other_keep_up_with_four_partners_and_none_fails(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    partners = partners_of(CASES, tmp_path, pause=0.2)
    # A drain that rests makes fewer and larger batches: judging one costs a second, whatever is in it.
    works = [
        StepAgain(name, stop, rest=0.5 if name == "drain" else 0.05)
        for name, copies in COPIES.items()
        for _ in range(copies)
    ]
    with Crew(endpoints, works) as steps, Crew(endpoints, partners) as senders:
        acknowledged = senders.outcomes()
        assert all(isinstance(count, int) for count in acknowledged), acknowledged
        wait_until(lambda: is_done(endpoints, sum(acknowledged)), seconds=400, message="they do not keep up")
        stop.touch()
        outcomes = steps.outcomes()
    assert all(isinstance(counts, dict) for counts in outcomes), outcomes
    assert not any(counts.get("gave_up") for counts in outcomes), "a copy that loses a race is to be quiet"
    done = {name: [c for c, work in zip(outcomes, works, strict=True) if work.name == name] for name in COPIES}
    assert sum(counts.get("records", 0) > 0 for counts in done["drain"]) > 1, "one copy did everything"
    assert sum(counts.get("sent", 0) > 0 for counts in done["feedback"]) > 1, "one copy did everything"
    settle(endpoints)
    published = sum(acknowledged)
    assert published > 3000
    found = check_settled(endpoints, [path for partner in partners for path in partner.outboxes])
    events = sum(len(partner.events) for partner in partners)
    assert (found.records, found.accepted) == (published, events)
    assert found.duplicate > events / 20 and found.quarantined > events / 40
    assert rows(endpoints, "select max(version) > 1 from feed_key") == [(True,)]


EVENTS = 150
ONE_OFFICE = "abh-dresden"


def publish(endpoints: Endpoints, salt: str) -> None:
    """Publish an event of each case; another salt makes other events of the same cases."""
    schema_id = schema_id_of(endpoints, "EntryReported")
    bodies = [entry(number, publisher=ONE_OFFICE, salt=salt, case_reference=f"A-{number}") for number in range(EVENTS)]
    send_raw(endpoints, [Raw(topic=f"milestones.{ONE_OFFICE}", value=framed(schema_id, body)) for body in bodies])


def state_of_everything(endpoints: Endpoints) -> list[Any]:
    """Return what would show that the frozen copy wrote something after all."""
    return [
        rows(endpoints, "select topic, next_offset from cursor order by topic"),
        rows(endpoints, "select id, received_at from journal order by id"),
        rows(endpoints, "select journal_id, fate, decided_at from verdict order by journal_id"),
        rows(endpoints, "select id, n, state from batch order by id"),
        rows(endpoints, "select case_id, version, changed_at from case_state order by case_id"),
        rows(endpoints, "select id, sent_at from outbox order by id"),
    ]


@pytest.mark.parametrize("name", STEPS)
def test_a_copy_frozen_just_before_its_commit_holds_nobody_up_for_long_and_changes_nothing_when_it_wakes(
    endpoints: Endpoints, hub: Hub, name: str
) -> None:
    hub.drain()  # the cursors are there from now on
    publish(endpoints, "first")
    for earlier in STEPS[: STEPS.index(name)]:
        hub.step(earlier)
    frozen = Child(endpoints, FreezeBeforeCommit(name))
    try:
        frozen.go()
        assert frozen.told() == "frozen"
        wait_until(frozen.is_stopped, seconds=60, message="it did not stop")
        if name == "reconcile":  # its work is the cases that it folds, whatever else comes to them
            publish(endpoints, "second")
            assert hub.drain() and hub.validate()
        assert not hub.step(name), "what the frozen copy holds, another one passes over, at once and without an error"
        publish(endpoints, "third")
        wait_until(lambda: bool(hub.step(name)), seconds=60, message="the frozen copy still holds everything")
        settle(endpoints)
        before = state_of_everything(endpoints)
    finally:
        frozen.resume()
    outcome = frozen.outcome()
    assert isinstance(outcome, str), f"it did not notice that it had been dispossessed: {outcome}"
    assert outcome.startswith("RetryableError"), outcome
    assert state_of_everything(endpoints) == before
    settle(endpoints)
    found = check_settled(endpoints)
    published = EVENTS * (3 if name == "reconcile" else 2)
    assert (found.records, found.accepted) == (published, published)
