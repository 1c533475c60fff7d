"""How many files a fold loads: only what can link, and never all that name one placeholder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.raw_kafka import rows
from tests.support.story import Step, Story

from meilenstein.bootstrap import Hub
from meilenstein.cases.events import Identifier
from meilenstein.errors import RetryableError
from meilenstein.settings import Endpoints
from meilenstein.store import closures
from meilenstein.store.closures import Closure, ClosureStore
from meilenstein.store.database import connect
from meilenstein.store.fold_turns import FoldTurns

pytestmark = pytest.mark.stack

SAYS = (
    ("abh-dresden", "EntryReported"),
    ("hwk-dresden", "ApplicationReceived"),
    ("wc-dresden", "InquiryReceived"),
    ("zefas", "InquiryReceived"),
)


@pytest.fixture
def story(hub: Hub, tmp_path: Path) -> Story:
    return Story(hub, tmp_path)


def file_id(endpoints: Endpoints, publisher: str, reference: str) -> int:
    query = "select id from case_file where publisher = %s and case_reference = %s"
    return int(rows(endpoints, query, publisher, reference)[0][0])


def closure(hub: Hub, *file_ids: int) -> Closure:
    return ClosureStore(hub.connection("test")).of(file_ids, note=False)


def sizes(endpoints: Endpoints) -> list[int]:
    """How many files each case holds, the largest first."""
    return [row[0] for row in rows(endpoints, "select count(*) from case_member group by case_id order by 1 desc")]


def unchanged_by_rebuild(hub: Hub) -> bool:
    return hub.rebuild(keep=False, progress=lambda _phase, _done: None).differing == ()


def test_an_identifier_nobody_owns_is_not_followed_until_its_owner_comes(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    claim = {"references": [("hwk-dresden", "PROCEDURE", "P-1")]}
    story.publish(story.event("EntryReported", "abh-dresden", f"A-{number}", number, **claim) for number in range(4))
    files = [file_id(endpoints, "abh-dresden", f"A-{number}") for number in range(4)]
    assert closure(hub, files[0]).file_ids == {files[0]}
    owner = {"procedure_reference": "P-1", "procedure_law": "BQFG"}
    story.publish([story.event("ApplicationReceived", "hwk-dresden", "H-1", 1, **owner)])
    everybody = {*files, file_id(endpoints, "hwk-dresden", "H-1")}
    assert closure(hub, files[3]).file_ids == everybody
    assert closure(hub, *everybody).bulk == frozenset()
    assert sizes(endpoints) == [2, 1, 1, 1]
    assert unchanged_by_rebuild(hub)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_number_on_too_many_files_links_nothing_and_is_not_followed(
    endpoints: Endpoints, hub: Hub, story: Story, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    monkeypatch.setattr(closures, "MOST_FILES", 6)

    def file(number: int) -> Step:
        office, kind = SAYS[number % 4]
        own = {"procedure_reference": f"P-{number}", "procedure_law": "BQFG"} if number % 4 == 1 else {}
        return story.event(kind, office, f"F-{number}", 1, case_number="YK7-X6W-CTCT", **own)

    _in_steps(story.publish, [file(number) for number in range(6)], at_once)
    assert sizes(endpoints) == [4, 1, 1]
    assert rows(endpoints, "select count(*) from bulk_identifier") == [(0,)]
    # With the seventh the number is nobody's: those that it joined are parted, whichever file came last.
    _in_steps(story.publish, [file(number) for number in range(6, 9)], at_once)
    assert sizes(endpoints) == [1] * 9
    assert rows(endpoints, "select kind, owner, reference, test from bulk_identifier") == [
        ("NUMBER", "", "YK7-X6W-CTCT", False)
    ]
    last = file_id(endpoints, "wc-dresden", "F-6")
    assert closure(hub, last) == Closure(
        file_ids=frozenset({last}), bulk=frozenset({(Identifier("", "NUMBER", "YK7-X6W-CTCT"), False)})
    )
    assert unchanged_by_rebuild(hub)
    assert rows(
        endpoints, "select about, detail ->> 'reason', count(*) from finding where code = 'LINK_PROPOSED' group by 1, 2"
    ) == [("link:NUMBER:/YK7-X6W-CTCT", "NAMED_BY_TOO_MANY", 9)]
    assert hub.rebuild(keep=True, progress=lambda _phase, _done: None).differing == ()
    story.publish([file(9)])
    assert sizes(endpoints) == [1] * 10


def test_a_case_that_another_worker_folds_is_left_to_it_and_stays_touched(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    story.publish([story.event("EntryReported", "abh-dresden", f"A-{number}", number) for number in range(3)])
    claim = {"references": [("zefas", "REFERRAL", "R-1")]}
    sent = {"referral_id": "R-1", "target": "abh-dresden", "legal_basis": "STATUTORY_TASK"}
    held = file_id(endpoints, "abh-dresden", "A-1")
    with connect(endpoints.owner_database_url or "", name="another worker") as other:
        assert ClosureStore(other).hold([held]) == {held}
        story.publish(
            [
                story.event("ReferralSent", "zefas", "Z-1", 4, **sent),
                story.event("ReferralAccepted", "abh-dresden", "A-1", 5, **claim),
                story.event("EntryReported", "abh-dresden", "A-0", 6),
            ]
        )
        assert sizes(endpoints) == [1, 1, 1], "neither the held file nor the new one that hangs on it is folded"
        assert rows(endpoints, "select count(distinct file_id) from touched") == [(2,)]
        other.rollback()
    assert hub.reconcile().counts["changed"] == 1
    assert sizes(endpoints) == [2, 1, 1]
    assert rows(endpoints, "select count(*) from touched") == [(0,)]
    assert unchanged_by_rebuild(hub)


def test_nobody_folds_beside_a_rebuild_or_a_tick(endpoints: Endpoints, hub: Hub, story: Story) -> None:
    with connect(endpoints.owner_database_url or "", name="rebuild") as other:
        assert FoldTurns(other).alone()
        story.publish([story.event("EntryReported", "abh-dresden", "A-0", 1)])
        assert sizes(endpoints) == []
        with pytest.raises(RetryableError, match="still being worked on"):
            unchanged_by_rebuild(hub)
        other.rollback()
    assert hub.reconcile().counts["changed"] == 1


def _in_steps(publish: Callable[[list[Step]], None], events: list[Step], at_once: bool) -> None:
    for part in [events] if at_once else [[event] for event in events]:
        publish(part)
