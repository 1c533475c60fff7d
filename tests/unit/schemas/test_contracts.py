"""Event schemas: generated from one envelope, committed as generated, and without a mistake the lint knows."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from pathlib import Path

import fastavro
import pytest

import meilenstein_schemas
from meilenstein.errors import ConfigurationError
from meilenstein.operations.contracts import apply_contracts, lint_contracts
from meilenstein_connectors.errors import RegistryUnavailable
from meilenstein_schemas.contracts import Contract, generate, load_contracts, load_envelope, wire_name

FOLDER = Path(meilenstein_schemas.__file__).parent
NAMES = {
    "InquiryReceived", "ConsentGiven", "ConsentWithdrawn", "ReferralSent", "ReferralAccepted",
    "ReferralDeclined", "ApplicationReceived", "ReceiptConfirmed", "DocumentsRequested", "DocumentsComplete",
    "DecisionIssued", "EntryReported", "WelcomeCenterOnboardingStarted", "EventRetracted",
    "QuickcheckCompleted", "CounsellingCompleted", "ReferralReturned", "FastTrackAgreementConcluded",
    "EmployerInvited", "ForeignersOfficeNotified", "ApplicationForwarded", "AdditionalEvidenceRequested",
    "OtherProcedureStarted", "OtherProcedureEnded", "DeadlineExtended", "EquivalenceCheckWaived",
    "ApplicationWithdrawn", "ProcedureClosedNoDecision", "CompensationChosen", "CompensationStarted",
    "CompensationCompleted", "ExamTaken", "LanguageExamRegistered", "LanguageExamPassed", "LanguageExamFailed",
    "LicenceGranted", "AppealFiled", "AppealDecided", "QualificationConfirmed", "LabourAgencyConsentRequested",
    "LabourAgencyInfoInsufficient", "LabourAgencyConsentGranted", "LabourAgencyConsentRefused",
    "PreApprovalIssued", "VisaAppointmentRequested", "VisaAppointmentOffered", "VisaApplicationComplete",
    "VisaDecided", "VisaDataTransmitted", "VisaObjectionRaised", "VisaCheckProlonged",
    "WelcomeCenterOnboardingCompleted", "ResidenceTitleApplied", "ResidenceTitleIssued",
    "ResidenceTitleExtended", "CourseEntitled", "CourseRegistered", "CourseStarted", "CourseDropped",
    "CourseCompleted", "CourseNotHeld", "CoursePlacementChanged", "EmploymentStarted", "EmploymentEndedEarly",
    "EmploymentEndReported", "CaseTransferred", "CaseClosed", "CaseReopened",
}  # fmt: skip


def changed(contract, **fields):
    """Return the contract with fields replaced by name (None removes one) or added."""
    kept = [fields.pop(field["name"], field) for field in contract.schema["fields"]]
    schema = {**contract.schema, "fields": [field for field in kept if field is not None] + list(fields.values())}
    return Contract(
        name=contract.name, version=1, state="draft", label=contract.label, schema=schema,
        text=json.dumps(schema), own_fields=contract.own_fields,
    )  # fmt: skip


def test_every_event_type_of_the_vocabulary_is_there_and_is_a_draft():
    contracts = load_contracts()
    assert set(contracts) == NAMES
    assert {contract.state for contract in contracts.values()} == {"draft"}
    assert all(fastavro.parse_schema(dict(contract.schema)) for contract in contracts.values())


def test_the_committed_schemas_are_what_the_envelope_and_the_event_files_generate(tmp_path):
    copy = tmp_path / "schemas"
    shutil.copytree(FOLDER, copy)
    assert generate(copy) == []
    envelope = json.loads((copy / "envelope.avsc").read_text())
    envelope["fields"][-1]["doc"] += " Changed."
    (copy / "envelope.avsc").write_text(json.dumps(envelope))
    assert len(generate(copy)) == len(NAMES)


def test_every_event_begins_with_the_envelope():
    envelope = [field["name"] for field in load_envelope()["fields"]]
    for contract in load_contracts().values():
        names = [field["name"] for field in contract.schema["fields"]]
        assert names == [*envelope, *contract.own_fields]


def test_an_enum_of_one_name_has_the_same_codes_everywhere_and_says_unknown_first():
    codes = {}
    for contract in load_contracts().values():
        for enum in enums([field["type"] for field in contract.schema["fields"]]):
            assert codes.setdefault(enum["name"], enum["symbols"]) == enum["symbols"]
            assert enum["symbols"][0] == enum["default"] == "UNKNOWN"
    assert len(codes) > 40


def enums(kind):
    if isinstance(kind, list):
        return [one for part in kind for one in enums(part)]
    if not isinstance(kind, dict):
        return []
    inner = [one for field in kind.get("fields", ()) for one in enums(field["type"])]
    return [*([kind] if kind["type"] == "enum" else []), *enums(kind.get("items")), *inner]


def test_no_contract_has_a_field_for_what_must_not_be_on_the_bus():
    banned = ("name", "birth", "passport", "religion", "asylum", "health", "azr_number", "text", "note", "remark")
    fields = {field["name"] for contract in load_contracts().values() for field in contract.schema["fields"]}
    assert {field for field in fields for word in banned if word in field.split("_") or field == word} == set()


def test_merging_and_splitting_cases_is_a_decision_of_people_and_no_event():
    assert not {"CaseMerged", "CaseUnmerged"} & load_contracts().keys()


def test_wire_names_are_kebab_case():
    assert wire_name("WelcomeCenterOnboardingStarted") == "welcome-center-onboarding-started"


def test_the_lint_finds_nothing_in_what_is_shipped():
    assert lint_contracts(load_contracts().values()) == []


@pytest.mark.parametrize(
    ("field", "mistake"),
    [
        ({"name": "district_ags", "type": ["null", "string"], "doc": "x"}, "must have a default"),
        ({"name": "event_id", "type": "string", "doc": "x", "default": ""}, "must not have a default"),
        ({"name": "district_ags", "type": ["string", "null"], "doc": "x", "default": ""}, "only unions [null, T]"),
        ({"name": "test", "type": "boolean", "default": False}, "doc is missing"),
        (
            {
                "name": "legal_route",
                "type": {"type": "enum", "name": "LegalRoute", "symbols": ["A", "UNKNOWN"], "default": "A"},
                "doc": "x",
                "default": "A",
            },
            "must be UNKNOWN",
        ),
    ],
)
def test_the_lint_names_event_field_and_mistake(field, mistake):
    problems = lint_contracts([changed(load_contracts()["DocumentsComplete"], **{field["name"]: field})])
    assert any(
        problem.startswith("DocumentsComplete: ") and field["name"] in problem and mistake in problem
        for problem in problems
    ), problems


class Registry:
    """Keeps the newest text of each subject."""

    def __init__(self):
        self.texts = {}

    def latest(self, subject):
        return self.texts.get(subject)

    def register(self, subject, text):
        self.texts[subject] = text
        return 1


class Kept:
    """Takes the place of the archive and its connection."""

    def learn(self, connection, schema_id, text):
        self.text = text

    def commit(self):
        pass


def test_a_draft_that_no_longer_reads_what_the_home_holds_is_refused_with_the_next_step():
    contract, registry, kept = load_contracts()["DocumentsComplete"], Registry(), Kept()
    (first,) = apply_contracts({contract.name: contract}, registry=registry, connection=kept, book=kept)
    assert first.changed
    (again,) = apply_contracts({contract.name: contract}, registry=registry, connection=kept, book=kept)
    assert not again.changed
    more = changed(contract, note={"name": "note", "type": ["null", "string"], "doc": "x", "default": None})
    apply_contracts({contract.name: more}, registry=registry, connection=kept, book=kept)
    with pytest.raises(ConfigurationError, match=r"meilenstein down --wipe"):
        apply_contracts({contract.name: contract}, registry=registry, connection=kept, book=kept)


@pytest.mark.parametrize(("unanswered", "applied"), [(1, True), (2, False)])
def test_a_question_that_the_registry_left_open_is_asked_once_more(unanswered, applied):
    contract, registry, kept = load_contracts()["DocumentsComplete"], Registry(), Kept()
    left = iter([RegistryUnavailable("no answer")] * unanswered)

    def latest(subject):
        for error in left:
            raise error

    registry.latest = latest
    with nullcontext() if applied else pytest.raises(RegistryUnavailable):
        apply_contracts({contract.name: contract}, registry=registry, connection=kept, book=kept)
    assert bool(registry.texts) is applied
