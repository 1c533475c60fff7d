"""Links lead somewhere, examples run, and the manual speaks of the project only."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from tests.docs.pages import ROOT, blocks, page, pages

from meilenstein.cli.demo_run import EXAMPLE_START
from meilenstein.embedded.artifacts import read_lock
from meilenstein_connectors import kafka_transport, registry_client
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport
from meilenstein_expectations import load_suites
from meilenstein_schemas.contracts import load_contracts

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
PAGES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in pages()]


def anchors(text: str) -> set[str]:
    """Return the anchors that forges make of headings."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in _HEADING.findall(text)}


@pytest.mark.parametrize("path", PAGES)
def test_every_link_inside_the_project_leads_somewhere(path):
    for link in _LINK.findall(path.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        found = (path.parent / target).resolve() if target else path
        assert found.exists(), link
        assert not anchor or anchor in anchors(found.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("path", PAGES)
def test_pages_name_no_machine_and_leave_nothing_open(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"/(?:home|root|work|tmp|Users)/|TODO|FIXME|<measured>|@@", text) == []


def test_every_page_is_listed():
    contracts = page("reference/contracts/index.md")  # the index lists its own folder
    listed = page("README.md") + contracts.replace("](", "](reference/contracts/")
    missing = [
        str(path.relative_to(ROOT / "docs"))
        for path in (ROOT / "docs").rglob("*.md")
        if str(path.relative_to(ROOT / "docs")) not in listed and path.name != "README.md"
    ]
    assert missing == []


def test_decisions_are_short_and_numbered():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    for number, path in enumerate(records, start=1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:04d}-")
        assert text.startswith(f"# {number}. ")
        assert _HEADING.findall(text)[1:] == ["Context", "Decision", "Consequences"]
        assert len(text.splitlines()) <= 30


def test_the_picture_is_an_image_with_words_for_who_cannot_see_it():
    root = ET.parse(ROOT / "docs/images/flow.svg").getroot()
    space = {"svg": "http://www.w3.org/2000/svg"}
    assert root.find("svg:title", space).text
    for step in ("drain", "validate", "reconcile", "feedback"):
        assert step in root.find("svg:desc", space).text.lower()


def test_the_readme_names_the_file_of_the_example_case():
    assert f"meilenstein case Z-{EXAMPLE_START:%Y%m%d} --agency zefas" in (ROOT / "README.md").read_text("utf-8")


def test_the_readme_says_how_much_is_downloaded():
    megabytes = round(sum(artifact.size for artifact in read_lock()) / 1e6)
    assert f"about {megabytes} MB" in (ROOT / "README.md").read_text("utf-8").replace("\n", " ")


def test_the_changelog_counts_right():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"{len(load_contracts())} event types" in text
    assert f"{len(load_suites().rules)} data rules" in text
    assert "### Behaviour changes" in text


def test_the_partner_example_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    (example,) = blocks((ROOT / "README.md").read_text("utf-8"), "python")
    broker = MemoryBroker(["milestones.hwk-dresden", "replies.hwk-dresden", "cases.hwk-dresden"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kafka_transport, "KafkaTransport", lambda settings: MemoryTransport(broker))
    monkeypatch.setattr(registry_client, "RegistryClient", lambda url: MemoryRegistry())
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out == "SENT\n"
    assert len(broker.records("milestones.hwk-dresden")) == 1


@pytest.mark.parametrize("path", PAGES)
def test_python_on_the_pages_is_python(path):
    for block in blocks(path.read_text(encoding="utf-8"), "python"):
        compile(block, str(path), "exec")
