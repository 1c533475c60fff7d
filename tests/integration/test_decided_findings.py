"""What stewards decide about findings: once, told to whoever was asked, and open again when the facts change."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.support.raw_kafka import answers, rows
from tests.support.story import Story

from meilenstein.bootstrap import Hub
from meilenstein.errors import ConfigurationError, MeilensteinError, PermanentError
from meilenstein.settings import Endpoints
from meilenstein.stewardship.findings import FindingOutcome
from meilenstein.store.agency import read_agency
from meilenstein.store.findings import FindingView
from meilenstein.store.levels import Levels
from meilenstein.store.reports import ReportStore

pytestmark = pytest.mark.stack

ANNA, BERT = {"actor": "a.muster", "reason": "looked at it"}, {"actor": "b.beispiel", "reason": "my view"}
NOW = dt.datetime(2026, 3, 28, tzinfo=dt.UTC)
PROCEDURE = {"procedure_reference": "P-7", "procedure_law": "BQFG", "regulated": "NO"}
DECISION = {"outcome": "FULL_EQUIVALENCE", "announcement": "POSTED", "remedies_instruction": "CORRECT"}


@pytest.fixture
def story(hub: Hub, tmp_path: Path) -> Story:
    """A decision before the application: put to the body as a question."""
    told = Story(hub, tmp_path)
    told.publish(
        [
            told.event("ApplicationReceived", "hwk-dresden", "H-7", 20, **PROCEDURE),
            told.event("DecisionIssued", "hwk-dresden", "H-7", 10, procedure_reference="P-7", **DECISION),
        ]
    )
    return told


def impossible(hub: Hub, state: str | None = None, *, test: bool = False) -> FindingView:
    (found,) = (one for one in hub.findings().search(code="ORDER_IMPOSSIBLE", state=state) if one.test == test)
    return found


def unchanged_by_rebuild(hub: Hub) -> bool:
    return hub.rebuild(keep=False, progress=lambda _phase, _done: None).differing == ()


def decisions_told(endpoints: Endpoints, agency: str) -> list[dict[str, Any]]:
    return [answer for answer in answers(endpoints, agency) if answer["kind"] == "DECIDED"]


def test_a_decided_finding_is_told_to_whoever_was_asked_and_can_be_reopened(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    found = impossible(hub, "OPEN")
    assert (found.asked, found.last_act) == ("hwk-dresden", None)
    done = hub.finding_desk().decide(found.number, "NO_FAULT", **ANNA)
    assert done.outcome == "DONE" and "hwk-dresden, which was asked, is told" in done.line
    assert impossible(hub, "DECIDED").outcome == "NO_FAULT"
    assert hub.findings().search(state="OPEN", code="ORDER_IMPOSSIBLE") == []
    assert hub.finding_desk().decide(found.number[:6], "NO_FAULT", **ANNA).outcome == "ALREADY"
    assert hub.finding_desk().reopen(found.number, **BERT).outcome == "DONE"
    assert hub.finding_desk().reopen(found.number, **BERT).outcome == "ALREADY"
    assert impossible(hub).state == "OPEN"
    story.run()
    (question,) = [answer for answer in answers(endpoints, "hwk-dresden") if answer["kind"] == "QUESTION"]
    closed, reopened = decisions_told(endpoints, "hwk-dresden")
    assert (closed["decision"], reopened["decision"]) == ("FINDING_CLOSED", "FINDING_REOPENED")
    for answer in (closed, reopened):
        assert set(answer) == {"kind", "decision", "code", "about", "text", "decided_at"}
        assert (answer["code"], answer["about"]) == (question["code"], question["about"])
        assert ANNA["reason"] not in json.dumps(answer) and BERT["reason"] not in json.dumps(answer)
    assert closed["text"]["de"].endswith("Geprüft; die Angaben sind richtig, wie sie sind.")
    assert "Geprüft" not in reopened["text"]["de"] and "open again" in reopened["text"]["en"]
    about = f"finding:ORDER_IMPOSSIBLE {found.number}"
    assert rows(endpoints, "select actor, act, object, outcome from audit order by seq") == [
        ("a.muster", "finding.decide", about, "DONE"),
        ("b.beispiel", "finding.reopen", about, "DONE"),
    ]
    assert unchanged_by_rebuild(hub)


def test_a_finding_is_open_again_by_itself_when_the_facts_behind_it_change(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    found = impossible(hub)
    hub.finding_desk().decide(found.number, "ACKNOWLEDGED", **ANNA)
    # Something else in the same case changes nothing of it.
    story.publish([story.event("ReceiptConfirmed", "hwk-dresden", "H-7", 21, procedure_reference="P-7")])
    assert impossible(hub).state == "DECIDED"
    story.publish([story.event("ReceiptConfirmed", "hwk-dresden", "H-7", 5, procedure_reference="P-7")])
    again, history = hub.finding_desk().show(found.number)
    assert (again.state, again.facts != found.facts) == ("OPEN", True)
    assert [(row["outcome"], row["facts"]) for row in history] == [("ACKNOWLEDGED", found.facts)]
    assert hub.finding_desk().decide(found.number, "PARTNER_INFORMED", **BERT).outcome == "DONE"
    assert unchanged_by_rebuild(hub)
    # The decision outlives that cases and findings are derived anew.
    assert hub.rebuild(keep=True, progress=lambda _phase, _done: None).differing == ()
    assert impossible(hub).outcome == "PARTNER_INFORMED"


def test_a_finding_nobody_was_asked_about_is_decided_without_telling_anybody(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    (found,) = hub.findings().search(code="DECISION_BEFORE_COMPLETE", agency="hwk-dresden", severity="W")
    assert found.asked is None
    assert "is told" not in hub.finding_desk().decide(found.number, "DUPLICATE_WORK", **ANNA).line
    assert rows(endpoints, "select count(*) from outbox where kind = 'DECIDED'") == [(0,)]


def test_a_decision_about_a_sandbox_finding_leaves_the_real_one_of_the_same_text_open(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    story.publish(
        [
            story.event("ApplicationReceived", "hwk-dresden", "H-7", 20, test=True, **PROCEDURE),
            story.event("DecisionIssued", "hwk-dresden", "H-7", 10, test=True, procedure_reference="P-7", **DECISION),
        ]
    )
    found = hub.findings().search(code="ORDER_IMPOSSIBLE")
    sandbox, real = sorted(found, key=lambda one: not one.test)
    assert (sandbox.test, real.test, sandbox.about, sandbox.facts) == (True, False, real.about, real.facts)
    hub.finding_desk().decide(sandbox.number, "NO_FAULT", **ANNA)
    assert {one.number: one.state for one in hub.findings().search(code="ORDER_IMPOSSIBLE")} == {
        sandbox.number: "DECIDED",
        real.number: "OPEN",
    }
    assert (len(hub.finding_desk().show(sandbox.number)[1]), hub.finding_desk().show(real.number)[1]) == (1, [])
    hub.finding_desk().decide(real.number, "ACKNOWLEDGED", **BERT)
    assert impossible(hub, "DECIDED", test=True).outcome == "NO_FAULT"
    assert impossible(hub, "DECIDED").outcome == "ACKNOWLEDGED"


def test_what_is_decided_counts_nowhere_as_open(endpoints: Endpoints, hub: Hub, story: Story) -> None:
    connection = hub.connection("levels")

    def counted() -> tuple[int, int, int]:
        asked = read_agency(connection, "hwk-dresden").questions.get("ORDER_IMPOSSIBLE", 0)
        with Levels(connection).reading(seconds=5):
            level = sum(count for code, _, count in Levels(connection).findings() if code == "ORDER_IMPOSSIBLE")
        store, now = ReportStore(connection), dt.datetime.now(dt.UTC)
        with store.snapshot():
            told = sum(row.n for row in store.state_of(until=now, now=now).findings if row.code == "ORDER_IMPOSSIBLE")
        return asked, level, told

    assert counted() == (1, 1, 1)
    hub.finding_desk().decide(impossible(hub).number, "NO_FAULT", **ANNA)
    assert counted() == (0, 0, 0)
    hub.finding_desk().reopen(impossible(hub).number, **BERT)
    assert counted() == (1, 1, 1)


def test_of_two_stewards_at_once_one_decides_and_the_other_is_told(
    endpoints: Endpoints, hub: Hub, story: Story
) -> None:
    number, results = impossible(hub).number, {}
    start = threading.Barrier(2)

    def decide(actor: str, outcome: str) -> None:
        with Hub(endpoints) as own:
            desk = own.finding_desk()
            start.wait()
            try:
                results[actor] = desk.decide(number, outcome, actor=actor, reason="my view")
            except MeilensteinError as error:
                results[actor] = error

    people = [threading.Thread(target=decide, args=pair) for pair in (("one", "NO_FAULT"), ("two", "ACKNOWLEDGED"))]
    for person in people:
        person.start()
    for person in people:
        person.join()
    (won,) = [actor for actor, result in results.items() if isinstance(result, FindingOutcome)]
    (lost,) = [result for result in results.values() if isinstance(result, PermanentError)]
    assert f"was decided {impossible(hub).outcome} by {won} at" in str(lost) and "nothing was changed" in str(lost)
    assert rows(endpoints, "select count(*) from decision") == [(1,)]
    assert rows(endpoints, "select outcome from audit order by outcome") == [("DONE",), ("REFUSED",)]


def test_what_cannot_be_decided_is_said_and_changes_nothing(endpoints: Endpoints, hub: Hub, story: Story) -> None:
    desk = hub.finding_desk()
    with pytest.raises(ConfigurationError, match="no number of a finding"):
        desk.decide("17", "NO_FAULT", **ANNA)
    with pytest.raises(ConfigurationError, match="there is no finding f-0000000000"):
        desk.decide("f-0000000000", "NO_FAULT", **ANNA)
    with pytest.raises(ConfigurationError, match="is none of ACKNOWLEDGED, NO_FAULT"):
        desk.decide(impossible(hub).number, "FORGET", **ANNA)
    assert "never decided" in desk.reopen(impossible(hub).number, **ANNA).line
    assert rows(endpoints, "select count(*) from decision") == [(0,)]


def test_the_commands_show_decide_and_reopen(hub: Hub, story: Story, command: Any) -> None:
    listed = json.loads(command("findings", "list", "--code", "ORDER_IMPOSSIBLE", "--json")[1])["findings"]
    number = listed[0]["number"]
    assert number in command("findings", "list")[1]
    shown = command("findings", "show", number)[1]
    assert "Unmögliche Reihenfolge" in shown and "asked: hwk-dresden" in shown and "DUPLICATE_WORK" in shown
    code, out, err = command("findings", "decide", number, "--outcome", "NO_FAULT", "--reason", "checked", "--json")
    assert (code, json.loads(out)["outcome"], "is decided: NO_FAULT" in err) == (0, "DONE", True)
    case = command("case", "H-7")[1]
    assert f"{number}" in case and "NO_FAULT by c.kommando" in case
    assert command("findings", "reopen", number, "--reason", "again", "--actor", "d.vierte")[0] == 0
    assert "reopened" in command("findings", "reopen", number, "--reason", "again")[2]
    assert "REOPENED" in command("findings", "show", number)[1]


BAD_INPUT = [
    (["findings", "list", "--state", "NEW"], "use OPEN, DECIDED or ALL"),
    (["findings", "list", "--severity", "X"], "use W or I"),
    (["findings", "list", "--code", "NOPE"], "is none of CLOCK_DUE"),
    (["findings", "list", "--case", "17"], "is no case id"),
    (["findings", "list", "--agency", "nobody"], "is not in the directory"),
    (["findings", "show", "17"], "no number of a finding"),
    (["findings", "decide", "f-12345", "--outcome", "NO_FAULT", "--reason", " "], "--reason is empty"),
    (["findings", "reopen", "f-12345", "--reason", "x\ny"], "cannot be shown"),
    (["links", "list", "--state", "NEW"], "use PROPOSED, JOINED, KEPT_APART or ALL"),
    (["links", "show", "zefas", "hwk-dresden/H-7"], "write AGENCY/REFERENCE"),
    (["links", "accept", "nobody/1", "hwk-dresden/H-7", "--reason", "x"], "is not in the directory"),
    (["links", "refuse", "zefas/Z-99", "hwk-dresden/H-7", "--reason", "x"], "no file zefas/Z-99 is known"),
    (["links", "split", "hwk-dresden/H-7", "hwk-dresden/H-7", "--reason", "x"], "two different files"),
    (["links", "show", "zefas/Z-99", "hwk-dresden/H-7", "--test"], "among the sandbox files"),
]


def test_bad_input_is_one_line_and_changes_nothing(endpoints: Endpoints, story: Story, command: Any) -> None:
    for arguments, said in BAD_INPUT:
        code, out, err = command(*arguments)
        assert (code, out, err.count("\n"), err.startswith("meilenstein: ")) == (2, "", 1, True), arguments
        assert said in err
        for table in ("decision", "proposal", "audit", "touched"):
            assert rows(endpoints, f"select count(*) from {table}") == [(0,)], arguments


def test_a_proposed_link_is_decided_by_links_and_not_as_a_finding(
    endpoints: Endpoints, hub: Hub, story: Story, command: Any
) -> None:
    story.publish([story.event("InquiryReceived", "zefas", "Z-7", 1, references=[("hwk-dresden", "CASE", "H-7")])])
    found = json.loads(command("findings", "list", "--code", "LINK_PROPOSED", "--json")[1])["findings"]
    number = next(one["number"] for one in found if "holder" in one["detail"])
    pair = "zefas/Z-7 hwk-dresden/H-7"
    assert f"meilenstein links show {pair}\n" in command("findings", "show", number)[1]
    code, out, err = command("findings", "decide", number, "--outcome", "NO_FAULT", "--reason", "checked")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"`meilenstein links accept {pair}`" in err and f"`meilenstein links refuse {pair}`" in err
    assert rows(endpoints, "select count(*) from decision") == [(0,)]
    assert rows(endpoints, "select outcome, reason from audit") == [("REFUSED", "DECIDED_BY_LINKS")]
    with ReportStore(hub.connection("read")).snapshot():
        assert ReportStore(hub.connection("read")).state_of(until=NOW, now=NOW).links == 1


def test_a_link_to_a_file_nobody_knows_can_be_decided_as_a_finding(hub: Hub, story: Story, command: Any) -> None:
    story.publish([story.event("InquiryReceived", "zefas", "Z-8", 40, references=[("hwk-dresden", "CASE", "H-99")])])
    found = json.loads(command("findings", "list", "--code", "LINK_PROPOSED", "--json")[1])["findings"]
    (number,) = (one["number"] for one in found if "holder" not in one["detail"])
    assert "findings decide" in command("findings", "show", number)[1]
    assert command("findings", "decide", number, "--outcome", "NO_FAULT", "--reason", "checked")[0] == 0


def test_the_commands_show_two_files_and_join_them(hub: Hub, story: Story, command: Any) -> None:
    story.publish([story.event("InquiryReceived", "zefas", "Z-7", 1, references=[("hwk-dresden", "CASE", "H-7")])])
    assert "NOT_MUTUAL" in command("links", "list")[1]
    shown = command("links", "show", "zefas/Z-7", "hwk-dresden/H-7")[1]
    assert "Two cases" in shown and "speaks for the link: CASE:hwk-dresden/H-7" in shown and "After a merge" in shown
    pair = ("hwk-dresden/H-7", "zefas/Z-7", "--reason", "same person")
    for actor, outcome in (("a", "PROPOSED"), ("a", "PROPOSED"), ("b", "DONE"), ("b", "ALREADY")):
        code, out, _ = command("links", "accept", *pair, "--actor", actor, "--json")
        assert (code, json.loads(out)["outcome"]) == (0, outcome)
    story.run()
    assert "One case" in command("links", "show", "zefas/Z-7", "hwk-dresden/H-7")[1]
    (joined,) = json.loads(command("links", "list", "--state", "JOINED", "--json")[1])["links"]
    assert (joined["state"], joined["actor"]) == ("JOINED", "b")
    assert command("links", "refuse", *pair)[0] == 1
