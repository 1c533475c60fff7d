"""People decide which files are one case: on the real parts, with the inboxes of the agencies concerned."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.raw_kafka import rows
from tests.support.story import START, Story, told

from meilenstein.bootstrap import Hub
from meilenstein.cases.events import FileKey
from meilenstein.errors import ConfigurationError, MeilensteinError, PermanentError
from meilenstein.settings import Endpoints
from meilenstein.stewardship.links import LinkOutcome

pytestmark = pytest.mark.stack

MARK = f"{START:%Y%m%d}"
Z, H, A, W = (
    FileKey(agency, f"{letter}-{MARK}")
    for agency, letter in (("zefas", "Z"), ("hwk-dresden", "H"), ("abh-dresden", "A"), ("wc-dresden", "W"))
)
ANNA, BERT = {"actor": "a.muster", "reason": "same person"}, {"actor": "b.beispiel", "reason": "checked by phone"}


@pytest.fixture
def story(hub: Hub, tmp_path: Path) -> Story:
    return Story(hub, tmp_path)


def cases(endpoints: Endpoints) -> list[str]:
    """Every case as its files."""
    found = rows(
        endpoints,
        "select string_agg(f.publisher, ' ' order by f.publisher) from case_member m "
        "join case_file f on f.id = m.file_id group by m.case_id order by 1",
    )
    return [row[0] for row in found]


def states(endpoints: Endpoints) -> list[bytes]:
    return [bytes(row[0]) for row in rows(endpoints, "select state from case_state order by case_id")]


def both(act: object, left: FileKey, right: FileKey) -> LinkOutcome:
    """Two people say the same."""
    assert act(left, right, **ANNA).outcome == "PROPOSED"  # type: ignore[operator]
    return act(right, left, **BERT)  # type: ignore[operator,no-any-return]


def unchanged_by_rebuild(hub: Hub) -> bool:
    return hub.rebuild(keep=False, progress=lambda _phase, _done: None).differing == ()


def test_a_merge_and_its_undoing_are_told_and_leave_what_was(endpoints: Endpoints, hub: Hub, story: Story) -> None:
    story.example(1, 4)
    story.example(5, 5, without=["abh-dresden"])
    assert cases(endpoints) == ["abh-dresden", "hwk-dresden zefas"]
    before, desk, keys = states(endpoints), hub.link_desk(), {"zefas": [], "abh-dresden": []}
    ids = rows(endpoints, "select case_id from case_state order by 1")
    with story.inbox("zefas") as zefas, story.inbox("abh-dresden") as office:
        inboxes = {"zefas": zefas, "abh-dresden": office}

        def news(agency: str) -> list[tuple[str, int, str, str | None]]:
            return told(inboxes[agency].cases(timeout=0), keys[agency])

        first = news("zefas")
        assert news("abh-dresden") == [("case 1", 1, "ACTIVE", "PROGRESS")]

        picture = desk.show(Z, A)
        (seen,) = picture.changes
        assert (seen.recipient, seen.effect, "entry" in seen.parts) == ("zefas", "CHANGES", True)
        assert both(desk.accept, A, Z).outcome == "DONE"
        assert desk.accept(Z, A, **BERT).outcome == "ALREADY"
        assert states(endpoints) == before
        story.run()
        assert cases(endpoints) == ["abh-dresden hwk-dresden zefas"]
        assert news("zefas") == [("case 1", first[-1][1] + 1, "ACTIVE", "MERGE")]
        assert sorted(news("abh-dresden")) == [("case 1", 2, "REVOKED", "MERGE"), ("case 2", 1, "ACTIVE", "MERGE")]
        assert unchanged_by_rebuild(hub)

        (lost,) = desk.show(Z, A).changes
        assert (lost.recipient, lost.effect, lost.parts) == ("zefas", "CHANGES", seen.parts)
        assert both(desk.split, Z, A).outcome == "DONE"
        story.run()
        assert news("zefas") == [("case 1", first[-1][1] + 2, "ACTIVE", "UNMERGE")]
        assert sorted(news("abh-dresden")) == [("case 1", 3, "ACTIVE", "UNMERGE"), ("case 2", 2, "REVOKED", "UNMERGE")]
    assert states(endpoints) == before
    assert rows(endpoints, "select case_id from case_state order by 1") == ids
    assert unchanged_by_rebuild(hub)
    acts = rows(endpoints, "select act, outcome from audit order by seq")
    assert acts == [
        ("link.accept", "PROPOSED"), ("link.accept", "DONE"), ("link.split", "PROPOSED"), ("link.split", "DONE"),
    ]  # fmt: skip


def test_two_files_stay_apart_although_both_hang_together_with_a_third(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    story.example(1, 6)
    assert cases(endpoints) == ["abh-dresden hwk-dresden wc-dresden zefas"]
    desk = hub.link_desk()
    assert "WC" not in str(desk.show(H, W).found.evidence)
    assert both(desk.split, H, W).outcome == "DONE"
    story.run()
    assert cases(endpoints) == ["abh-dresden hwk-dresden zefas", "wc-dresden"]
    (row,) = hub.links().proposed(agency="wc-dresden", limit=10)
    assert (row.left, row.right, row.why) == (str(W), str(Z), "KEPT_APART")
    with pytest.raises(PermanentError, match="keep another pair of these files apart"):
        desk.accept(W, Z, **ANNA)
    # A later event of either file does not bring them together again.
    story.publish([story.event("WelcomeCenterOnboardingStarted", W.publisher, W.case_reference, 130)])
    assert cases(endpoints) == ["abh-dresden hwk-dresden zefas", "wc-dresden"]
    assert unchanged_by_rebuild(hub)
    refused = rows(endpoints, "select reason from audit where outcome = 'REFUSED'")
    assert len(refused) == 1


def test_the_trail_of_a_refused_decision_holds_no_reference(endpoints: Endpoints, hub: Hub, story: Story) -> None:
    """Rule E-005 lets no apostrophe into a file's reference; what a steward types may hold one all the same."""
    one, same = FileKey("zefas", "KANARIE Neil-7"), FileKey("zefas", "D KANARIE")
    office, nothing = FileKey("wc-dresden", "W KANARIE"), FileKey("zefas", "O'KANARIE 'x")
    story.publish(
        [
            story.event("InquiryReceived", one.publisher, one.case_reference, 1),
            story.event("InquiryReceived", same.publisher, same.case_reference, 2),
            story.event("InquiryReceived", office.publisher, office.case_reference, 3, subject_kind="EMPLOYER"),
        ]
    )
    desk = hub.link_desk()
    with pytest.raises(PermanentError, match="two files of one agency") as refused:
        desk.accept(one, same, **ANNA)
    assert "KANARIE Neil-7" in str(refused.value)
    with pytest.raises(ConfigurationError, match="no file zefas/O'KANARIE"):
        desk.accept(one, nothing, **ANNA)
    with pytest.raises(PermanentError, match="are not one case"):
        desk.split(one, same, **ANNA)
    with pytest.raises(ConfigurationError, match="no event about a person"):
        desk.accept(one, office, **ANNA)
    (number,) = rows(endpoints, "select id from case_file where publisher = 'wc-dresden'")[0]
    kept = rows(endpoints, "select reason from audit where outcome = 'REFUSED' order by seq")
    assert kept == [("TWO_FILES_OF_ONE_AGENCY",), ("NOT_ONE_CASE",), (f"NO_PERSON file:{number}",)]
    assert "KANARIE" not in str(rows(endpoints, "select * from audit"))


