from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import fastavro
import pytest
from tests.unit.simulate.conftest import UNTIL

from meilenstein.errors import ConfigurationError
from meilenstein.simulate.rates import DefectRates
from meilenstein.simulate.records import Defect, SimRecord, Via, Weight
from meilenstein.simulate.simulation import Simulation, simulate
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.contracts import load_contracts

BERLIN = ZoneInfo("Europe/Berlin")


def facts(simulation: Simulation) -> Iterator[tuple[SimRecord, Mapping[str, Any]]]:
    for record in simulation.records:
        if record.body is not None:
            yield record, record.body


def events(simulation: Simulation, *types: str) -> list[Mapping[str, Any]]:
    return [body for record, body in facts(simulation) if record.event_type in types]


def by_procedure(simulation: Simulation, event_type: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(body["publisher"], body["procedure_reference"]): body for body in events(simulation, event_type)}


def claims(body: Mapping[str, Any], kind: str) -> list[tuple[str, str]]:
    return [(item["agency"], item["reference"]) for item in body["references"] if item["kind"] == kind]


def test_the_same_arguments_give_identical_records(directory: Directory, simulation: Simulation) -> None:
    again = simulate(seed=1, cases=400, until=UNTIL, directory=directory)
    assert again == simulation


@pytest.mark.parametrize(
    "changed",
    [{"seed": 2}, {"until": UNTIL + dt.timedelta(days=1)}, {"months": 2}, {"cases": 401}, {"defects": None}],
)
def test_other_arguments_share_neither_event_ids_nor_files(
    directory: Directory, simulation: Simulation, changed: dict[str, Any]
) -> None:
    arguments: dict[str, Any] = {"seed": 1, "cases": 400, "until": UNTIL, "directory": directory}
    other = simulate(**{**arguments, **changed})
    assert {record.event_id for record, _ in facts(simulation)}.isdisjoint(
        record.event_id for record, _ in facts(other)
    )
    files = {(body["publisher"], body["case_reference"]) for _, body in facts(simulation)}
    shared = files & {(body["publisher"], body["case_reference"]) for _, body in facts(other)}
    assert {reference for _, reference in shared} <= {
        "",
        "160412345678",
    }  # what the rules forbid is the same everywhere


def test_a_month_of_400_cases_is_a_realistic_number_of_records(simulation: Simulation, clean: Simulation) -> None:
    assert 4_000 <= len(simulation.records) <= 6_500
    assert 3_500 <= len(clean.records) <= 6_000


def test_every_event_type_occurs(directory: Directory) -> None:
    several = [simulate(seed=seed, cases=500, until=UNTIL, directory=directory, defects=None) for seed in range(4)]
    assert {record.event_type for month in several for record, _ in facts(month)} == set(load_contracts())


def test_a_whole_case_has_about_twenty_events(simulation: Simulation) -> None:
    sizes = Counter(record.case for record in simulation.records)
    assert 8 < len(simulation.records) / len(sizes) < 25
    assert max(sizes.values()) >= 25


def test_every_actor_of_the_registry_that_states_facts_takes_part(directory: Directory) -> None:
    months = [simulate(seed=seed, cases=500, until=UNTIL, directory=directory, defects=None) for seed in range(3)]
    kinds = {directory.kind(record.publisher or "") for month in months for record, _ in facts(month)}
    assert kinds == {agency.kind for agency in directory.agencies.values()} - {
        "COORDINATION", "TECHNICAL_SENDER", "CROSS_LAND",
    }  # fmt: skip
    offices = {record.publisher for month in months for record, _ in facts(month)}
    assert set(directory.keys("FOREIGNERS_OFFICE", land="SN")) - offices == {"abh-zentral"}
    senders = {record.sender for month in months for record, _ in facts(month)}
    assert {"auslandsportal", "datacentre-example"} <= senders


def test_nothing_is_known_after_the_last_day(simulation: Simulation) -> None:
    for record, body in facts(simulation):
        if record.label is Defect.IMPOSSIBLE_DATE:
            continue
        assert body["occurred_on"] <= UNTIL
        assert body["recorded_at"].astimezone(BERLIN).date() <= UNTIL


