"""Findings about one procedure: each raised, not raised by its lawful neighbour, and gone with the fact behind it."""

from __future__ import annotations

import pytest
from tests.unit.cases.recognition import ABOUT, application, found, lawful, raised, step
from tests.unit.cases.world import HWK, codes, day, event, event_id, one, retract

from meilenstein.cases.events import Event

DECIDED = "2026-04-20"


def extension(notified: str, until: str = "2026-07-16", **fields: str) -> Event:
    values = {"extension_reason": "COMPLEX_MATTER", "notified_on": day(notified), **fields}
    return step("DeadlineExtended", notified, new_end_on=day(until), **values)


def decision(outcome: str = "FULL_EQUIVALENCE", on: str = DECIDED, **fields: str) -> Event:
    return step("DecisionIssued", on, outcome=outcome, **fields)


# SECOND_EXTENSION


def test_one_extension_is_lawful_and_the_second_is_a_finding() -> None:
    first = extension("2026-05-04", name="first")
    assert one(lawful(first), "2026-05-10").findings == ()
    case = one(lawful(first, extension("2026-06-08", "2026-09-16", name="second")), "2026-06-10")
    finding = raised(case, "SECOND_EXTENSION")
    assert (finding.about, finding.severity, finding.publisher) == (ABOUT, "W", HWK)
    assert finding.since == day("2026-06-08")
    assert [found["event"] for found in finding.detail["extensions"]] == [event_id("first"), event_id("second")]


def test_a_second_extension_that_corrects_or_was_retracted_is_none() -> None:
    first = extension("2026-05-04", name="first")
    again = extension("2026-06-08", "2026-09-16", name="second")
    assert "SECOND_EXTENSION" not in codes(one(lawful(first, again, retract("second", HWK)), "2026-06-10"))
    instead = extension("2026-06-08", "2026-09-16", corrects="first")
    assert "SECOND_EXTENSION" not in codes(one(lawful(first, instead), "2026-06-10"))


# LATE_EXTENSION: complete on Monday 16 March, three months end on Tuesday 16 June


@pytest.mark.parametrize(("notified", "late"), [("2026-06-16", False), ("2026-06-17", True)])
def test_an_extension_is_late_when_it_is_notified_after_the_old_end(notified: str, late: bool) -> None:
    case = one(lawful(extension(notified, name="x")), "2026-06-18")
    assert ("LATE_EXTENSION" in codes(case)) is late
    if late:
        finding = raised(case, "LATE_EXTENSION")
        assert (finding.about, finding.since, finding.publisher) == (ABOUT, day("2026-06-17"), HWK)
        (detail,) = finding.detail["extensions"]
        assert (detail["old_end"], detail["event"]) == (day("2026-06-16"), event_id("x"))


def test_the_old_end_is_that_after_the_weekend_and_after_a_suspension() -> None:
    # Complete on Friday 13 March: the three months end on Saturday 13 June, so on Monday 15 June.
    begun = [application(), step("ReceiptConfirmed", "2026-03-09"), step("DocumentsComplete", "2026-03-13")]
    assert "LATE_EXTENSION" not in codes(one([*begun, extension("2026-06-15")], "2026-06-18"))
    paused = step("AdditionalEvidenceRequested", "2026-04-01", until_on=day("2026-04-11"))
    assert "LATE_EXTENSION" not in codes(one(lawful(paused, extension("2026-06-26")), "2026-06-27"))
    assert "LATE_EXTENSION" in codes(one(lawful(paused, extension("2026-06-27")), "2026-06-28"))


def test_an_extension_after_a_decision_that_was_late_itself_is_late_too() -> None:
    after = extension("2026-06-25")
    assert "LATE_EXTENSION" in codes(one(lawful(decision(on="2026-06-22"), after)))
    assert "LATE_EXTENSION" not in codes(one(lawful(decision(on="2026-04-20"), extension("2026-04-22"))))


def test_a_late_extension_is_gone_when_its_day_is_corrected() -> None:
    late, right = extension("2026-06-17", name="x"), extension("2026-06-15", corrects="x")
    assert "LATE_EXTENSION" not in codes(one(lawful(late, right), "2026-06-18"))


# EXTENSION_TOO_LONG


