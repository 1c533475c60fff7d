from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from tests.unit.simulate.conftest import UNTIL

from meilenstein.simulate.broken_bytes import VARIANTS
from meilenstein.simulate.delivery_defects import FORBIDDEN_SAYINGS
from meilenstein.simulate.rates import NO_DEFECTS, DefectRates
from meilenstein.simulate.records import Defect, SimRecord, Via, Weight
from meilenstein.simulate.refused_defects import DOUBTFUL, REFUSED
from meilenstein.simulate.simulation import Simulation, simulate
from meilenstein.simulate.truth import REASONS, FateKind
from meilenstein_connectors.codec import contract_schema, decode, unframe
from meilenstein_connectors.errors import Unreadable
from meilenstein_schemas.agencies import Directory


def labelled(simulation: Simulation, defect: Defect) -> list[SimRecord]:
    found = [record for record in simulation.records if record.label is defect]
    assert found, f"no {defect} was injected"
    return found


def body_of(record: SimRecord) -> Mapping[str, Any]:
    assert record.body is not None
    return record.body


def before(simulation: Simulation, record: SimRecord) -> list[SimRecord]:
    """Return what the sender published before the record."""
    return [other for other in simulation.records if other.sender == record.sender and other.after < record.after]


def original(simulation: Simulation, record: SimRecord) -> SimRecord:
    (found,) = [other for other in simulation.records if other.event_id == record.event_id and other is not record]
    return found


