from __future__ import annotations

import json
from pathlib import Path

import pytest

from meilenstein.errors import ConfigurationError
from meilenstein.simulate.labels import export_simulation, import_simulation
from meilenstein.simulate.simulation import Simulation
from meilenstein_connectors.plain_json import read_lines


def test_what_was_written_is_read_again_unchanged(small: Simulation, tmp_path: Path) -> None:
    export_simulation(small, tmp_path / "out")
    assert import_simulation(tmp_path / "out") == small


def test_each_senders_file_holds_the_events_of_its_ordinary_installation(small: Simulation, tmp_path: Path) -> None:
    export_simulation(small, tmp_path)
    files = sorted((tmp_path / "events").iterdir(), key=lambda file: file.stem)
    assert [file.stem for file in files] == sorted({record.sender for record in small.records})
    for file in files:
        with file.open(encoding="utf-8") as lines:
            found = [(event_type, body) for _, event_type, body in read_lines(lines)]
        expected = [
            (record.event_type, record.body)
            for record in small.records
            if record.sender == file.stem and record.via == "MAIN"
        ]
        assert found == expected


def test_a_later_export_leaves_no_events_of_an_earlier_one(small: Simulation, tmp_path: Path) -> None:
    stale = tmp_path / "events" / "abh-nowhere.jsonl"
    stale.parent.mkdir()
    stale.write_text("{}\n", encoding="utf-8")
    export_simulation(small, tmp_path)
    assert not stale.exists()


def test_every_line_says_what_has_to_become_of_the_record(small: Simulation, tmp_path: Path) -> None:
    export_simulation(small, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "records.jsonl").read_text(encoding="utf-8").splitlines()]
    fates = [(fate.kind.value, fate.reason) for fate in small.truth.fates]
    assert [(row["expected"]["fate"], row["expected"]["reason"]) for row in rows] == fates
    findings = (tmp_path / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(findings) == len(small.truth.findings)


def test_a_folder_without_a_simulation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"simulation\.json: cannot be read"):
        import_simulation(tmp_path)


def test_a_damaged_line_is_named(small: Simulation, tmp_path: Path) -> None:
    export_simulation(small, tmp_path)
    lines = (tmp_path / "records.jsonl").read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2][:-5]
    (tmp_path / "records.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"records\.jsonl:3: "):
        import_simulation(tmp_path)


def test_a_place_that_is_no_folder_is_refused(small: Simulation, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="--out"):
        export_simulation(small, tmp_path / "out")