def test_facts_are_recorded_within_days_by_people_at_work(clean: Simulation) -> None:
    for record, body in facts(clean):
        recorded = body["recorded_at"].astimezone(BERLIN)
        assert body["occurred_on"] <= recorded.date()
        assert recorded.weekday() < 5
        assert 8 <= recorded.hour < 20
        # Completeness may be noticed when the receipt is confirmed, the end of an employment when it is reported.
        if record.event_type not in {"DocumentsComplete", "EmploymentEndedEarly"}:
            assert (recorded.date() - body["occurred_on"]).days <= 14, "two weeks where Christmas lies between"
        assert body["published_at"] is None
        assert body["sequence"] is None
        assert body["source_epoch"] is None
        assert body["test"] is False


def test_clean_facts_are_dated_on_working_days_but_people_enter_on_any_day(clean: Simulation) -> None:
    weekdays = Counter(
        (record.event_type == "EntryReported", body["occurred_on"].weekday() >= 5) for record, body in facts(clean)
    )
    assert weekdays[False, True] == 0
    assert weekdays[True, True] > 0


def test_an_instant_of_occurrence_falls_on_the_day_of_occurrence(simulation: Simulation) -> None:
    instants = [body for _, body in facts(simulation) if body["occurred_at"] is not None]
    assert instants
    for body in instants:
        assert body["occurred_at"].astimezone(BERLIN).date() == body["occurred_on"]
        assert body["occurred_at"] <= body["recorded_at"]


def test_every_body_encodes_strictly_with_its_contract(simulation: Simulation) -> None:
    parsed = {name: fastavro.parse_schema(dict(contract.schema)) for name, contract in load_contracts().items()}
    for record, body in facts(simulation):
        assert record.event_type is not None
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, parsed[record.event_type], body, strict=True)
        buffer.seek(0)
        decoded = fastavro.schemaless_reader(buffer, parsed[record.event_type], None)
        assert decoded == body


def test_records_stand_in_the_order_of_their_keys_and_no_key_twice(simulation: Simulation) -> None:
    keys = [record.after for record in simulation.records]
    assert keys == sorted(set(keys))


def test_clean_events_are_said_by_the_authority_through_its_own_or_an_agreed_sender(
    directory: Directory, clean: Simulation
) -> None:
    for record, body in facts(clean):
        assert record.event_type is not None
        day = body["occurred_on"]
        rank = {Weight.REMARK: "INFORMATIVE"}.get(record.weight, "AUTHORITATIVE")
        assert directory.rank(body["publisher"], record.event_type, day) == rank
        assert directory.may_send(record.sender, body["publisher"], record.event_type, day)
        assert body["sent_by"] == (None if record.sender == body["publisher"] else record.sender)
    assert any(record.sender != body["publisher"] for record, body in facts(clean))


def test_a_sender_has_one_source_system(simulation: Simulation) -> None:
    systems = defaultdict(set)
    for record, body in facts(simulation):
        systems[record.sender].add(body["source_system"])
    assert {len(names) for names in systems.values()} == {1}


def test_every_claim_in_clean_events_names_an_identifier_that_its_owner_used(
    directory: Directory, clean: Simulation
) -> None:
    targets = {(body["publisher"], body["referral_id"]): body["target"] for body in events(clean, "ReferralSent")}
    procedures = {
        (body["publisher"], body["procedure_reference"]) for _, body in facts(clean) if body.get("procedure_reference")
    }
    titles = {(body["publisher"], body["title_reference"]) for _, body in facts(clean) if body.get("title_reference")}
    forwarded = {
        (body["publisher"], body["procedure_reference"]): body["target"]
        for body in events(clean, "ApplicationForwarded")
    }
    assert forwarded
    checked: Counter[str] = Counter()
    for _, body in facts(clean):
        for claim in claims(body, "REFERRAL"):
            assert targets[claim] == body["publisher"]
            checked["REFERRAL"] += 1
        for claim in claims(body, "PROCEDURE"):
            assert claim in procedures
            entitled = directory.may_claim(body["publisher"], "PROCEDURE", body["occurred_on"])
            assert entitled or forwarded.get(claim) == body["publisher"]
            checked["PROCEDURE"] += 1
        for claim in claims(body, "TITLE"):
            # A visa office may name the office's matter before the office itself has said anything.
            assert claim in titles or directory.kind(body["publisher"]) == "VISA_OFFICE"
            checked["TITLE"] += 1
        assert {item["kind"] for item in body["references"]} <= set(checked)
    assert min(checked.values()) > 50