def procedure(simulation: Simulation, body: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Return all events of the procedure that `body` is about, by type."""
    events = defaultdict(list)
    for record in simulation.records:
        other = record.body
        if other and all(other.get(name) == body[name] for name in ("publisher", "procedure_reference")):
            events[str(record.event_type)].append(other)
    return events


def test_a_duplicate_says_the_same_again_from_another_installation(simulation: Simulation) -> None:
    for record in labelled(simulation, Defect.DUPLICATE):
        first = original(simulation, record)
        assert record.body == first.body
        assert first in before(simulation, record)
        assert (first.via, record.via) == (Via.MAIN, Via.SECOND)


def test_a_conflict_has_the_same_id_and_other_facts(simulation: Simulation) -> None:
    for record in labelled(simulation, Defect.CONFLICT):
        first = original(simulation, record)
        assert first in before(simulation, record)
        assert body_of(record)["occurred_on"] != body_of(first)["occurred_on"]


def test_a_late_report_is_recorded_long_after_the_fact(simulation: Simulation, directory: Directory) -> None:
    for record in labelled(simulation, Defect.LATE):
        body = body_of(record)
        limit = directory.agencies[body["publisher"]].late_after_days
        assert body["recorded_at"].date() - body["occurred_on"] > dt.timedelta(days=limit)
        assert record.after[0] == body["recorded_at"]


def test_what_is_out_of_order_was_recorded_after_what_it_precedes(simulation: Simulation) -> None:
    for record in labelled(simulation, Defect.OUT_OF_ORDER):
        position = simulation.records.index(record)
        following = next(other for other in simulation.records[position + 1 :] if other.sender == record.sender)
        assert body_of(following)["recorded_at"] < body_of(record)["recorded_at"]


def test_a_retraction_withdraws_an_event_of_the_same_file(simulation: Simulation) -> None:
    records = labelled(simulation, Defect.RETRACTED)
    wrong = {record.event_id: record for record in records if record.event_type != "EventRetracted"}
    withdrawals = [record for record in records if record.event_type == "EventRetracted"]
    assert len(wrong) == len(withdrawals)
    for record in withdrawals:
        target = wrong[body_of(record)["corrects"]]
        assert target.publisher == record.publisher  # the sender may be another: agreements differ by event type
        assert body_of(target)["case_reference"] == body_of(record)["case_reference"]
        assert target.after < record.after


def test_a_correction_puts_a_wrong_date_right(simulation: Simulation) -> None:
    ids = {record.event_id: record for record in simulation.records if record.body is not None}
    for record in labelled(simulation, Defect.CORRECTED):
        target = ids[body_of(record)["corrects"]]
        assert target.event_type == record.event_type
        changed = {name for name, value in body_of(record).items() if value != body_of(target)[name]}
        assert changed == {"event_id", "occurred_on", "recorded_at", "corrects", "correction_reason"}


def test_a_wrong_publisher_may_not_say_that_or_not_for_that_agency(
    simulation: Simulation, directory: Directory
) -> None:
    details = set()
    for record in labelled(simulation, Defect.WRONG_PUBLISHER):
        body, day = body_of(record), body_of(record)["occurred_on"]
        assert record.event_type is not None
        forbidden = directory.rank(body["publisher"], record.event_type, day) == "FORBIDDEN"
        foreign = not directory.may_send(record.sender, body["publisher"], record.event_type, day)
        assert forbidden != foreign
        details.add(record.detail)
    assert details == set(FORBIDDEN_SAYINGS)


REFUSED_LABELS = [*REFUSED, Defect.INCOMPLETE_REPORT]


@pytest.mark.parametrize("defect", REFUSED_LABELS)
def test_what_a_rule_refuses_comes_before_the_right_event(simulation: Simulation, defect: Defect) -> None:
    for record in labelled(simulation, defect):
        assert record.via is Via.UNCHECKED
        position = simulation.records.index(record)
        right = next(other for other in simulation.records[position + 1 :] if other.sender == record.sender)
        assert body_of(right)["event_id"] == body_of(record)["event_id"].lower()
        assert right.label is None


def test_every_refused_variant_has_its_reasons() -> None:
    variants = {name for spoils in REFUSED.values() for name in spoils}
    assert variants <= set(REASONS)


def test_a_doubtful_report_is_accepted_and_leads_to_a_question(simulation: Simulation) -> None:
    for record in labelled(simulation, Defect.DOUBTFUL_REPORT):
        assert record.detail in DOUBTFUL
        (found,) = [one for one in simulation.truth.findings if one.about.endswith(f"/{record.event_id}")]
        assert found.code == f"RULE:{record.detail}"


def test_broken_bytes_cannot_be_read_and_the_right_event_follows(directory: Directory) -> None:
    broken = simulate(
        seed=1, cases=100, until=UNTIL, directory=directory, defects=DefectRates(**{**_none(), "broken_bytes": 0.5})
    )
    records = labelled(broken, Defect.BROKEN_BYTES)
    assert {record.detail for record in records} == set(VARIANTS)
    for record in records:
        assert record.raw is not None
        assert record.body is None
        with pytest.raises(Unreadable) as refusal:
            read(record.raw, record.event_type)
        assert refusal.value.reason == "UNREADABLE"


def read(raw: bytes, event_type: str | None) -> object:
    return unframe(raw) if event_type is None else decode(raw, contract_schema(event_type))


def test_a_record_of_an_unknown_schema_is_well_formed_beside_its_id(simulation: Simulation) -> None:
    for record in labelled(simulation, Defect.UNKNOWN_SCHEMA):
        assert record.raw is not None
        schema_id, payload = unframe(record.raw)
        assert schema_id >= 2_000_000_000
        position = simulation.records.index(record)
        right = next(other for other in simulation.records[position + 1 :] if other.sender == record.sender)
        assert right.event_type is not None
        assert decode(payload, contract_schema(right.event_type)) == right.body


def test_an_unanswered_referral_is_older_than_any_service_target(simulation: Simulation) -> None:
    answered = {
        (claim["agency"], claim["reference"])
        for record in simulation.records
        if record.body
        for claim in record.body["references"]
    }
    for record in labelled(simulation, Defect.REFERRAL_UNANSWERED):
        body = body_of(record)
        assert (body["publisher"], body["referral_id"]) not in answered
        assert (UNTIL - body["occurred_on"]).days > 60


def test_clean_referrals_are_answered_well_within_the_service_target(clean: Simulation) -> None:
    sent = {
        (record.publisher, body_of(record)["referral_id"]): body_of(record)["occurred_on"]
        for record in clean.records
        if record.event_type == "ReferralSent"
    }
    for record in clean.records:
        answers = record.event_type in {"ReferralAccepted", "ReferralDeclined"}
        for claim in body_of(record)["references"] if answers else ():
            if claim["kind"] == "REFERRAL":
                day = sent.pop((claim["agency"], claim["reference"]))
                assert (body_of(record)["recorded_at"].date() - day).days < 21
    withdrawn = {
        (record.publisher, body_of(record)["consent_id"])
        for record in clean.records
        if record.event_type == "ConsentWithdrawn"
    }
    for record in clean.records:
        if record.event_type == "ReferralSent" and (record.publisher, body_of(record)["consent_id"]) in withdrawn:
            sent.pop((record.publisher, body_of(record)["referral_id"]), None)  # ended before the answer
    assert all((UNTIL - day).days < 21 for day in sent.values())


def test_a_decision_before_completeness_has_no_completeness(simulation: Simulation) -> None:
    for record in labelled(simulation, Defect.DECISION_BEFORE_COMPLETE):
        assert "DocumentsComplete" not in procedure(simulation, body_of(record))


def test_an_impossible_order_confirms_before_the_application(simulation: Simulation) -> None:
    for record in labelled(simulation, Defect.ORDER_IMPOSSIBLE):
        (applied,) = procedure(simulation, body_of(record))["ApplicationReceived"]
        assert body_of(record)["occurred_on"] < applied["occurred_on"]


def test_a_contradiction_states_another_day_of_entry_or_another_outcome(
    simulation: Simulation, directory: Directory
) -> None:
    told = set()
    for record in labelled(simulation, Defect.CONTRADICTION):
        body = body_of(record)
        assert record.event_type is not None
        assert record.weight is Weight.REMARK
        assert directory.rank(body["publisher"], record.event_type, body["occurred_on"]) == "INFORMATIVE"
        told.add(record.event_type)
        if record.event_type == "DecisionIssued":
            (claim,) = body["references"]
            decisions = procedure(simulation, {"publisher": claim["agency"], "procedure_reference": claim["reference"]})
            assert body["outcome"] not in {one["outcome"] for one in decisions["DecisionIssued"]}
            continue
        assert all(body["occurred_on"] != other["occurred_on"] for other in _entries(simulation, body))
    assert told == {"EntryReported", "DecisionIssued"}


def _entries(simulation: Simulation, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = [
        body_of(record)
        for record in simulation.records
        if record.event_type == "EntryReported" and record.label is None and record.body
        if record.body["district_ags"] == body["district_ags"]
        and 0 < (record.body["occurred_on"] - body["occurred_on"]).days < 10
    ]
    assert found
    return found


def test_without_consent_no_consent_to_the_referral_exists(simulation: Simulation) -> None:
    consents = {
        (record.publisher, record.body["consent_id"]): record.body["purposes"]
        for record in simulation.records
        if record.event_type == "ConsentGiven" and record.body
    }
    seen = set()
    for record in labelled(simulation, Defect.CONSENT_MISSING):
        body = body_of(record)
        purposes = consents.get((body["publisher"], body["consent_id"]))
        assert purposes is None or "REFERRAL" not in purposes
        seen.add(purposes is None)
    assert seen == {True, False}


def test_a_proposed_link_is_a_claim_that_does_not_entitle(simulation: Simulation, directory: Directory) -> None:
    kinds = set()
    for record in labelled(simulation, Defect.LINK_PROPOSED):
        body = body_of(record)
        (claim,) = body["references"]
        kinds.add(claim["kind"])
        assert claim["kind"] == "CASE" or not directory.may_claim(body["publisher"], "PROCEDURE", body["occurred_on"])
        owned = {
            (other.publisher, other.body[field])
            for other in simulation.records
            if other.body
            for field in ("case_reference", "procedure_reference")
            if field in other.body
        }
        assert (claim["agency"], claim["reference"]) in owned
    assert kinds == {"CASE", "PROCEDURE"}


def test_an_unknown_target_was_never_published_and_is_old(simulation: Simulation) -> None:
    ids = {record.event_id for record in simulation.records}
    for record in labelled(simulation, Defect.CORRECTION_TARGET_UNKNOWN):
        assert body_of(record)["corrects"] not in ids
        assert (UNTIL - body_of(record)["recorded_at"].date()).days > 30


def test_a_fork_is_two_corrections_of_one_event(simulation: Simulation) -> None:
    by_target = defaultdict(list)
    for record in labelled(simulation, Defect.FORK):
        by_target[body_of(record)["corrects"]].append(body_of(record)["occurred_on"])
    assert all(len(set(days)) == 2 for days in by_target.values())
    found = {finding.about.rpartition("/")[2] for finding in simulation.truth.findings if finding.code == "FORK"}
    assert found == set(by_target)


def test_every_label_has_its_fate(simulation: Simulation) -> None:
    refused = {
        Defect.CONFLICT,
        Defect.WRONG_PUBLISHER,
        Defect.BROKEN_BYTES,
        Defect.UNKNOWN_SCHEMA,
        *REFUSED_LABELS,
    }
    for record, fate in zip(simulation.records, simulation.truth.fates, strict=True):
        if record.label is Defect.DUPLICATE:
            assert fate.kind is FateKind.DUPLICATE
        else:
            assert fate.kind is (FateKind.QUARANTINED if record.label in refused else FateKind.ACCEPTED)
        assert (fate.reason is not None) == (fate.kind is FateKind.QUARANTINED)


def test_among_accepted_records_no_id_comes_twice(simulation: Simulation) -> None:
    accepted = [
        (record.publisher, record.event_id)
        for record, fate in zip(simulation.records, simulation.truth.fates, strict=True)
        if fate.kind is FateKind.ACCEPTED
    ]
    assert len(accepted) == len(set(accepted))


def test_a_case_carries_one_defect_at_most(directory: Directory) -> None:
    full = simulate(
        seed=1, cases=100, until=UNTIL, directory=directory, defects=DefectRates(**{**_none(), "late": 1.0})
    )
    assert full.truth.labels == {"LATE": 100}


def _none() -> dict[str, float]:
    return {name: getattr(NO_DEFECTS, name) for name in NO_DEFECTS.__dataclass_fields__}
