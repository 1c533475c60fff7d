"""What a body asked for: opened, asked again, there, done without; who sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.cases.recognition import application, step
from tests.unit.cases.world import ABH, HWK, ZEFAS, day, event, one, retract, view

from meilenstein.cases.events import Event
from meilenstein.cases.settle import SettledCase


def requirements(case: SettledCase) -> list[dict[str, Any]]:
    (procedure,) = json.loads(case.state)["procedures"]
    found: list[dict[str, Any]] = procedure.get("requirements", [])
    return found


def states(*others: Event) -> dict[str, tuple[str, str | None]]:
    return {
        found["item"]: (found["state"], found.get("closed_on"))
        for found in requirements(one([application(), *others], "2026-04-01"))
    }


def confirmed(on: str, *missing: str, complete: str = "NO") -> Event:
    return step("ReceiptConfirmed", on, missing_items=list(missing), documents_complete=complete)


def asked(on: str, *items: str, **fields: Any) -> Event:
    return step("DocumentsRequested", on, items=list(items), **fields)


def test_each_item_says_who_asked_for_it_of_whom_when_and_by_when() -> None:
    (found,) = requirements(one([application(), asked("2026-03-09", "certificate", due_on=day("2026-04-09"))]))
    assert found == {
        "item": "certificate",
        "asked_on": "2026-03-09",
        "asked_by": "DocumentsRequested",
        "of": "APPLICANT",
        "due_on": "2026-04-09",
        "state": "OPEN",
    }


def test_in_the_fast_track_the_foreigners_office_is_asked() -> None:
    agreed = event("FastTrackAgreementConcluded", ABH, "2026-03-01", references=[(HWK, "PROCEDURE", "P-9")])
    (found,) = requirements(one([agreed, application(), asked("2026-03-09", "certificate")]))
    assert found["of"] == "FOREIGNERS_OFFICE"


def test_a_procedure_in_which_nothing_was_asked_for_has_no_list() -> None:
    case = one([application(), confirmed("2026-03-09", complete="YES")])
    assert requirements(case) == []
    assert "documents_complete" not in json.loads(case.state)["procedures"][0]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([confirmed("2026-03-09", "a", "b")], {"a": ("OPEN", None), "b": ("OPEN", None)}),
        (
            [confirmed("2026-03-09", "a", "b"), step("DocumentsComplete", "2026-03-16")],
            {"a": ("RECEIVED", "2026-03-16"), "b": ("RECEIVED", "2026-03-16")},
        ),
        (
            [confirmed("2026-03-09", "a", "b"), confirmed("2026-03-12", "b")],
            {"a": ("RECEIVED", "2026-03-12"), "b": ("OPEN", None)},
        ),
        (
            [asked("2026-03-09", "a"), confirmed("2026-03-12", complete="YES")],
            {"a": ("RECEIVED", "2026-03-12")},
        ),
        ([asked("2026-03-09", "a"), confirmed("2026-03-12", complete="NO")], {"a": ("OPEN", None)}),
        ([asked("2026-03-09", "a"), confirmed("2026-03-09", "b")], {"a": ("OPEN", None), "b": ("OPEN", None)}),
        ([asked("2026-03-09", "a"), asked("2026-03-12", "b")], {"a": ("OPEN", None), "b": ("OPEN", None)}),
        ([asked("2026-03-09", "a"), step("DocumentsComplete", "2026-03-09")], {"a": ("RECEIVED", "2026-03-09")}),
        ([step("DocumentsComplete", "2026-03-08"), asked("2026-03-09", "a")], {"a": ("OPEN", None)}),
        ([asked("2026-03-09", "a"), step("DecisionIssued", "2026-03-16")], {"a": ("WAIVED", "2026-03-16")}),
        ([asked("2026-03-09", "a"), step("ApplicationWithdrawn", "2026-03-16")], {"a": ("ENDED", "2026-03-16")}),
        (
            [asked("2026-03-09", "a"), event("CaseTransferred", HWK, "2026-03-16")],
            {"a": ("ENDED", "2026-03-16")},
        ),
        ([asked("2026-03-09", "a", name="x"), retract("x", HWK, "2026-03-10")], {}),
    ],
)  # fmt: skip
def test_items_are_open_until_the_events_say_that_they_came_or_are_done_without(
    others: list[Event], expected: dict[str, Any]
) -> None:
    assert states(*others) == expected


def test_an_item_asked_for_again_keeps_its_first_day_and_takes_the_new_date() -> None:
    again = asked("2026-03-16", "a", due_on=day("2026-05-01"))
    (found,) = requirements(one([application(), asked("2026-03-09", "a", due_on=day("2026-04-01")), again]))
    assert (found["asked_on"], found["due_on"]) == ("2026-03-09", "2026-05-01")


def test_an_item_asked_for_after_it_had_come_is_a_new_requirement() -> None:
    complete = step("DocumentsComplete", "2026-03-12")
    case = one([application(), asked("2026-03-09", "a"), complete, asked("2026-03-16", "a")])
    assert [(found["asked_on"], found["state"]) for found in requirements(case)] == [
        ("2026-03-09", "RECEIVED"),
        ("2026-03-16", "OPEN"),
    ]
    assert json.loads(case.state)["procedures"][0]["documents_complete"] is False


def test_further_evidence_is_due_on_its_set_date() -> None:
    more = step("AdditionalEvidenceRequested", "2026-03-20", items=["curriculum"], until_on=day("2026-04-20"))
    (found,) = requirements(one([application(), step("DocumentsComplete", "2026-03-12"), more], "2026-04-01"))
    assert (found["asked_by"], found["due_on"]) == ("AdditionalEvidenceRequested", "2026-04-20")


def advised(*purposes: str) -> list[Event]:
    return [
        event("ConsentGiven", ZEFAS, "2026-02-27", consent_id="C-1", purposes=["REFERRAL", *purposes],
              recipients=[ZEFAS, HWK]),
        event("ReferralSent", ZEFAS, "2026-02-27", referral_id="R-1", target=HWK, legal_basis="CONSENT",
              consent_id="C-1"),
        event("ReferralAccepted", HWK, "2026-03-02", references=[(ZEFAS, "REFERRAL", "R-1")]),
        application(),
        asked("2026-03-09", "certificate", "made-up-here", due_on=day("2026-04-09")),
    ]  # fmt: skip


def test_the_body_sees_its_open_list_and_the_desk_only_codes_and_only_with_the_purpose() -> None:
    case = one(advised("PROGRESS"), "2026-03-10")
    own, desk = view(case, HWK), view(case, ZEFAS)
    assert own is not None and desk is not None
    assert own["own"]["requirements"] == [
        {"procedure": "P-9", "item": "certificate", "asked_on": "2026-03-09", "due_on": "2026-04-09"},
        {"procedure": "P-9", "item": "made-up-here", "asked_on": "2026-03-09", "due_on": "2026-04-09"},
    ]
    progress = next(part for part in desk["progress"] if "open_items" in part)
    assert progress["open_items"] == ["certificate", "made-up-here"], "an unknown code is shown as it is"
    assert "open_items" not in json.dumps(view(one(advised("OUTCOME"), "2026-03-10"), ZEFAS))


def test_what_came_is_not_in_the_views_any_more() -> None:
    case = one([*advised("PROGRESS"), step("DocumentsComplete", "2026-03-16")], "2026-03-17")
    assert "requirements" not in json.dumps(view(case, HWK))
    assert "open_items" not in json.dumps(view(case, ZEFAS))