def test_consents_cover_the_referrals_of_clean_cases(clean: Simulation) -> None:
    consents = {(body["publisher"], body["consent_id"]): body for body in events(clean, "ConsentGiven")}
    withdrawn = {
        (body["publisher"], body["consent_id"]): body["occurred_on"] for body in events(clean, "ConsentWithdrawn")
    }
    assert withdrawn
    for sent in events(clean, "ReferralSent"):
        key = sent["publisher"], sent["consent_id"]
        consent = consents[key]
        assert sent["legal_basis"] == "CONSENT"
        assert "REFERRAL" in consent["purposes"]
        assert sent["target"] in consent["recipients"]
        assert consent["case_reference"] == sent["case_reference"]
        assert consent["valid_from"] <= sent["occurred_on"] <= (consent["valid_until"] or dt.date.max)
        assert key not in withdrawn or withdrawn[key] > sent["occurred_on"]


def test_procedures_of_clean_cases_go_forward(clean: Simulation) -> None:
    steps: dict[tuple[str, str], dict[str, dt.date]] = defaultdict(dict)
    for record, body in facts(clean):
        if body.get("procedure_reference"):
            assert record.event_type is not None
            if record.weight is Weight.FACT:
                known = steps[body["publisher"], body["procedure_reference"]]
                known[record.event_type] = min(body["occurred_on"], known.get(record.event_type, dt.date.max))
    assert len(steps) > 200
    for dates in steps.values():
        if "ApplicationReceived" in dates:  # another Land does not say when it came
            assert dates["ApplicationReceived"] <= min(dates.values())
        if "DecisionIssued" in dates:
            assert dates.get("EquivalenceCheckWaived", dates["DocumentsComplete"]) <= dates["DecisionIssued"]


def test_outcomes_fit_the_profession_and_their_shares_the_statistics(directory: Directory) -> None:
    many = simulate(seed=3, cases=1_500, until=UNTIL, directory=directory, defects=None)
    regulated = {key: body["regulated"] for key, body in by_procedure(many, "ApplicationReceived").items()}
    first: dict[tuple[str, str], Mapping[str, Any]] = {}
    for body in events(many, "DecisionIssued"):
        first.setdefault((body["publisher"], body["procedure_reference"]), body)
    outcomes = Counter(
        (regulated[body["publisher"], body["procedure_reference"]], body["outcome"])
        for body in first.values()
        if (body["publisher"], body["procedure_reference"]) in regulated
    )
    assert outcomes["YES", "PARTIAL_EQUIVALENCE"] == 0
    assert outcomes["NO", "COMPENSATION_REQUIRED"] == outcomes["NO", "PARTIAL_ACCESS"] == 0
    by_class = Counter({name: 0 for _, name in outcomes})
    for (_, name), count in outcomes.items():
        by_class[name] += count
    decided = sum(by_class.values())
    assert decided > 450
    # Four standard deviations wide: every change of the registry draws other cases.
    assert 0.5 < by_class["FULL_EQUIVALENCE"] / decided < 0.72
    assert 0.17 < by_class["COMPENSATION_REQUIRED"] / decided < 0.42
    assert 0 < by_class["NEGATIVE"] / decided < 0.05


