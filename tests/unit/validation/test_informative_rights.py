"""Whoever may state a fact for information can form an event of it that is accepted without a remark."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from meilenstein.cases.authority import ANSWERS, INFORMATIVE, PROCEDURE_EVENTS, standing
from meilenstein.cases.events import Event
from meilenstein.validation.rights import wrong_publisher_reasons
from meilenstein_expectations import check
from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.agencies import load_directory

DIRECTORY = load_directory()
DAY = dt.date(2026, 3, 2)
RIGHTS = [(row.kind, row.event) for row in DIRECTORY.authority if row.rank == INFORMATIVE]


def passed_on(event_type: str, publisher: str) -> dict[str, Any]:
    """A sane event as another agency passes it on: a procedure is somebody else's, a title its own."""
    body = {**sane_body(event_type), "case_reference": "I-1", "occurred_on": DAY}
    references = [entry for entry in body["references"] if entry["kind"] != "TITLE"]
    for entry in body["references"]:
        if entry["kind"] == "TITLE":
            body["title_reference"] = entry["reference"]
    if body.get("procedure_reference"):
        references.append({"agency": body["publisher"], "kind": "PROCEDURE", "reference": body["procedure_reference"]})
        body["procedure_reference"] = None
    return {**body, "publisher": publisher, "references": references}


@pytest.mark.parametrize(("kind", "event_type"), RIGHTS)
def test_what_may_be_stated_for_information_can_be_stated(kind: str, event_type: str) -> None:
    publishers = [key for key in DIRECTORY.keys(kind) if DIRECTORY.rank(key, event_type, DAY) == INFORMATIVE]
    assert publishers
    for publisher in publishers:
        body = passed_on(event_type, publisher)
        assert body.keys() == sane_body(event_type).keys()
        assert check(event_type, body) == []
        assert wrong_publisher_reasons(f"milestones.{publisher}", event_type, body, DIRECTORY) == []
        assert standing(Event.from_body(event_type, body), DIRECTORY, {}) == INFORMATIVE


def test_titles_and_procedures_are_among_what_is_stated_for_information() -> None:
    events = {event for _, event in RIGHTS}
    assert events >= {"DecisionIssued", "VisaDecided", "LabourAgencyConsentGranted"}
    assert events & PROCEDURE_EVENTS
    assert not events & ANSWERS, "whether an answer is information follows from the referral, not from the kind"
