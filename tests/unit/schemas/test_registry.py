"""The registry as data: seats, districts, Welcome Centers, switches, other Länder; rights and routes follow from it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter

import pytest
import yaml

from meilenstein.errors import ConfigurationError
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.codes import load_codes
from meilenstein_schemas.directory_lint import lint_directory
from meilenstein_schemas.directory_tables import DATA_FOLDER, LANDS
from meilenstein_schemas.routing import (
    competent_bodies,
    fallback_for,
    foreigners_office_for,
    referral_target_for,
    welcome_center_for,
)

DAY = dt.date(2026, 3, 2)
FIRST = dt.date(2020, 1, 1)
LATER = dt.date(2027, 1, 1)
EVE = dt.date(2026, 12, 31)
FAST_TRACK = "FastTrackAgreementConcluded"
DIRECTORY = load_directory()


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(DATA_FOLDER, copy)
    return copy


def append(folder, file, row):
    path = folder / file
    before = path.read_text(encoding="utf-8")
    text = yaml.safe_dump(row, default_flow_style=True, width=1000, allow_unicode=True)
    path.write_text(f"{before}- {text}", encoding="utf-8")
    return f"{file}:{len(before.splitlines()) + 1}: "


def replace(folder, file, before, after):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def turned_on(folder, key, since=LATER, until=None):
    end = f"  until: {until}\n" if until else ""
    replace(folder, "switches.yaml", f"- key: {key}\n", f"- key: {key}\n  from: {since}\n{end}")
    return load_directory(folder)


def test_there_are_32_seats_of_recognition_bodies_and_each_says_where_it_comes_from():
    seats = [DIRECTORY.agencies[key] for key in DIRECTORY.keys("RECOGNITION_BODY", land="SN")]
    assert len(seats) == 32
    assert Counter(one.origin for one in seats) == {"sourced": 20, "example": 12}
    assert all(bool(one.source) == (one.origin == "sourced") for one in DIRECTORY.agencies.values())
    named = {one.key for one in seats if one.origin == "sourced"}
    assert {row.body for row in DIRECTORY.competences} == named, "what an example body is competent for is not known"


def test_the_districts_are_those_of_the_code_list_with_their_former_direktionsbezirk():
    codes = load_codes("ags_saxony").codes
    assert {ags: (one.name_de, one.name_en, one.kind) for ags, one in DIRECTORY.districts.items()} == {
        ags: (one.name["de"], one.name["en"], one.more["kind"]) for ags, one in codes.items()
    }
    assert Counter(one.kind for one in DIRECTORY.districts.values()) == {"KREISFREIE_STADT": 3, "LANDKREIS": 10}
    bezirke = {one.direktionsbezirk: set() for one in DIRECTORY.districts.values()}
    for one in DIRECTORY.districts.values():
        bezirke[one.direktionsbezirk].add(one.ags[2])
    assert bezirke == {"CHEMNITZ": {"5"}, "DRESDEN": {"6"}, "LEIPZIG": {"7"}}
    uncovered = {one.direktionsbezirk for one in DIRECTORY.districts.values() if not one.federal_advice}
    assert uncovered == {"DRESDEN"}
    assert {ags for ags, one in DIRECTORY.districts.items() if one.trap} == {
        "14523",
        "14524",
        "14626",
        "14713",
        "14729",
    }
    assert set(load_codes("laender").codes) == set(LANDS)


def test_every_district_has_one_foreigners_office_and_ten_have_a_welcome_center():
    offices = [DIRECTORY.agencies[key] for key in DIRECTORY.keys("FOREIGNERS_OFFICE", land="SN")]
    served = Counter(ags for one in offices for ags in one.districts)
    assert served == dict.fromkeys(DIRECTORY.districts, 1)
    without = {ags for ags in DIRECTORY.districts if welcome_center_for(DIRECTORY, ags, DAY) is None}
    assert without == {"14523", "14626", "14730"}
    assert welcome_center_for(DIRECTORY, "14713", DAY) == "wc-leipzig"
    assert welcome_center_for(DIRECTORY, "14729", DAY) == "wc-leipzig-land"


def test_a_referral_from_a_district_without_a_welcome_center_goes_to_the_service_desk(folder):
    assert referral_target_for(DIRECTORY, "14612", DAY) == "wc-dresden"
    assert referral_target_for(DIRECTORY, "14626", DAY) == "zefas"
    append(
        folder, "fallbacks.yaml", {"instead_of": "WELCOME_CENTER", "to": "wc-dresden", "district": "14626", "from": DAY}
    )
    directory = load_directory(folder)
    assert referral_target_for(directory, "14626", DAY) == "wc-dresden", "a row for the district goes first"
    assert referral_target_for(directory, "14626", DAY - dt.timedelta(days=1)) == "zefas"
    assert referral_target_for(directory, "14730", DAY) == "zefas"
    assert fallback_for(directory, "FOREIGNERS_OFFICE", "14730", DAY) is None


def test_a_welcome_center_that_vanishes_leaves_its_referrals_to_the_service_desk(folder):
    replace(
        folder,
        "agencies.yaml",
        'from: 2009-01-01\n  districts: ["14612"]',
        'from: 2009-01-01\n  until: 2026-12-31\n  districts: ["14612"]',
    )
    directory = load_directory(folder)
    assert referral_target_for(directory, "14612", EVE) == "wc-dresden"
    assert referral_target_for(directory, "14612", LATER) == "zefas"
    assert "wc-dresden" in directory.senders, "what it sent stays there to be read"


def test_a_welcome_center_says_only_what_belongs_to_services_it_offers(folder):
    assert DIRECTORY.rank("wc-dresden", "CounsellingCompleted", DAY) == "INFORMATIVE"
    assert DIRECTORY.rank("wc-meissen", "CounsellingCompleted", DAY) == "FORBIDDEN"
    assert not DIRECTORY.offers_for("wc-meissen", "CounsellingCompleted", DAY)
    assert DIRECTORY.rank("wc-meissen", "WelcomeCenterOnboardingStarted", DAY) == "AUTHORITATIVE"
    assert DIRECTORY.rank("wc-meissen", "ReferralAccepted", DAY) == "AUTHORITATIVE", "belongs to no service"
    assert DIRECTORY.rank("wc-sachsen-anhalt", "CounsellingCompleted", DAY) == "INFORMATIVE", "no row: not restricted"
    replace(folder, "offers.yaml", "insurance], from: 2009-01-01", "insurance], from: 2009-01-01, until: 2026-12-31")
    append(folder, "offers.yaml", {"center": "wc-meissen", "services": ["recognition-advice"], "from": LATER})
    directory = load_directory(folder)
    assert directory.rank("wc-meissen", "CounsellingCompleted", EVE) == "FORBIDDEN"
    assert directory.rank("wc-meissen", "CounsellingCompleted", LATER) == "INFORMATIVE"
    assert directory.rank("wc-meissen", "WelcomeCenterOnboardingStarted", EVE) == "AUTHORITATIVE"
    assert directory.rank("wc-meissen", "WelcomeCenterOnboardingStarted", LATER) == "FORBIDDEN"


def test_what_is_switched_off_takes_no_part():
    assert not DIRECTORY.takes_part("abh-zentral", DAY)
    assert DIRECTORY.rank("abh-zentral", FAST_TRACK, DAY) == "FORBIDDEN"
    assert "competence-centre" not in DIRECTORY.senders


def test_a_central_foreigners_office_takes_over_the_fast_track_from_its_first_day_on(folder):
    directory = turned_on(folder, "central-foreigners-office")
    for day, local, central in ((EVE, "AUTHORITATIVE", "FORBIDDEN"), (LATER, "FORBIDDEN", "AUTHORITATIVE")):
        assert directory.rank("abh-dresden", FAST_TRACK, day) == local
        assert directory.rank("abh-zentral", FAST_TRACK, day) == central
        assert directory.rank("abh-dresden", "ResidenceTitleIssued", day) == "AUTHORITATIVE", "titles stay"
        assert directory.rank("abh-example-st", FAST_TRACK, day) == "AUTHORITATIVE", "another Land goes on as it was"
    assert foreigners_office_for(directory, "14612", EVE, FAST_TRACK) == "abh-dresden"
    assert foreigners_office_for(directory, "14612", LATER, FAST_TRACK) == "abh-zentral"
    assert foreigners_office_for(directory, "14612", LATER, "EntryReported") == "abh-dresden"
    assert "abh-zentral" in directory.senders


def test_a_switch_with_a_last_day_gives_the_rights_back(folder):
    directory = turned_on(folder, "central-foreigners-office", until=dt.date(2027, 6, 30))
    assert directory.rank("abh-dresden", FAST_TRACK, dt.date(2027, 6, 30)) == "FORBIDDEN"
    assert directory.rank("abh-dresden", FAST_TRACK, dt.date(2027, 7, 1)) == "AUTHORITATIVE"
    assert directory.rank("abh-zentral", FAST_TRACK, dt.date(2027, 7, 1)) == "FORBIDDEN"


def test_a_switch_may_raise_what_was_only_informative(folder):
    directory = turned_on(folder, "counselling-by-labour-agency")
    assert directory.rank("ba-sachsen", "CounsellingCompleted", EVE) == "INFORMATIVE"
    assert directory.rank("ba-sachsen", "CounsellingCompleted", LATER) == "AUTHORITATIVE"
    assert directory.rank("ba-sachsen", "ReferralSent", EVE) == "FORBIDDEN"
    assert directory.rank("ba-sachsen", "ReferralSent", LATER) == "AUTHORITATIVE"


def test_agencies_of_another_land_are_the_authority_for_their_own_facts():
    assert DIRECTORY.rank("body-example-st", "DecisionIssued", DAY) == "AUTHORITATIVE"
    assert DIRECTORY.rank("abh-example-st", "ResidenceTitleIssued", DAY) == "AUTHORITATIVE"
    assert DIRECTORY.may_claim("abh-example-st", "PROCEDURE", DAY)
    assert DIRECTORY.rank("transfer-desk-example", "CaseTransferred", DAY) == "AUTHORITATIVE"
    assert DIRECTORY.agencies["wc-sachsen-anhalt"].land == "ST"
    assert {welcome_center_for(DIRECTORY, ags, DAY) for ags in DIRECTORY.districts}.isdisjoint({"wc-sachsen-anhalt"})


def test_coordination_and_carriers_state_no_facts_of_their_own():
    events = {row.event for row in DIRECTORY.authority}
    for key in ("fasst", *DIRECTORY.keys("TECHNICAL_SENDER")):
        assert {DIRECTORY.rank(key, event, DAY) for event in events} == {"FORBIDDEN"}


def test_bodies_may_let_the_efa_service_send_their_applications():
    assert DIRECTORY.may_send("efa", "body-example-2", "ApplicationReceived", DAY)
    assert not DIRECTORY.may_send("efa", "body-example-2", "DecisionIssued", DAY)
    assert not DIRECTORY.may_send("efa", "hwk-dresden", "ApplicationReceived", DAY)


def test_competent_bodies_follow_law_task_and_region():
    assert competent_bodies(DIRECTORY, "PFLAPRV", DAY) == ["ksv-sachsen"]
    assert competent_bodies(DIRECTORY, "AEAPPRO", DAY) == ["lds"]
    assert competent_bodies(DIRECTORY, "AEAPPRO", DAY, task="LANGUAGE_EXAM") == ["laek-sachsen"]
    crafts = set(competent_bodies(DIRECTORY, "BQFG", DAY, district="14524"))
    assert "hwk-chemnitz" in crafts
    assert crafts.isdisjoint({"hwk-dresden", "hwk-leipzig"})
    assert {"hwk-chemnitz", "hwk-dresden", "hwk-leipzig"} <= set(competent_bodies(DIRECTORY, "BQFG", DAY))


DISTRICT = {
    "ags": "14731", "name_de": "x", "name_en": "x", "kind": "LANDKREIS", "direktionsbezirk": "LEIPZIG",
    "federal_advice": True,
}  # fmt: skip
COMPETENCE = {
    "body": "lds", "body_kind": "STATE_AUTHORITY", "tasks": ["LICENCE"], "laws": ["BQFG"], "regulated": ["YES"],
    "professions_de": "x", "professions_en": "x", "basis": "SOURCED", "from": FIRST,
}  # fmt: skip
SWITCH = {"key": "new", "name_de": "x", "name_en": "x", "source": "x", "from": LATER}
ENDING = {"kind": "FOREIGNERS_OFFICE", "ends": [FAST_TRACK]}


@pytest.mark.parametrize(
    ("file", "row", "expected"),
    [
        ("districts.yaml", {**DISTRICT, "ags": "14831"}, "no Saxon AGS"),
        ("districts.yaml", {**DISTRICT, "ags": "1473١"}, "no Saxon AGS"),
        ("districts.yaml", {**DISTRICT, "ags": 14731}, "type str"),
        ("districts.yaml", {**DISTRICT, "ags": "14713"}, "ags '14713' is listed twice"),
        ("districts.yaml", {**DISTRICT, "direktionsbezirk": "DRESDEN"}, "Direktionsbezirk LEIPZIG (third digit)"),
        ("districts.yaml", {**DISTRICT, "kind": "STADT"}, "unknown kind 'STADT'"),
        ("services.yaml", {"service": "Wohnen", "name_de": "x", "name_en": "x", "events": []}, "lower-case words"),
        ("services.yaml", {"service": "housing", "name_de": "x", "name_en": "x", "events": []}, "listed twice"),
        ("services.yaml", {"service": "tax", "name_de": "x", "name_en": "x", "events": ["Moved"]}, "type 'Moved'"),
        ("offers.yaml", {"center": "abh-dresden", "services": ["ALL"], "from": FIRST}, "no Welcome Center"),
        ("offers.yaml", {"center": "wc-dresden", "services": ["tax"], "from": FIRST}, "unknown service 'tax'"),
        ("offers.yaml", {"center": "wc-dresden", "services": ["housing"], "from": FIRST}, "wc-dresden offers on"),
        ("fallbacks.yaml", {"instead_of": "WELCOME_CENTER", "to": "nobody", "from": FIRST}, "no agency"),
        ("fallbacks.yaml", {"instead_of": "WELCOME_CENTER", "to": "lds", "from": FIRST}, "in every district on"),
        ("fallbacks.yaml", {"instead_of": "COURT", "to": "zefas", "from": FIRST}, "unknown kind 'COURT'"),
        ("fallbacks.yaml", {"instead_of": "ZEFAS", "to": "lds", "district": "99999", "from": FIRST}, "no Saxon AGS"),
        ("switches.yaml", {**SWITCH, "key": "one-stop-agencies"}, "listed twice"),
        ("switches.yaml", {**SWITCH, "rights": ["ZEFAS"]}, "an entry of 'rights'"),
        ("switches.yaml", {**SWITCH, "rights": [{**ENDING, "starts": []}]}, "an entry of 'rights'"),
        ("switches.yaml", {**SWITCH, "rights": [{**ENDING, "kind": "COURT"}]}, "unknown kind 'COURT'"),
        ("switches.yaml", {**SWITCH, "rights": [{**ENDING, "ends": ["Moved"]}]}, "unknown event type 'Moved'"),
        ("switches.yaml", {**SWITCH, "rights": [ENDING]}, "nobody would go on with"),
        ("switches.yaml", {**SWITCH, "rights": [{**ENDING, "kind": "ZEFAS"}]}, "no right to FastTrackAgreement"),
        ("switches.yaml", {**SWITCH, "rights": [{**ENDING, "begins": [FAST_TRACK]}]}, "both ends and begins"),
        ("switches.yaml", {**SWITCH, "until": FIRST}, "before it begins"),
        ("switches.yaml", {**SWITCH, "from": None, "until": LATER}, "never begins"),
        ("competences.yaml", {**COMPETENCE, "body": "zab"}, "no recognition body"),
        ("competences.yaml", {**COMPETENCE, "body_kind": "CLUB"}, "unknown kind of body 'CLUB'"),
        ("competences.yaml", {**COMPETENCE, "laws": ["UNKNOWN"]}, "unknown law 'UNKNOWN'"),
        ("competences.yaml", {**COMPETENCE, "tasks": ["ADVICE"]}, "unknown task 'ADVICE'"),
        ("competences.yaml", {**COMPETENCE, "regulated": [True]}, "unknown value of regulated True"),
        ("competences.yaml", {**COMPETENCE, "basis": "HEARSAY"}, "unknown basis 'HEARSAY'"),
        ("competences.yaml", {**COMPETENCE, "direktionsbezirk": "ZWICKAU"}, "unknown Direktionsbezirk 'ZWICKAU'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_line(folder, file, row, expected):
    place = append(folder, file, row)
    problems = [str(problem) for problem in lint_directory(folder)]
    assert any(problem.startswith(place) and expected in problem for problem in problems), problems
    with pytest.raises(ConfigurationError, match=file):
        load_directory(folder)


def test_two_switches_may_not_change_the_same_right_on_the_same_day(folder):
    second = {**SWITCH, "key": "another-office", "rights": [{"kind": "FOREIGNERS_OFFICE", "begins": [FAST_TRACK]}]}
    append(folder, "switches.yaml", second)
    assert lint_directory(folder) == [], "the first one is off"
    with pytest.raises(
        ConfigurationError, match="two switches change FastTrackAgreementConcluded of FOREIGNERS_OFFICE"
    ):
        turned_on(folder, "central-foreigners-office")


def test_a_district_that_nobody_serves_is_named(folder):
    (folder / "fallbacks.yaml").write_text("[]\n", encoding="utf-8")
    problems = [problem.mistake for problem in lint_directory(folder)]
    assert [text[:5] for text in problems] == ["14523", "14626", "14730"]
    assert all("nobody in its stead" in text for text in problems)


def test_every_table_of_the_registry_is_part_of_its_version(folder):
    assert load_directory(folder).version == DIRECTORY.version
    for file in (
        "offers.yaml",
        "switches.yaml",
        "districts.yaml",
        "fallbacks.yaml",
        "competences.yaml",
        "services.yaml",
    ):
        before = load_directory(folder).version
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8") + "# noted\n", encoding="utf-8")
        assert load_directory(folder).version != before, file