def test_a_refused_proposal_comes_back_only_with_something_new(endpoints: Endpoints, hub: Hub, story: Story) -> None:
    naming = {"references": [("wc-dresden", "CASE", "W-7")]}
    story.publish(
        [
            story.event("InquiryReceived", "zefas", "Z-7", 1, **naming),
            story.event("InquiryReceived", "wc-dresden", "W-7", 2),
        ]
    )
    proposed = [(row.left, row.right, row.why) for row in hub.links().proposed(agency=None, limit=10)]
    assert proposed == [("zefas/Z-7", "wc-dresden/W-7", "NOT_MUTUAL")]
    left, right = FileKey("zefas", "Z-7"), FileKey("wc-dresden", "W-7")
    assert hub.link_desk().refuse(left, right, **ANNA).outcome == "DONE"
    assert hub.link_desk().refuse(right, left, **BERT).outcome == "ALREADY"
    story.run()
    assert hub.links().proposed(agency=None, limit=10) == []
    (decided,) = hub.links().decided(state="KEPT_APART", agency="zefas", limit=10)
    assert (decided.actor, decided.why) == ("a.muster", "same person")
    story.publish([story.event("InquiryReceived", "zefas", "Z-7", 3, **naming)])
    assert hub.links().proposed(agency=None, limit=10) == []
    story.publish([story.event("InquiryReceived", "wc-dresden", "W-7", 4, references=[("zefas", "CASE", "Z-7")])])
    assert cases(endpoints) == ["wc-dresden", "zefas"]
    assert [row.why for row in hub.links().proposed(agency=None, limit=10)] == ["KEPT_APART"]
    assert hub.link_desk().refuse(left, right, **BERT).outcome == "DONE"
    story.run()
    assert hub.links().proposed(agency=None, limit=10) == []
    assert unchanged_by_rebuild(hub)


