"""Agencies and rights as data: the lint names file, line and mistake; rights follow the day."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
import yaml

from meilenstein.errors import ConfigurationError
from meilenstein.operations.topics import plan_topics
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.directory_lint import DATA_FOLDER, lint_directory

DAY = dt.date(2026, 3, 2)
FIRST = dt.date(2020, 1, 1)
AGENCY = {"key": "new", "kind": "ZEFAS", "name_de": "x", "name_en": "x", "origin": "sourced", "from": FIRST}
RIGHT = {"kind": "ZEFAS", "event": "InquiryReceived", "rank": "INFORMATIVE", "from": FIRST}
AGREEMENT = {"sender": "zefas", "publisher": "lds", "events": ["ALL"], "from": FIRST}
COVERED = {"sender": "datacentre-example", "publisher": "hwk-chemnitz", "from": dt.date(2026, 1, 1)}


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(DATA_FOLDER, copy)
    return copy


def test_the_shipped_tables_have_no_mistake():
    assert lint_directory() == []


@pytest.mark.parametrize(
    ("file", "row", "expected"),
    [
        ("agencies.yaml", {**AGENCY, "key": "Zefas2"}, "lower-case"),
        ("agencies.yaml", {**AGENCY, "key": "zefas"}, "listed twice"),
        ("agencies.yaml", {**AGENCY, "kind": "COURT"}, "unknown kind"),
        ("agencies.yaml", {**AGENCY, "origin": "guessed"}, "origin"),
        ("agencies.yaml", {**AGENCY, "name_en": None}, "'name_en' is missing"),
        ("agencies.yaml", {**AGENCY, "kind": "RECOGNITION_BODY", "name_de": " "}, "'name_de' is empty"),
        ("agencies.yaml", {**AGENCY, "from": "soon"}, "type date"),
        ("agencies.yaml", {**AGENCY, "districts": ["99999"]}, "no Saxon AGS"),
        ("agencies.yaml", {**AGENCY, "districts": [14511]}, "no Saxon AGS"),
        ("agencies.yaml", {**AGENCY, "land": "SA"}, "unknown land 'SA'"),
        ("agencies.yaml", {**AGENCY, "land": "ST", "districts": ["14511"]}, "stands for its whole Land"),
        ("agencies.yaml", {**AGENCY, "switch": "someday"}, "not in switches.yaml"),
        ("agencies.yaml", {**AGENCY, "kind": "FOREIGNERS_OFFICE", "districts": ["14626"]}, "two foreigners' offices"),
        ("agencies.yaml", {**AGENCY, "until": dt.date(2019, 1, 1)}, "before it begins"),
        ("agencies.yaml", {**AGENCY, "colour": "red"}, "unknown field 'colour'"),
        ("authority.yaml", {**RIGHT, "event": "DecisionMade"}, "unknown event type"),
        ("authority.yaml", {**RIGHT, "event": "InquiryReceived"}, "same day"),
        ("claims.yaml", {"kind": "ZEFAS", "reference_kind": "LETTER", "from": FIRST}, "unknown reference kind"),
        ("agreements.yaml", {**AGREEMENT, "publisher": "nobody"}, "no agency"),
        ("agreements.yaml", {**AGREEMENT, "publisher": "zefas"}, "no agreement with itself"),
        ("agreements.yaml", {**COVERED, "events": ["DecisionIssued"]}, "two rows let datacentre-example send"),
        ("agreements.yaml", {**COVERED, "events": ["ALL"]}, "two rows let datacentre-example send"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(folder, file, row, expected):
    path = folder / file
    before = path.read_text(encoding="utf-8")
    path.write_text(before + "- " + yaml.safe_dump(row, default_flow_style=True, width=1000), encoding="utf-8")
    place = f"{file}:{len(before.splitlines()) + 1}: "
    problems = [str(problem) for problem in lint_directory(folder)]
    assert any(problem.startswith(place) and expected in problem for problem in problems), problems
    with pytest.raises(ConfigurationError, match=file):
        load_directory(folder)


def test_yaml_that_cannot_be_read_is_named_with_its_line(folder):
    path = folder / "claims.yaml"
    path.write_text("- {kind: ZEFAS\n- [\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"claims\.yaml:\d+"):
        load_directory(folder)


def test_rights_follow_kind_event_and_day():
    directory = load_directory()
    assert directory.rank("hwk-dresden", "DecisionIssued", DAY) == "AUTHORITATIVE"
    assert directory.rank("wc-dresden", "DecisionIssued", DAY) == "INFORMATIVE"
    assert directory.rank("abh-dresden", "DecisionIssued", DAY) == "FORBIDDEN"
    assert directory.rank("nobody", "DecisionIssued", DAY) == "FORBIDDEN"
    assert directory.rank("hwk-dresden", "DecisionIssued", dt.date(2008, 12, 31)) == "FORBIDDEN"


def test_an_agreement_covers_its_events_from_its_first_day_on():
    directory = load_directory()
    assert directory.may_send("hwk-chemnitz", "hwk-chemnitz", "DecisionIssued", DAY)
    assert directory.may_send("datacentre-example", "hwk-chemnitz", "DecisionIssued", DAY)
    assert not directory.may_send("datacentre-example", "hwk-chemnitz", "DecisionIssued", dt.date(2024, 12, 31))
    assert not directory.may_send("datacentre-example", "hwk-chemnitz", "EventRetracted", DAY)
    assert not directory.may_send("hwk-leipzig", "hwk-chemnitz", "DecisionIssued", DAY)


def test_only_offices_and_the_labour_agency_may_claim_procedures():
    directory = load_directory()
    assert directory.may_claim("abh-dresden", "PROCEDURE", DAY)
    assert directory.may_claim("ba-sachsen", "PROCEDURE", DAY)
    assert not directory.may_claim("hwk-leipzig", "PROCEDURE", DAY)
    assert not directory.may_claim("hwk-leipzig", "PROCEDURE", DAY, owner="hwk-dresden")


def test_a_foreigners_office_may_tell_of_an_entry_long_before_there_was_a_law_on_recognition():
    directory, entered = load_directory(), dt.date(2003, 5, 1)
    for event in ("EntryReported", "ResidenceTitleIssued", "EmploymentStarted"):
        assert directory.rank("abh-dresden", event, entered) == "AUTHORITATIVE"
    assert directory.may_claim("abh-dresden", "PROCEDURE", entered)
    assert directory.rank("abh-dresden", "PreApprovalIssued", entered) == "FORBIDDEN"


def test_a_recognition_body_may_claim_the_procedures_of_another_land():
    directory = load_directory()
    assert directory.may_claim("hwk-leipzig", "PROCEDURE", DAY, owner="body-example-st")
    assert directory.may_claim("body-example-st", "PROCEDURE", DAY, owner="hwk-leipzig")
    assert not directory.may_claim("hwk-leipzig", "PROCEDURE", DAY, owner="nobody")
    assert not directory.may_claim("wc-dresden", "PROCEDURE", DAY, owner="body-example-st")


def test_topics_follow_from_what_an_agency_may_say_and_be_told():
    directory = load_directory()
    plan = plan_topics(directory.senders, recipients=directory.recipients)
    topics = {one.name for one in plan}
    assert len(plan) == len(topics) == 2 * len(directory.senders) + len(directory.recipients) + 1
    assert {"milestones.zsba", "replies.zsba", "cases.zsba"} <= topics
    assert {"milestones.info-portal", "replies.info-portal", "milestones.efa"} <= topics
    assert topics.isdisjoint({"cases.info-portal", "cases.efa"}), "they are never told of a case"
    silent = {"fasst", "abh-zentral", "competence-centre", "work-and-stay"}
    assert {key for key in directory.agencies if not any(name.endswith(f".{key}") for name in topics)} == silent


def test_each_agency_has_three_topics_and_a_mistake_in_the_plan_names_its_line(folder):
    names = [topic.name for topic in plan_topics(["zefas", "lds"])]
    kinds = ("milestones", "cases", "replies")
    assert names == [*(f"{kind}.{key}" for key in ("lds", "zefas") for kind in kinds), "audit.heads"]
    path = folder / "topics.yaml"
    row = "- {name: milestones, of: ALL, purpose: x, partitions: 0, configs: {retention.ms: 1}}\n"
    path.write_text(row, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        plan_topics(["zefas"], folder)
    text = str(refused.value)
    assert text.count("topics.yaml:1:") == 4
    assert "SENDERS, RECIPIENTS" in text
    assert "{agency}" in text
    assert "at least 1" in text
    assert "quotes" in text