@pytest.mark.parametrize(
    ("training", "until", "too_long"),
    [
        ("EU_EEA_CH", "2026-07-16", False),
        ("EU_EEA_CH", "2026-07-17", True),
        ("THIRD_STATE", "2026-09-16", False),
        ("UNKNOWN", "2026-09-16", False),
    ],
)
def test_only_a_diploma_of_the_eu_bounds_the_extension_to_a_month(training: str, until: str, too_long: bool) -> None:
    events = lawful(extension("2026-05-04", until), regulated="YES", training_state_group=training)
    case = one(events, "2026-05-10")
    assert codes(case) == (["EXTENSION_TOO_LONG"] if too_long else [])
    if too_long:
        finding = raised(case, "EXTENSION_TOO_LONG")
        assert (finding.about, finding.publisher) == (ABOUT, HWK)
        assert finding.detail["extensions"][0]["new_end"] == day(until)


@pytest.mark.parametrize(("until", "too_long"), [("2026-07-13", False), ("2026-07-14", True)])
def test_a_month_that_ends_on_a_weekend_ends_on_the_working_day_after_it(until: str, too_long: bool) -> None:
    # Complete on 11 March: the period ends on 11 June, a month later is Saturday 11 July.
    begun = [
        application(regulated="YES", training_state_group="EU_EEA_CH"),
        step("ReceiptConfirmed", "2026-03-09"),
        step("DocumentsComplete", "2026-03-11"),
    ]
    case = one([*begun, extension("2026-05-04", until)], "2026-05-10")
    assert ("EXTENSION_TOO_LONG" in codes(case)) is too_long


@pytest.mark.parametrize(("until", "too_long"), [("2026-06-04", False), ("2026-06-05", True)])
def test_a_month_more_is_counted_from_the_working_day_on_which_the_period_ended(until: str, too_long: bool) -> None:
    # Complete on 3 February: 3 May is a Sunday, so the period ends on Monday 4 May (BGB § 190).
    begun = [
        application("2026-01-05", regulated="YES", training_state_group="EU_EEA_CH"),
        step("ReceiptConfirmed", "2026-01-12"),
        step("DocumentsComplete", "2026-02-03"),
    ]
    case = one([*begun, extension("2026-04-20", until)], "2026-04-21")
    assert ("EXTENSION_TOO_LONG" in codes(case)) is too_long


def test_an_extension_that_is_late_and_too_long_is_both() -> None:
    events = lawful(extension("2026-06-22", "2026-09-30"), regulated="YES", training_state_group="EU_EEA_CH")
    assert {"LATE_EXTENSION", "EXTENSION_TOO_LONG"} <= set(codes(one(events, "2026-06-23")))


# PAUSE_OPEN


def evidence(on: str = "2026-04-01", until: str = "2026-04-11") -> Event:
    return step("AdditionalEvidenceRequested", on, until_on=day(until), evidence_basis="BQFG_5_4", name="evidence")


def other(event_type: str = "OtherProcedureStarted", on: str = "2026-04-01", **fields: str) -> Event:
    return step(event_type, on, other_procedure_kind="QUALIFICATION_ANALYSIS", **fields)


@pytest.mark.parametrize(("as_of", "is_open"), [("2026-04-12", False), ("2026-04-13", True)])
def test_a_request_is_open_once_its_set_date_has_passed_by_more_than_a_day(as_of: str, is_open: bool) -> None:
    case = one(lawful(evidence()), as_of)
    assert codes(case) == (["PAUSE_OPEN"] if is_open else [])
    if is_open:
        finding = raised(case, "PAUSE_OPEN")
        assert (finding.about, finding.severity, finding.publisher) == (ABOUT, "W", HWK)
        assert finding.since == day("2026-04-13")
        assert finding.detail["until"] == day("2026-04-11")
    else:
        assert case.next_change_on == day("2026-04-13")


@pytest.mark.parametrize(
    "after",
    [
        step("DocumentsComplete", "2026-04-08"),
        decision(on="2026-04-10"),
        step("ApplicationWithdrawn", "2026-04-10"),
        extension("2026-04-10"),
    ],
    ids=lambda one: one.event_type,
)
def test_a_request_after_which_the_body_went_on_is_not_open(after: Event) -> None:
    assert "PAUSE_OPEN" not in codes(one(lawful(evidence(), after), "2026-05-01"))


def test_a_request_before_the_documents_are_complete_suspends_nothing() -> None:
    begun = [application(), step("ReceiptConfirmed", "2026-03-09"), evidence()]
    assert codes(one(begun, "2026-05-20")) == []


@pytest.mark.parametrize(("as_of", "is_open"), [("2026-06-30", False), ("2026-07-01", True)])
def test_another_procedure_is_open_too_long_after_ninety_days(as_of: str, is_open: bool) -> None:
    case = one(lawful(other()), as_of)  # 90 days after 1 April is 30 June
    assert codes(case) == (["PAUSE_OPEN"] if is_open else [])
    assert is_open or case.next_change_on == day("2026-07-01")


