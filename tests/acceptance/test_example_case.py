"""The example case of tutorial and demo, step by step, as each agency's own inbox tells it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from meilenstein.simulate.example_case import example_case
from meilenstein.summary import STEPS
from meilenstein_connectors.inbox import FateState, Inbox

pytestmark = pytest.mark.stack

AGENCIES = ("zefas", "hwk-dresden", "abh-dresden", "wc-dresden")
START = dt.date(2026, 3, 2)
SHARED = ("progress", "outcome", "entry")


@pytest.fixture
def story(hub, tmp_path):
    """Tells the case one step at a time; `views` holds what each agency knows after each step."""
    inboxes = {
        agency: Inbox(
            agency=agency,
            transport=hub.transport,
            state=tmp_path / f"{agency}-inbox.sqlite",
            outbox=tmp_path / f"{agency}.sqlite",
        )
        for agency in AGENCIES
    }

    def tell(step):
        for sender, event_type, body in step.events:
            with hub.publisher(sender, "example", tmp_path / f"{sender}.sqlite") as publisher:
                publisher.publish((event_type, body))
        for name in STEPS:
            hub.step(name)

    def view(agency):
        """Return the one case that the agency knows, or None."""
        list(inboxes[agency].cases(timeout=0.1))
        known = [case for case in inboxes[agency].current_cases() if case.state == "ACTIVE"]
        assert len(known) <= 1
        return known[0].view if known else None

    steps = {step.number: step for step in example_case(START)}
    yield SimpleNamespace(tell=tell, view=view, steps=steps, inboxes=inboxes)
    for inbox in inboxes.values():
        inbox.close()


def milestones(view):
    return [entry["type"] for entry in view["own"]["timeline"]]


def test_each_agency_sees_what_it_may_after_every_step(story):
    story.tell(story.steps[1])
    assert milestones(story.view("zefas")) == ["InquiryReceived", "ConsentGiven"]
    assert [story.view(agency) for agency in AGENCIES[1:]] == [None, None, None]

    story.tell(story.steps[2])
    offered = story.view("hwk-dresden")
    assert set(offered) == {"referrals"}
    assert offered["referrals"] == [
        {
            "referral": "R1-20260302",
            "role": "TARGET",
            "sender": "zefas",
            "reason": "RECOGNITION",
            "district_ags": "14612",
        }
    ]
    assert story.view("wc-dresden") is None, "the consent alone shows the Welcome Center nothing"

    story.tell(story.steps[3])
    (sent,) = story.view("zefas")["referrals"]
    assert (sent["state"], sent["answered_on"]) == ("ACCEPTED", "2026-03-07")
    services = story.view("zefas")["own"]["clocks"]
    assert [(one["id"], one["state"], one["label"]) for one in services] == [
        ("S01", "STOPPED", "SERVICE"),
        ("S02", "STOPPED", "SERVICE"),
    ]
    assert story.view("hwk-dresden")["referrals"][0]["legal_route"] == "REGULAR"

    story.tell(story.steps[4])
    clocks = {clock["id"]: clock for clock in story.view("hwk-dresden")["own"]["clocks"]}
    assert {name: clock["state"] for name, clock in clocks.items()} == {
        "C01": "STOPPED", "C03": "STOPPED", "C24": "OVER",
    }  # fmt: skip
    assert clocks["C01"]["due"] == "2026-04-10"  # received on 10 March; a month later is a Friday
    assert clocks["C03"]["due"] == "2026-07-01"  # complete on 1 April; three months later is a Wednesday
    outcome = {"body": "hwk-dresden", "decided_on": "2026-05-21", "outcome": "FULL_EQUIVALENCE"}
    assert story.view("zefas")["outcome"] == [outcome]
    assert [entry["type"] for entry in story.view("zefas")["progress"][0]["milestones"]] == [
        "ApplicationReceived", "ReceiptConfirmed", "DocumentsComplete", "DecisionIssued",
    ]  # fmt: skip
    assert story.view("wc-dresden") is None

    story.tell(story.steps[5])
    office = story.view("abh-dresden")
    assert set(office) == {"own", "outcome"}
    assert office["outcome"] == [{**outcome, "procedure": "P-20260302"}]
    assert story.view("zefas")["entry"] == {"entered_on": "2026-06-15", "district_ags": "14612"}
    assert "entry" not in story.view("hwk-dresden")

    story.tell(story.steps[6])
    welcome = story.view("wc-dresden")
    assert milestones(welcome) == ["ReferralAccepted", "WelcomeCenterOnboardingStarted"]
    assert set(SHARED) <= set(welcome)

    story.tell(story.steps[7])
    for agency in ("zefas", "wc-dresden"):
        assert not set(SHARED) & set(story.view(agency)), f"{agency} still sees what rested on the consent"
    assert milestones(story.view("wc-dresden")) == ["ReferralAccepted", "WelcomeCenterOnboardingStarted"]
    assert set(story.view("abh-dresden")) == {"own", "outcome"}, "the office's view does not rest on the consent"


def test_every_event_of_the_case_is_answered_and_versions_grow_by_one(story):
    for step in story.steps.values():
        story.tell(step)
    for inbox in story.inboxes.values():
        inbox.refresh()
    for step in story.steps.values():
        for sender, _, body in step.events:
            assert story.inboxes[sender].fate(body["event_id"]).state is FateState.ACCEPTED
    (case,) = list(story.inboxes["zefas"].cases(timeout=0.1))[-1:]
    assert case.version == 7


def test_naming_a_foreign_reference_yields_no_field_on_the_claimants_feed(story, hub, tmp_path):
    for number in (1, 2, 3, 4):
        story.tell(story.steps[number])
    with hub.publisher("hwk-leipzig", "example", tmp_path / "hwk-leipzig.sqlite") as publisher:
        publisher.publish(
            (
                "ApplicationReceived",
                {
                    "case_reference": "L-1",
                    "subject_kind": "PERSON",
                    "occurred_on": START + dt.timedelta(days=90),
                    "procedure_reference": "LP-1",
                    "procedure_law": "BQFG",
                    "regulated": "NO",
                    "references": [
                        {"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": "P-20260302"},
                        {"agency": "zefas", "kind": "REFERRAL", "reference": "R1-20260302"},
                        {"agency": "zefas", "kind": "CASE", "reference": "Z-20260302"},
                    ],
                },
            )
        )
    for name in STEPS:
        hub.step(name)
    with Inbox(agency="hwk-leipzig", transport=hub.transport, state=tmp_path / "leipzig.sqlite") as inbox:
        (case,) = list(inbox.cases(timeout=0.1))
    assert set(case.view) == {"own"}
    assert [reference["reference"] for reference in case.references] == ["L-1", "LP-1"]
    assert "LINK_PROPOSED" in hub.balance().findings


def test_rebuild_gives_the_same_bytes_after_the_whole_case(story, hub):
    for step in story.steps.values():
        story.tell(step)
    report = hub.rebuild(keep=False, progress=lambda _phase, _done: None)
    assert (report.events, report.cases, report.differing) == (13, 1, ())