def test_procedures_of_every_age_are_under_way(clean: Simulation) -> None:
    """In a Land in which nothing is late, some are in the middle of every period."""
    open_receipt = by_procedure(clean, "ApplicationReceived")
    for procedure in by_procedure(clean, "ReceiptConfirmed"):
        open_receipt.pop(procedure, None)
    open_decision = by_procedure(clean, "DocumentsComplete")
    for procedure in by_procedure(clean, "DecisionIssued"):
        open_decision.pop(procedure, None)
    unconfirmed = [(UNTIL - body["occurred_on"]).days for body in open_receipt.values()]
    undecided = [(UNTIL - body["occurred_on"]).days for body in open_decision.values()]
    assert any(age < 10 for age in unconfirmed)
    assert any(10 <= age < 25 for age in unconfirmed)
    assert any(age < 40 for age in undecided)
    assert any(70 <= age <= 92 for age in undecided)


def test_employers_and_anonymous_askers_have_inquiries_only(clean: Simulation) -> None:
    kinds = Counter(
        (body["subject_kind"], record.event_type) for record, body in facts(clean) if body["subject_kind"] != "PERSON"
    )
    assert set(kinds) == {
        ("EMPLOYER", "InquiryReceived"), ("ANONYMOUS", "InquiryReceived"), ("ANONYMOUS", "QuickcheckCompleted"),
    }  # fmt: skip


def test_clean_records_go_the_ordinary_way_and_what_was_mistyped_has_been_put_right(clean: Simulation) -> None:
    assert {(record.via, record.raw) for record in clean.records} == {(Via.MAIN, None)}
    labels = {record.label for record in clean.records}
    assert labels == {None, Defect.CORRECTED, Defect.RETRACTED, Defect.OUT_OF_ORDER}
    assert clean.truth.counts == {"ACCEPTED": len(clean.records), "DUPLICATE": 0, "QUARANTINED": 0}
    assert {one.code for one in clean.truth.findings} <= {"CLOCK_DUE", "LATE_REPORT"}


def test_from_100_cases_on_every_defect_occurs(directory: Directory) -> None:
    for seed in range(3):
        hundred = simulate(seed=seed, cases=100, until=UNTIL, directory=directory)
        assert set(hundred.truth.labels) == {defect.value for defect in Defect} - {"SEQUENCE_GAP"}


def test_a_few_cases_can_be_simulated(directory: Directory) -> None:
    for seed in range(20):
        assert simulate(seed=seed, cases=1, until=UNTIL, directory=directory).records


def test_a_defect_of_rate_0_does_not_occur(directory: Directory) -> None:
    rates = DefectRates(duplicate=0, fork=0)
    labels = simulate(seed=1, cases=200, until=UNTIL, directory=directory, defects=rates).truth.labels
    assert not {"DUPLICATE", "FORK"} & set(labels)
    assert "CONFLICT" in labels


@pytest.mark.parametrize("wrong", [{"cases": 0}, {"months": 0}, {"defects": DefectRates(duplicate=0.9, late=0.2)}])
def test_impossible_arguments_are_refused(directory: Directory, wrong: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"seed": 1, "cases": 200, "until": UNTIL, "directory": directory}
    with pytest.raises(ConfigurationError):
        simulate(**{**arguments, **wrong})


def without(directory: Directory, key: str) -> Directory:
    agencies = {name: agency for name, agency in directory.agencies.items() if name != key}
    return dataclasses.replace(directory, agencies=agencies, version=f"without {key}")


@pytest.mark.parametrize(("missing", "named"), [("lds", "'lds'"), ("zab", "'zab'"), ("abh-goerlitz", "14626")])
def test_registry_data_without_a_needed_agency_are_refused(directory: Directory, missing: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        simulate(seed=1, cases=10, until=UNTIL, directory=without(directory, missing))


def test_a_day_on_which_no_agency_was_in_force_is_refused(directory: Directory) -> None:
    with pytest.raises(ConfigurationError, match="in force on 2005-06-01"):
        simulate(seed=1, cases=10, until=dt.date(2005, 6, 1), directory=directory)


def test_the_summary_counts_what_is_there(simulation: Simulation) -> None:
    summary = simulation.summary()
    assert summary["records"] == len(simulation.records) == sum(summary["fates"].values())
    assert sum(summary["reasons"].values()) >= summary["fates"]["quarantined"]  # some break two rules
    assert summary["labels"]["DUPLICATE"] == summary["fates"]["duplicate"]
