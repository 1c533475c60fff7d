"""A file of events: what stands, what the hub would refuse, what is no event at all; nothing is guessed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from tests.unit.cases.world import directory

from meilenstein.errors import ConfigurationError
from meilenstein.explain import event_file
from meilenstein.explain.event_file import EventFile, read_events
from meilenstein_schemas.agencies import load_directory

ON = dt.date(2026, 6, 30)
APPLICATION = {
    "type": "ApplicationReceived", "publisher": "hwk-dresden", "subject_kind": "PERSON", "case_reference": "H-1",
    "occurred_on": "2026-03-10", "procedure_reference": "P-1", "procedure_law": "BQFG", "regulated": "NO",
}  # fmt: skip


def read(*lines: dict[str, Any] | bytes | str, on: dt.date = ON) -> EventFile:
    raw = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    return read_events([line + b"\n" for line in raw], load_directory(), on)


def reasons(found: EventFile) -> list[tuple[int, str]]:
    return [(one.line, reason["code"]) for one in found.refused for reason in one.reasons]


def test_a_line_without_id_gets_the_one_that_the_sdk_gives_it() -> None:
    (event,) = read(APPLICATION).events
    assert event.event_id == read(APPLICATION).events[0].event_id
    assert event.event_id != read({**APPLICATION, "regulated": "YES"}).events[0].event_id


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"publisher": "ba-sachsen"}, "WRONG_PUBLISHER"),
        ({"publisher": "hwk-dresdn"}, "WRONG_PUBLISHER"),
        ({"sent_by": "zefas"}, "WRONG_PUBLISHER"),
        ({"subject_kind": "UNKNOWN"}, "RULE:E-007"),
        ({"published_at": "2026-03-09T10:00:00Z"}, "FUTURE_FACT"),
        ({"recorded_at": "2026-03-09T10:00:00Z"}, "OCCURRED_AFTER_RECORDED"),
        ({"case_reference": "123456789012"}, "FORBIDDEN_CONTENT"),
        ({"district_ags": "99999"}, "RULE:"),
        ({"case_reference": "H\u200b1"}, "RULE:"),
        ({"case_reference": "A\u0308-1"}, "RULE:"),
        ({"case_number": "SN-1"}, "RULE:"),
        ({"profession_kldb": "Tischler"}, "RULE:"),
    ],
)
def test_what_the_hub_would_refuse_is_refused_with_its_reason_and_the_others_stand(
    change: dict[str, Any], code: str
) -> None:
    found = read(APPLICATION, {**APPLICATION, **change, "event_id": "00000000-0000-4000-8000-000000000001"})
    assert [event.case_reference for event in found.events] == ["H-1"]
    assert {line for line, _ in reasons(found)} == {2}
    assert any(one.startswith(code) for _, one in reasons(found)), reasons(found)
    (refused,) = found.refused
    assert all(set(reason["text"]) == {"de", "en"} and reason["how"]["de"] for reason in refused.reasons)


def test_a_broken_rule_that_only_warns_stays_with_the_event() -> None:
    found = read({**APPLICATION, "procedure_law": "UNKNOWN"})
    assert found.refused == [] and found.events[0].warnings != ()


def test_a_repeated_event_counts_once_and_other_facts_under_its_id_are_a_conflict() -> None:
    first = {**APPLICATION, "event_id": "00000000-0000-4000-8000-000000000001"}
    found = read(first, {**first, "published_at": "2026-03-11T08:00:00Z"}, {**first, "regulated": "YES"})
    assert [one.line for one in found.repeated] == [2]
    assert reasons(found) == [(3, "CONFLICT")]
    assert len(found.events) == 1 and found.events[0].facts["regulated"] == "NO"


def test_what_was_refused_does_not_take_the_id() -> None:
    first = {**APPLICATION, "event_id": "00000000-0000-4000-8000-000000000001"}
    found = read({**first, "subject_kind": "UNKNOWN"}, first)
    assert [one.line for one in found.refused] == [1] and len(found.events) == 1


def test_what_lies_after_the_day_is_left_out_and_said() -> None:
    found = read(APPLICATION, {**APPLICATION, "occurred_on": "2026-07-01"})
    assert [one.line for one in found.later] == [2] and len(found.events) == 1


def test_anonymous_contacts_and_employers_make_no_case_and_are_said() -> None:
    inquiry = {
        "type": "InquiryReceived", "publisher": "zefas", "subject_kind": "ANONYMOUS", "case_reference": "Z-1",
        "occurred_on": "2026-03-10",
    }  # fmt: skip
    assert [one.line for one in read(inquiry).without_case] == [1]


def test_a_sender_with_an_agreement_may_send_for_another() -> None:
    known, day = directory(), dt.date(2026, 3, 10)
    one = next(row for row in known.agreements if known.may_send(row.sender, row.publisher, APPLICATION["type"], day))
    assert one.sender != one.publisher
    found = read({**APPLICATION, "publisher": one.publisher, "sent_by": one.sender})
    assert (reasons(found), len(found.events)) == ([], 1)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['{"type":'], "line 1: not valid JSON"),
        (["[1]"], "line 1: expected one JSON object a line; correct or remove the line"),
        (["{}"], "line 1, field type: field 'type' is missing"),
        ([{"type": "ApplicationRecieved"}], "line 1, field type: no event type of this name"),
        ([APPLICATION, {**APPLICATION, "occurred_on": "2026-02-30"}], "line 2, field occurred_on: expected a date"),
        ([{**APPLICATION, "regulated": "MAYBE"}], "line 1, field regulated: expected one of: "),
        ([{**APPLICATION, "case_refrence": "x"}], "line 1, field case_refrence: the contract of"),
        ([{name: value for name, value in APPLICATION.items() if name != "publisher"}], "field publisher: field is"),
        (["", " ", b"\xff"], "line 3: holds bytes that are not UTF-8; save the file as UTF-8"),
        ([b"\xff\xfe{\x00}\x00"], "line 1: is UTF-16 text; save the file as UTF-8"),
        (["[1]", APPLICATION, "[2]"], "run the command again (also wrong: line 3)"),
        (["[1]"] * 9, "(also wrong: lines 2, 3, 4, 5, 6 ...)"),
    ],
)
def test_a_line_that_is_no_event_stops_everything_with_its_number(lines: list[Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(*lines)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_a_byte_order_mark_and_blank_lines_do_no_harm() -> None:
    assert len(read(b"\xef\xbb\xbf" + json.dumps(APPLICATION).encode(), "  ").events) == 1


def test_an_event_above_the_size_of_a_record_is_refused() -> None:
    body = {**APPLICATION, "references": [], "sent_by": None}
    assert event_file._too_large("ApplicationReceived", body, 30_000) is None
    many = [{"agency": "zefas", "kind": "MANDATE", "reference": f"M-{number:060}"} for number in range(1000)]
    assert read({**APPLICATION, "references": many}).events == []


def test_an_identifier_that_very_many_files_name_links_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_file, "MOST_FILES", 2)
    naming = [
        {
            **APPLICATION, "case_reference": f"H-{number}", "procedure_reference": f"P-{number}",
            "references": [{"agency": "zefas", "kind": "CASE", "reference": "Z-1"}],
        }
        for number in range(4)
    ]  # fmt: skip
    assert {str(identifier) for identifier, _ in read(*naming).bulk()} == {"CASE:zefas/Z-1"}
    assert read(*naming[:2]).bulk() == set()
