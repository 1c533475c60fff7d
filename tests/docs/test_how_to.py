"""What the how-to pages promise comes true."""

from __future__ import annotations

import re
import shlex
import shutil
import sys

import pytest
from tests.docs.pages import ROOT, blocks, page

from meilenstein.cli.main import main
from meilenstein.ingest.overlap import check_log, check_overlap
from meilenstein_connectors.csv_import import import_csv
from meilenstein_connectors.csv_profile import load_profile
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.directory_lint import DATA_FOLDER, lint_directory

CSV = "how-to/write-a-csv-profile.md"


@pytest.fixture
def imported(tmp_path):
    (table,), (profile,) = blocks(page(CSV), "csv"), blocks(page(CSV), "yaml")
    (tmp_path / "export.csv").write_text(table, encoding="utf-8")
    (tmp_path / "beispiel.yaml").write_text(profile, encoding="utf-8")
    loaded = load_profile(tmp_path / "beispiel.yaml")
    broker = MemoryBroker(["milestones.body-example"])

    def run():
        with Publisher(
            agency=loaded.agency,
            source_system=loaded.source_system,
            outbox=tmp_path / "outbox.sqlite",
            transport=MemoryTransport(broker),
            registry=MemoryRegistry(),
        ) as publisher:
            return import_csv(tmp_path / "export.csv", loaded, publisher)

    return run


def test_the_export_of_the_csv_page_is_imported_as_it_says(imported):
    report = imported()
    (said,) = [block for block in blocks(page(CSV), "text") if block.startswith("import:")]
    assert (
        f"import: {report.published} events published, {report.unchanged} known from before, "
        f"{sum(report.skipped.values())} rows skipped, {len(report.refused)} refused" in said
    )
    for line, reason in report.refused:
        assert f"line {line}: {reason}" in said


def test_a_second_import_of_the_same_export_publishes_nothing(imported):
    imported()
    report = imported()
    assert (report.published, report.unchanged) == (0, 3)


def test_the_rows_of_the_agency_page_can_be_added_and_its_mistakes_are_named(tmp_path):
    text = page("how-to/add-an-agency.md")
    agency, agreement, mistake = blocks(text, "yaml")
    shutil.copytree(DATA_FOLDER, tmp_path / "data")
    for name, row in (("agencies.yaml", agency), ("agreements.yaml", agreement)):
        with (tmp_path / "data" / name).open("a", encoding="utf-8") as table:
            table.write(row)
    assert lint_directory(tmp_path / "data") == []
    key = re.search(r"key: (\S+)", agency).group(1)
    directory = load_directory(tmp_path / "data")
    assert directory.agencies[key].kind == "WELCOME_CENTER"
    assert [row.publisher for row in directory.agreements].count(key) == 1
    with (tmp_path / "data" / "agencies.yaml").open("a", encoding="utf-8") as table:
        table.write(mistake)
    said = next(block for block in blocks(text, "text") if "agencies.yaml:" in block)
    for problem in lint_directory(tmp_path / "data"):
        assert problem.mistake in said


def test_every_reason_to_halt_is_explained():
    text = page("how-to/when-a-partition-halts.md")
    source = "".join(
        (DATA_FOLDER.parents[2] / "src/meilenstein/ingest" / name).read_text(encoding="utf-8")
        for name in ("overlap.py", "drain.py", "kafka_log.py")
    )
    reasons = set(re.findall(r'(?:Halt\(\s*|_halt\([^"\n]*)"([A-Z_]+)"', source))
    assert reasons >= {"TOPIC_RECREATED", "LOG_TRUNCATED", "RECORDS_LOST", "LOG_CHANGED"}
    assert {reason for reason in reasons if f"`{reason}`" not in text} == set()
    assert check_log and check_overlap


@pytest.mark.parametrize("name", ["fristen-berechnen", "einen-fall-erklaeren"])
def test_the_commands_without_a_server_say_what_their_page_shows(monkeypatch, capsys, name):
    monkeypatch.chdir(ROOT)
    text = page(f"how-to/{name}.md")
    lines = [line for block in blocks(text, "sh") for line in block.strip().splitlines()]
    said = ""
    for line in lines:
        monkeypatch.setattr(sys, "argv", shlex.split(line))
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        said += capsys.readouterr().out
    for block in blocks(text, "text"):
        assert block.strip() in said
