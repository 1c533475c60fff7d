"""Bulk jobs on the real store: killed, paused, run by two at once; each item is decided once, no other is touched."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.children import Child, together
from tests.support.commands import Command
from tests.support.quarantine import ANNA, BERND, digests, send_bytes, steps, verify
from tests.support.raw_kafka import entry, framed, rows, schema_id_of

from meilenstein.bootstrap import Hub
from meilenstein.errors import ConfigurationError, MeilensteinError, PermanentError
from meilenstein.settings import Endpoints
from meilenstein.stewardship.acts import Acts, Decider
from meilenstein.stewardship.bulk import Wanted

pytestmark = pytest.mark.stack

ITEMS = 20
REJECT = Wanted(kind="REJECT", code="RULE:E-008", agency=None, younger_than=30)
CLARA = Decider(actor="clara", reason="looked at it")
RELEASE = Wanted(kind="RELEASE", code="RULE:E-008", agency=None, younger_than=30)


@pytest.fixture
def items(endpoints: Endpoints, hub: Hub) -> list[int]:
    """Open items that break E-008; two others among them were quarantined too long ago."""
    schema_id = schema_id_of(endpoints, "EntryReported")
    bodies = [entry(number, district_ags="99999") for number in range(ITEMS + 2)]
    found = send_bytes(endpoints, hub, *(framed(schema_id, body) for body in bodies))
    old = [found[5], found[11]]
    rows(endpoints, "update quarantine_item set created_at = now() - interval '40 days' where id = any(%s)", old)
    return [item for item in found if item not in old]


def states(endpoints: Endpoints, items: list[int]) -> list[str]:
    found = dict(rows(endpoints, "select id, state from quarantine_item"))
    return [found[item] for item in items]


def others(endpoints: Endpoints, items: list[int]) -> list[tuple[Any, ...]]:
    return rows(endpoints, "select state, count(*) from quarantine_item where not id = any(%s) group by 1", items)


@dataclass(frozen=True)
class Run:
    """Run a job in small pages; say after each how far it is, or say "inside" and sleep within the n-th transaction."""

    job: int
    page: int = 3
    sleep_in: int | None = None

    def __call__(self, hub: Hub, tell: Callable[[Any], None]) -> str:
        reject, calls = Acts.reject, itertools.count(1)

        def slow(*arguments: Any) -> Any:
            if next(calls) == self.sleep_in:
                tell("inside")
                time.sleep(60)
            return reject(*arguments)

        Acts.reject = slow  # type: ignore[method-assign]
        return hub.quarantine().bulk(page=self.page).run(self.job, lambda job: tell(job.next_item), actor="clara").state


def test_a_job_killed_inside_a_transaction_goes_on_and_decides_each_item_once(
    endpoints: Endpoints, hub: Hub, items: list[int]
) -> None:
    job = hub.quarantine().bulk().start(REJECT, ANNA).job
    assert (job.state, job.counts) == ("READY", {"selected": ITEMS})
    schema_id = schema_id_of(endpoints, "EntryReported")
    send_bytes(endpoints, hub, framed(schema_id, entry(99, district_ags="99999")))
    child = Child(endpoints, Run(job.id, sleep_in=8))
    child.go()
    while child.told() != "inside":
        pass
    assert child.kill()
    assert sorted(states(endpoints, items)) == ["OPEN"] * (ITEMS - 6) + ["REJECTED"] * 6, "two whole transactions"
    done = hub.quarantine().bulk(page=3).run(job.id, actor="clara")
    assert (done.state, done.counts) == ("DONE", {"selected": ITEMS, "decided": ITEMS})
    assert set(states(endpoints, items)) == {"REJECTED"}
    assert others(endpoints, items) == [("OPEN", 3)], "neither the old ones nor the newer one"
    assert rows(endpoints, "select count(*), count(distinct about) from decision") == [(ITEMS, ITEMS)]
    assert rows(endpoints, "select count(*) from audit where act = 'quarantine.reject'") == [(ITEMS,)]
    again = digests(endpoints)
    assert hub.quarantine().bulk().run(job.id, actor="clara").state == "DONE"
    assert digests(endpoints) == again
    steps(hub)
    verify(endpoints, hub)


def test_two_who_run_one_job_at_once_take_turns(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    job = hub.quarantine().bulk().start(REJECT, ANNA).job
    assert together(endpoints, [Run(job.id, page=2), Run(job.id, page=3)]) == ["DONE", "DONE"]
    assert set(states(endpoints, items)) == {"REJECTED"}
    assert rows(endpoints, "select counts from bulk_job") == [({"selected": ITEMS, "decided": ITEMS},)]
    assert rows(endpoints, "select count(*), count(distinct about) from decision") == [(ITEMS, ITEMS)]
    steps(hub)
    verify(endpoints, hub)


def test_a_job_is_paused_goes_on_and_is_cancelled(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    work = hub.quarantine().bulk(page=4)
    job = work.start(REJECT, ANNA).job
    with Hub(endpoints) as other:
        pause = other.quarantine().bulk()
        paused = work.run(job.id, lambda _: pause.steer(job.id, "pause", BERND) and None, actor="clara")
    assert (paused.state, states(endpoints, items).count("REJECTED")) == ("PAUSED", 4)
    assert work.steer(job.id, "pause", BERND).outcome == "ALREADY"
    with pytest.raises(PermanentError, match=f"replay resume {job.id}"):
        work.run(job.id, actor="clara")
    assert work.steer(job.id, "resume", BERND).job.state == "READY"
    hub.quarantine().desk().reject(items[-1], BERND)
    assert work.run(job.id, actor="clara").state == "DONE"
    assert set(states(endpoints, items)) == {"REJECTED"}
    assert rows(endpoints, "select counts ->> 'decided' from bulk_job") == [(str(ITEMS - 1),)]
    for move in ("pause", "resume", "cancel"):
        with pytest.raises(PermanentError, match="is DONE"):
            work.steer(job.id, move, ANNA)
    second = work.start(Wanted(kind="REJECT", code=None, agency=None, younger_than=100), ANNA).job
    assert work.steer(second.id, "cancel", ANNA).job.state == "CANCELLED"
    with pytest.raises(PermanentError, match="cancelled"):
        work.run(second.id, actor="clara")
    steps(hub)
    verify(endpoints, hub)


def test_releasing_critical_items_waits_for_a_second_person(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    work = hub.quarantine().bulk(page=7)
    told = work.start(RELEASE, ANNA)
    assert (told.outcome, told.job.state) == ("PROPOSED", "PROPOSED")
    assert work.start(RELEASE, ANNA).outcome == "ALREADY"
    assert work.confirm(told.job.id, ANNA).outcome == "PROPOSED"
    before = digests(endpoints)
    with pytest.raises(PermanentError, match="second person"):
        work.run(told.job.id, actor="clara")
    assert digests(endpoints) == before
    assert work.confirm(told.job.id, BERND).job.confirmed_by == "bernd"
    assert work.confirm(told.job.id, BERND).outcome == "ALREADY"
    done = work.run(told.job.id, actor="clara")
    assert (done.state, done.counts) == ("DONE", {"selected": ITEMS, "decided": ITEMS})
    assert set(states(endpoints, items)) == {"RELEASED"}
    assert rows(endpoints, "select distinct actor, proposal_id is not null from decision where kind like 'Q%%'") == [
        ("anna", True)
    ]
    steps(hub)
    assert rows(endpoints, "select count(*) from finding where code = 'RULE:E-008'") == [(ITEMS,)]
    verify(endpoints, hub)


def test_a_job_whose_consent_is_missing_releases_nothing(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    """Should a job ever be ready without the second person, each item still asks for one."""
    work = hub.quarantine().bulk()
    job = work.start(RELEASE, ANNA).job
    rows(endpoints, "update bulk_job set state = 'READY'")
    assert work.run(job.id, actor="clara").counts == {
        "selected": ITEMS,
        "refused": ITEMS,
        "refused:SECOND_PERSON_MISSING": ITEMS,
    }
    assert set(states(endpoints, items)) == {"OPEN"}


def test_what_a_job_could_not_release_is_counted_and_listed_by_reason(
    endpoints: Endpoints, hub: Hub, items: list[int], command: Command
) -> None:
    schema_id = schema_id_of(endpoints, "EntryReported")
    unread, nobody = send_bytes(endpoints, hub, b"no event at all", framed(schema_id, entry(50, case_reference="")))
    work = hub.quarantine().bulk(page=4)
    job = work.start(Wanted(kind="RELEASE", code=None, agency=None, younger_than=30), ANNA).job
    work.confirm(job.id, BERND)
    done = work.run(job.id, actor="clara")
    reason = rows(endpoints, "select codes from quarantine_item where id = %s", nobody)[0][0][0]
    assert done.counts == {
        "selected": ITEMS + 2,
        "decided": ITEMS,
        "refused": 2,
        "refused:UNREADABLE": 1,
        f"refused:{reason}": 1,
    }
    refused = sorted([(unread, "UNREADABLE"), (nobody, reason)])
    assert hub.quarantine().jobs.refused(job.id, 10) == refused
    shown = command("replay", "show", str(job.id))[1]
    assert str(unread) in shown and "1 refused:UNREADABLE" in shown
    told = json.loads(command("replay", "show", str(job.id), "--json")[1])
    assert told["refused"] == [{"item": item, "code": code} for item, code in refused]
    ran = rows(endpoints, "select actor, act from audit where act in ('bulk.run', 'quarantine.release') group by 1, 2")
    assert sorted(ran) == [("anna", "quarantine.release"), ("clara", "bulk.run")]
    steps(hub)
    verify(endpoints, hub)


def test_who_may_not_run_a_job_yet_is_recorded_without_prose(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    job = hub.quarantine().bulk().start(RELEASE, ANNA).job
    with pytest.raises(PermanentError, match="waits for a second person"):
        hub.quarantine().bulk().run(job.id, actor="clara")
    assert rows(endpoints, "select actor, act, object, reason from audit where outcome = 'REFUSED'") == [
        ("clara", "bulk.run", f"bulk:{job.id}", "JOB_PROPOSED")
    ]


def test_a_cancelled_job_leaves_no_proposal_open(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    work = hub.quarantine().bulk()
    job = work.start(RELEASE, ANNA).job
    work.steer(job.id, "cancel", BERND)
    assert rows(endpoints, "select state, closed_by from proposal") == [("OVERTAKEN", "bernd")]
    assert rows(endpoints, "select actor, act, object from audit order by seq offset 1") == [
        ("bernd", "proposal.overtake", "proposal:1"),
        ("bernd", "bulk.cancel", f"bulk:{job.id}"),
    ]


def test_what_a_job_waits_for_ends_with_the_job_only(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    work = hub.quarantine().bulk()
    job = work.start(RELEASE, ANNA).job
    before = digests(endpoints)
    with pytest.raises(PermanentError, match=f"`meilenstein replay cancel {job.id}`; nothing was changed"):
        hub.withdraw(1, actor="clara", reason="not now")
    assert digests(endpoints) == before
    assert rows(endpoints, "select act, outcome, reason from audit order by seq desc limit 1") == [
        ("proposal.withdraw", "REFUSED", "BELONGS_TO_A_JOB")
    ]
    assert work.confirm(job.id, BERND).outcome == "DONE"


@pytest.mark.parametrize("act", ["reject", "release"])
def test_a_job_that_decides_an_item_overtakes_what_was_proposed_about_it(
    endpoints: Endpoints, hub: Hub, items: list[int], act: str
) -> None:
    assert hub.quarantine().desk().release(items[0], CLARA).outcome == "PROPOSED"
    work = hub.quarantine().bulk()
    job = work.start(REJECT if act == "reject" else RELEASE, ANNA).job
    if act == "release":
        work.confirm(job.id, BERND)
    work.run(job.id, actor="clara")
    about = f"item:{items[0]}"
    assert rows(endpoints, "select state, closed_by from proposal where about = %s", about) == [("OVERTAKEN", "anna")]
    assert rows(endpoints, "select count(*) from audit where act = 'proposal.overtake'") == [(1,)]
    steps(hub)
    verify(endpoints, hub)


def test_revalidating_accepts_nothing_that_still_breaks_a_rule(
    endpoints: Endpoints, hub: Hub, items: list[int]
) -> None:
    wanted = Wanted(kind="REVALIDATE", code=None, agency="abh-dresden", younger_than=30)
    work = hub.quarantine().bulk(page=12)
    assert work.preview(wanted) == {"selected": ITEMS, "would_be_accepted": 0}
    job = work.start(wanted, ANNA).job
    assert work.run(job.id, actor="clara").counts == {"selected": ITEMS, "unchanged": ITEMS}
    assert set(states(endpoints, items)) == {"OPEN"}


def test_a_dry_run_counts_and_writes_nothing(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    before = digests(endpoints), rows(endpoints, "select count(*) from audit")
    work = hub.quarantine().bulk(page=6)
    assert work.preview(REJECT) == {"selected": ITEMS}
    assert work.preview(RELEASE) == {"selected": ITEMS, "refused": 0, "need_a_second_person": ITEMS}
    assert (digests(endpoints), rows(endpoints, "select count(*) from audit")) == before


def test_what_means_nothing_is_one_line_and_makes_no_job(endpoints: Endpoints, hub: Hub, items: list[int]) -> None:
    work = hub.quarantine().bulk()
    nothing: list[Callable[[], Any]] = [
        lambda: work.start(Wanted(kind="REJECT", code="CONFLICT", agency=None, younger_than=30), ANNA),
        lambda: work.run(4711, actor="clara"),
        lambda: work.steer(4711, "pause", ANNA),
        lambda: work.confirm(4711, ANNA),
    ]
    before = digests(endpoints)
    for act in nothing:
        with pytest.raises(MeilensteinError) as refused:
            act()
        assert isinstance(refused.value, PermanentError | ConfigurationError)
        assert "\n" not in str(refused.value)
    assert digests(endpoints) == before