def test_another_procedure_that_ended_or_was_retracted_is_not_open() -> None:
    assert found(one(lawful(other(), other("OtherProcedureEnded", "2026-06-20")), "2026-07-09"), "PAUSE_OPEN") == []
    begun = other(name="begun")
    assert found(one(lawful(begun, retract("begun", HWK)), "2026-07-09"), "PAUSE_OPEN") == []
    assert found(one(lawful(begun, decision(on="2026-06-01")), "2026-07-09"), "PAUSE_OPEN") == []


@pytest.mark.parametrize("law", ["PFLAPRV", "AEAPPRO", "MTAPRV"])
def test_where_the_law_knows_no_suspension_none_is_open(law: str) -> None:
    begun = [application(procedure_law=law, regulated="YES"), step("DocumentsComplete", "2026-03-30")]
    assert "PAUSE_OPEN" not in codes(one([*begun, evidence()], "2026-05-01"))
    assert "PAUSE_OPEN" not in codes(one([*begun, other()], "2026-08-01"))


def test_a_request_with_a_far_date_is_looked_at_after_ninety_days() -> None:
    case = one(lawful(evidence(until="2026-12-01")), "2026-07-01")
    assert raised(case, "PAUSE_OPEN").since == day("2026-07-01")


# OUTCOME_NOT_POSSIBLE


@pytest.mark.parametrize(
    ("regulated", "outcome", "reason"),
    [
        ("YES", "FULL_EQUIVALENCE", None),
        ("YES", "COMPENSATION_REQUIRED", None),
        ("YES", "PARTIAL_ACCESS", None),
        ("YES", "NEGATIVE", None),
        ("YES", "PARTIAL_EQUIVALENCE", "NOT_FOR_REGULATED"),
        ("NO", "FULL_EQUIVALENCE", None),
        ("NO", "PARTIAL_EQUIVALENCE", None),
        ("NO", "NEGATIVE", None),
        ("NO", "COMPENSATION_REQUIRED", "NOT_FOR_UNREGULATED"),
        ("NO", "PARTIAL_ACCESS", "NOT_FOR_UNREGULATED"),
        ("UNKNOWN", "COMPENSATION_REQUIRED", None),
        ("NO", "UNKNOWN", None),
    ],
)
def test_an_outcome_class_fits_regulated_or_unregulated_professions(
    regulated: str, outcome: str, reason: str | None
) -> None:
    case = one(lawful(decision(outcome), regulated=regulated), "2026-04-21")
    assert [finding.detail["decisions"][0]["reason"] for finding in found(case, "OUTCOME_NOT_POSSIBLE")] == (
        [reason] if reason else []
    )
    assert all((one.about, one.publisher) == (ABOUT, HWK) for one in found(case, "OUTCOME_NOT_POSSIBLE"))


def test_a_corrected_outcome_or_regulation_clears_it() -> None:
    wrong = decision("COMPENSATION_REQUIRED", name="wrong")
    right = decision("PARTIAL_EQUIVALENCE", corrects="wrong")
    assert found(one(lawful(wrong, right)), "OUTCOME_NOT_POSSIBLE") == []
    regulated = application(regulated="YES", corrects="applied")
    assert found(one(lawful(wrong, regulated, name="applied")), "OUTCOME_NOT_POSSIBLE") == []


def waiver(on: str = "2026-03-20") -> Event:
    return step("EquivalenceCheckWaived", on, declared_final="YES", informed_of_consequences="YES")


def test_after_a_waiver_the_comparison_has_no_negative_outcome() -> None:
    nursing = {"procedure_law": "PFLAPRV", "regulated": "YES"}
    case = one(lawful(waiver(), decision("NEGATIVE"), **nursing))
    assert raised(case, "OUTCOME_NOT_POSSIBLE").detail["decisions"][0]["reason"] == "COMPARISON_WAIVED"
    assert found(one(lawful(waiver(), decision("COMPENSATION_REQUIRED"), **nursing)), "OUTCOME_NOT_POSSIBLE") == []
    before = one(lawful(decision("NEGATIVE", "2026-03-18"), waiver(), **nursing))
    assert found(before, "OUTCOME_NOT_POSSIBLE") == []
    failed = step("ExamTaken", "2026-04-10", compensation_kind="KNOWLEDGE_TEST", passed="NO")
    refused = decision("NEGATIVE", decision_object="LICENCE")
    assert found(one(lawful(waiver(), failed, refused, **nursing)), "OUTCOME_NOT_POSSIBLE") == []


