"""Everybody whom the sources name has a row that says what it does, or why it takes no part."""

from __future__ import annotations

import shutil

import pytest
import yaml

from meilenstein.errors import ConfigurationError
from meilenstein_schemas.actors import lint_actors, load_actors
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.directory_tables import DATA_FOLDER

NAMED = {
    "SN": (
        "ZEFAS", "Info-Portal", "32 Anerkennungsstellen", "FaSst", "EfA", "IBAS, IQ", "exis e.V.", "Kompetenzzentrum",
        "Welcome Center (10 von 13", "One Stop Agencies", "FiZu", "Ausländerbehörden (13", "Zentrale Ausländerbehörde",
        "Regionaldirektion Sachsen", "BfAA", "Auslandsportal", "AZR", "SMWA", "Steuerungskreis Zuwanderung", "SMI",
        "SMK", "SMS", "SMWK", "Staatskanzlei (SK)", "WFS", "regionale Fachkräfteallianzen", "SSG", "SLKT", "LIGA",
        "IHK", "HWK", "Arbeitgeber", "Personaldienstleister", "Hochschulen", "(M1)", "SITG (M3)",
    ),
    "ST": (
        "EINE WELT Netzwerk", "FES", "Landkreis Harz", "Runder Tisch", "SHD Corp.", "Vermittler in der Pflege",
        "WelcomeCenter Sachsen-Anhalt", "Bundesgruppe der Welcome Center", "ST, BB, MV, SN, TH", "MeinNOW",
        "Weiterbildungsagenturen", "MS, StK, MB, MWU, RD SAT, DGB, IG BCE, IG Metall", "IHK Magdeburg",
        "HWK Magdeburg und Halle", "Arbeitgeberverbände, LIGA, Rektoren, SGSA, Landkreistag",
    ),
    "LAW": ("ZSBA", "KMK-ZAB", "BAMF, Jobcenter", "Kursträger", "Work-and-Stay", "IHK FOSA"),
}  # fmt: skip
ACTORS = load_actors()


@pytest.mark.parametrize(("source", "name"), [(source, name) for source, names in NAMED.items() for name in names])
def test_everybody_named_in_the_sources_has_a_row(source, name):
    rows = [actor for actor in ACTORS if actor.source == source and name in actor.name_de]
    assert rows
    assert all(bool(actor.why) != bool(actor.reads) for actor in rows)


def test_whoever_publishes_may_send_and_whoever_comes_later_may_not_yet():
    directory = load_directory()
    for actor in ACTORS:
        keys = {*actor.agencies, *(key for kind in actor.kinds for key in directory.keys(kind))}
        if actor.part == "PUBLISHES":
            assert keys & directory.senders, actor.name_de
        elif actor.part == "LATER" and actor.agencies:
            assert keys.isdisjoint(directory.senders), actor.name_de
        else:
            assert actor.part == "LATER" or keys.isdisjoint(directory.senders), actor.name_de


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"part": "PUBLISHES", "reads": "x"}, "names neither 'agencies' nor 'kinds'"),
        ({"part": "NONE"}, "'why' stands where"),
        ({"part": "NONE", "why": "x", "reads": "x"}, "reads nothing"),
        ({"part": "READS_AGGREGATES"}, "says what it may read"),
        ({"part": "WATCHES", "reads": "x"}, "unknown part 'WATCHES'"),
        ({"part": "PUBLISHES", "agencies": ["nobody"], "reads": "x"}, "no agency of agencies.yaml"),
        ({"part": "PUBLISHES", "kinds": ["COURT"], "reads": "x"}, "unknown kind 'COURT'"),
        ({"part": "READS_AGGREGATES", "reads": "x", "source": "XX"}, "unknown source 'XX'"),
        ({"part": "READS_AGGREGATES", "reads": "x", "name_de": "SMI"}, "'SMI' is listed twice"),
        ({"part": "READS_AGGREGATES", "reads": "x", "colour": "red"}, "unknown field 'colour'"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path, row, expected):
    shutil.copytree(DATA_FOLDER, tmp_path / "data")
    path = tmp_path / "data" / "actors.yaml"
    before = path.read_text(encoding="utf-8")
    text = yaml.safe_dump({"name_de": "Neu", "source": "SN", **row}, default_flow_style=True, width=1000)
    path.write_text(f"{before}- {text}", encoding="utf-8")
    problems = [str(problem) for problem in lint_actors(tmp_path / "data")]
    place = f"actors.yaml:{len(before.splitlines()) + 1}: "
    assert any(problem.startswith(place) and expected in problem for problem in problems), problems
    with pytest.raises(ConfigurationError, match=r"actors\.yaml"):
        load_actors(tmp_path / "data")


def test_an_agency_that_no_row_speaks_of_is_named(tmp_path):
    shutil.copytree(DATA_FOLDER, tmp_path / "data")
    path = tmp_path / "data" / "actors.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("agencies: [fizu]", "agencies: [zsba]"), encoding="utf-8")
    mistakes = [one.mistake for one in lint_actors(tmp_path / "data")]
    assert mistakes == ["agency 'fizu' has no row: name it, or its kind"]
