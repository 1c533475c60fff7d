"""Who may send what where."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from meilenstein.validation.rights import sender_of, wrong_publisher_reasons
from meilenstein_schemas.agencies import load_directory

DIRECTORY = load_directory()
DAY = dt.date(2025, 3, 3)


def fields_of(
    topic: str, event_type: str, *, day: dt.date = DAY, publisher: str, sent_by: str | None = None
) -> list[Any]:
    body = {"publisher": publisher, "sent_by": sent_by, "occurred_on": day}
    return [reason.field for reason in wrong_publisher_reasons(topic, event_type, body, DIRECTORY)]


def test_the_topic_names_the_sender() -> None:
    assert sender_of("milestones.hwk-dresden") == "hwk-dresden"


@pytest.mark.parametrize(
    ("topic", "event_type", "body"),
    [
        ("milestones.abh-dresden", "EntryReported", {"publisher": "abh-dresden"}),
        ("milestones.abh-dresden", "EntryReported", {"publisher": "abh-dresden", "sent_by": "abh-dresden"}),
        ("milestones.wc-dresden", "EntryReported", {"publisher": "wc-dresden"}),  # informative
        ("milestones.datacentre-example", "DecisionIssued", {"publisher": "body-example"}),
        ("milestones.datacentre-example", "DecisionIssued", {"publisher": "hwk-chemnitz"}),
        ("milestones.hwk-chemnitz", "DecisionIssued", {"publisher": "hwk-chemnitz"}),
    ],
)
def test_what_is_agreed_passes(topic: str, event_type: str, body: dict[str, Any]) -> None:
    assert fields_of(topic, event_type, **body) == []


@pytest.mark.parametrize(
    ("topic", "event_type", "body", "field"),
    [
        ("milestones.abh-leipzig", "EntryReported", {"publisher": "abh-dresden"}, "publisher"),
        ("milestones.abh-dresden", "EntryReported", {"publisher": "abh-dresden", "sent_by": "zefas"}, "sent_by"),
        ("milestones.abh-dresden", "EntryReported", {"publisher": "nobody"}, "publisher"),
        ("milestones.abh-dresden", "EntryReported", {"publisher": ""}, "publisher"),
        ("milestones.nobody", "EntryReported", {"publisher": "nobody"}, "publisher"),
        ("milestones.hwk-dresden", "EntryReported", {"publisher": "hwk-dresden"}, "publisher"),  # no right
        ("milestones.datacentre-example", "EventRetracted", {"publisher": "hwk-chemnitz"}, "publisher"),  # not agreed
        ("milestones.datacentre-example", "DecisionIssued", {"publisher": "hwk-leipzig"}, "publisher"),
        (
            "milestones.datacentre-example",
            "DecisionIssued",
            {"publisher": "hwk-chemnitz", "day": dt.date(2024, 12, 31)},  # before the agreement
            "publisher",
        ),
        ("milestones.abh-dresden", "EntryReported", {"publisher": "abh-dresden", "day": dt.date(1, 1, 1)}, "publisher"),
    ],
)
def test_what_is_not_agreed_is_refused_with_words(
    topic: str, event_type: str, body: dict[str, Any], field: str
) -> None:
    assert fields_of(topic, event_type, **body) == [field]


def test_the_reason_says_what_would_have_been_right() -> None:
    body = {"publisher": "abh-dresden", "sent_by": None, "occurred_on": DAY}
    (reason,) = wrong_publisher_reasons("milestones.abh-leipzig", "EntryReported", body, DIRECTORY)
    shown = reason.as_json()
    assert (shown["code"], shown["seen"]) == ("WRONG_PUBLISHER", "abh-dresden")
    assert "abh-leipzig selbst" in shown["expected"]
    assert "abh-leipzig itself" in shown["expected"]