def test_of_two_stewards_at_once_one_wins_and_the_other_is_told(endpoints: Endpoints, hub: Hub, story: Story) -> None:
    story.example(1, 4)
    story.example(5, 5, without=["abh-dresden"])
    assert hub.link_desk().accept(A, Z, **ANNA).outcome == "PROPOSED"
    results: dict[str, LinkOutcome | MeilensteinError] = {}
    start = threading.Barrier(2)

    def decide(name: str) -> None:
        with Hub(endpoints) as own:
            desk = own.link_desk()
            act = desk.accept if name == "accept" else desk.refuse
            start.wait()
            try:
                results[name] = act(A, Z, actor=f"{name}.person", reason="my view")
            except MeilensteinError as error:
                results[name] = error

    people = [threading.Thread(target=decide, args=(name,)) for name in ("accept", "refuse")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    accepted, refused = results["accept"], results["refuse"]
    if isinstance(refused, PermanentError):
        assert "are one case; accepted by accept.person at" in str(refused)
        assert isinstance(accepted, LinkOutcome) and accepted.outcome == "DONE"
    else:
        assert isinstance(accepted, LinkOutcome) and accepted.outcome == "PROPOSED"
        assert "kept apart by refuse.person at" in accepted.line
    assert rows(endpoints, "select count(*) from decision") == [(1,)]


def test_a_proposal_ends_with_what_is_decided_meanwhile_also_for_sandbox_files(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    story.publish(
        story.event("InquiryReceived", agency, "S-1", 1, test=sandbox)
        for agency in ("zefas", "wc-dresden")
        for sandbox in (False, True)
    )
    left, right = FileKey("zefas", "S-1", test=True), FileKey("wc-dresden", "S-1", test=True)
    desk = hub.link_desk()
    assert desk.accept(left, right, **ANNA).outcome == "PROPOSED"
    assert desk.refuse(left, right, **BERT).outcome == "DONE"
    # What the first person proposed before the refusal is no half of a decision any more.
    third = desk.accept(left, right, actor="c.drittes", reason="I think so")
    assert third.outcome == "PROPOSED" and "kept apart by b.beispiel at" in third.line
    assert rows(endpoints, "select actor, state from proposal order by id") == [
        ("a.muster", "OVERTAKEN"),
        ("c.drittes", "OPEN"),
    ]
    assert desk.accept(right, left, **ANNA).outcome == "DONE"
    story.run()
    joined = rows(endpoints, "select cardinality(file_ids) from case_state order by 1")
    assert joined == [(1,), (1,), (2,)]
    assert {row.test for row in hub.links().decided(state="JOINED", agency=None, limit=10)} == {True}
    assert unchanged_by_rebuild(hub)


def test_what_cannot_be_decided_is_said_and_changes_nothing(endpoints: Endpoints, hub: Hub, story: Story) -> None:
    story.example(1, 5)
    story.publish([story.event("InquiryReceived", "zefas", "Z-other", 1)])
    story.publish([story.event("InquiryReceived", "zefas", "Z-nobody", 1, subject_kind="ANONYMOUS")])
    desk, other = hub.link_desk(), FileKey("zefas", "Z-other")
    with pytest.raises(PermanentError, match="never holds two files of one agency"):
        desk.accept(other, A, **ANNA)
    with pytest.raises(PermanentError, match="are not one case"):
        desk.split(other, A, **ANNA)
    with pytest.raises(PermanentError, match="`meilenstein links split` parts them"):
        desk.refuse(H, A, **ANNA)
    with pytest.raises(ConfigurationError, match="no file zefas/Z-99 is known"):
        desk.accept(FileKey("zefas", "Z-99"), A, **ANNA)
    with pytest.raises(ConfigurationError, match="is known among the sandbox files"):
        desk.accept(other._replace(test=True), A._replace(test=True), **ANNA)
    with pytest.raises(ConfigurationError, match="holds no event about a person"):
        desk.show(FileKey("zefas", "Z-nobody"), A)
    with pytest.raises(ConfigurationError, match="two different files"):
        desk.accept(A, A, **ANNA)
    assert desk.accept(H, A, **ANNA).outcome == "ALREADY"
    assert rows(endpoints, "select count(*) from decision") == [(0,)]
    assert rows(endpoints, "select count(*) from touched") == [(0,)]
    assert rows(endpoints, "select outcome from audit") == [("REFUSED",)] * 3


@pytest.fixture(autouse=True)
def _nothing_left(endpoints: Endpoints) -> Iterator[None]:
    yield
    assert rows(endpoints, "select count(*) from pg_locks where locktype = 'advisory'") == [(0,)]