# LICENCE_UNREGULATED


@pytest.mark.parametrize(("regulated", "expected"), [("NO", 1), ("YES", 0), ("UNKNOWN", 0)])
def test_a_licence_is_for_regulated_professions_only(regulated: str, expected: int) -> None:
    licence = step("LicenceGranted", "2026-05-04", licence_kind="PERMIT", name="licence")
    case = one(lawful(decision(), licence, regulated=regulated))
    hits = found(case, "LICENCE_UNREGULATED")
    assert [(hit.about, hit.severity, hit.publisher) for hit in hits] == [(ABOUT, "W", HWK)] * expected
    gone = one(lawful(decision(), licence, retract("licence", HWK, "2026-05-05"), regulated=regulated))
    assert found(gone, "LICENCE_UNREGULATED") == []


def test_another_body_is_not_asked_about_the_licence_it_granted() -> None:
    licence = event(
        "LicenceGranted", "lds", "2026-05-04", licence_kind="PERMIT", case_number="SN-1",
        references=[(HWK, "PROCEDURE", "P-9")],
    )  # fmt: skip
    events = lawful(decision(), licence, case_number="SN-1")
    assert raised(one(events), "LICENCE_UNREGULATED").publisher is None


# COMPLETE_WITH_OPEN_ITEMS


def request(on: str, *items: str, **fields: str) -> Event:
    return step("DocumentsRequested", on, items=list(items or ("certificate",)), **fields)


def test_items_asked_for_after_completeness_contradict_it() -> None:
    case = one(lawful(request("2026-03-23", "certificate", "curriculum")), "2026-03-24")
    finding = raised(case, "COMPLETE_WITH_OPEN_ITEMS")
    assert (finding.about, finding.severity, finding.publisher) == (ABOUT, "W", HWK)
    assert finding.since == day("2026-03-23")
    assert [item["item"] for item in finding.detail["items"]] == ["certificate", "curriculum"]


@pytest.mark.parametrize(
    "others",
    [
        [request("2026-03-12")],
        [request("2026-03-16")],
        [request("2026-03-23"), step("DocumentsComplete", "2026-03-30")],
        [request("2026-03-23", name="x"), retract("x", HWK, "2026-03-24")],
        [step("AdditionalEvidenceRequested", "2026-03-23", items=["certificate"], until_on=day("2026-04-20"))],
    ],
    ids=["before", "same day", "completed again", "retracted", "further evidence"],
)
def test_items_that_came_and_further_evidence_do_not(others: list[Event]) -> None:
    assert codes(one(lawful(*others), "2026-04-01")) == []


def test_a_confirmation_that_names_missing_items_after_completeness_contradicts_it_too() -> None:
    late = step("ReceiptConfirmed", "2026-03-20", missing_items=["certificate"], documents_complete="NO")
    case = one([application(), step("DocumentsComplete", "2026-03-16"), late], "2026-03-24")
    assert codes(case) == ["COMPLETE_WITH_OPEN_ITEMS"]


# ORPHAN_DECISION: decided on 20 April, 14 days of parking end on 4 May


@pytest.mark.parametrize(("as_of", "orphan"), [("2026-05-04", False), ("2026-05-05", True)])
def test_a_decision_without_application_is_an_orphan_after_the_parking_span(as_of: str, orphan: bool) -> None:
    case = one([step("DocumentsComplete", "2026-03-16"), decision()], as_of)
    assert ("ORPHAN_DECISION" in codes(case)) is orphan
    if orphan:
        finding = raised(case, "ORPHAN_DECISION")
        assert (finding.about, finding.severity, finding.publisher) == (ABOUT, "I", HWK)
        assert finding.since == day("2026-05-05")
    else:
        assert case.next_change_on == day("2026-05-05")


def test_an_application_a_transfer_or_a_forwarding_makes_it_none() -> None:
    assert found(one(lawful(decision())), "ORPHAN_DECISION") == []
    forwarded = [
        application(publisher="hwk-leipzig", procedure="L-1"),
        step("ApplicationForwarded", "2026-03-10", publisher="hwk-leipzig", procedure="L-1", target=HWK),
    ]
    here = step("DecisionIssued", DECIDED, outcome="NEGATIVE", references=[("hwk-leipzig", "PROCEDURE", "L-1")])
    assert found(one([*forwarded, here]), "ORPHAN_DECISION") == []
