"""The commands of stewards as they are typed: what they print, what they return, and that bad input changes nothing."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.quarantine import OFFICE, Partner, digests, item_of, steps
from tests.support.raw_kafka import rows

from meilenstein.bootstrap import Hub
from meilenstein.cli.main import main
from meilenstein.settings import Endpoints, Settings

pytestmark = pytest.mark.stack

Command = Callable[..., tuple[int, str, str]]
WHO = ("--actor", "anna", "--reason", "checked by telephone")


@pytest.fixture
def command(stack_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `meilenstein` in this process; return (exit code, stdout, stderr)."""
    monkeypatch.setenv("MEILENSTEIN_HOME", str(stack_settings.home))

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["meilenstein", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def item(endpoints: Endpoints, hub: Hub, tmp_path: Path) -> int:
    (event_id,) = Partner(hub, tmp_path).send((1, {"district_ags": "99999", "case_reference": "=1+1|cmd"}))
    steps(hub)
    return item_of(endpoints, event_id)


def test_a_day_at_the_desk(endpoints: Endpoints, hub: Hub, item: int, command: Command, tmp_path: Path) -> None:
    code, out, _ = command("quarantine", "list", "--json")
    assert (code, [one["id"] for one in json.loads(out)["items"]]) == (0, [item])
    code, out, _ = command("quarantine", "show", item)
    assert code == 0
    assert "E-008" in out
    assert "bytes" not in out
    code, out, _ = command("quarantine", "show", item, "--bytes", "--actor", "anna", "--json")
    shown = json.loads(out)
    assert (code, shown["event"]["case_reference"]) == (0, "=1+1|cmd")
    code, out, err = command("quarantine", "correct", item, "--set", "district_ags=88888", *WHO, "--json")
    assert code == 1
    assert err.strip().endswith("nothing was changed")
    assert {one["rule"] for one in json.loads(out)["violations"]} == {"E-005", "E-008"}
    file = tmp_path / "event.json"
    file.write_text(json.dumps({**shown["event"], "district_ags": "14612", "case_reference": "A-1"}))
    code, out, err = command("quarantine", "correct", item, "--file", file, *WHO, "--json")
    told = json.loads(out)
    assert (code, told["outcome"]) == (0, "DONE"), err
    assert {one["field"] for one in told["changed"]} == {"district_ags", "case_reference"}
    assert "district_ags: 99999 -> 14612" in err
    code, out, err = command("quarantine", "correct", item, "--file", file, *WHO, "--json")
    assert (code, json.loads(out)["outcome"]) == (0, "ALREADY")
    steps(hub)
    code, out, _ = command("quarantine", "show", item)
    assert "corrected by anna" in out
    assert "the corrected event: ACCEPTED" in out
    code, out, _ = command("status", "--json")
    assert json.loads(out)["conserved"]


def test_a_release_takes_two_commands_by_two_people(
    hub: Hub, endpoints: Endpoints, command: Command, tmp_path: Path
) -> None:
    (event_id,) = Partner(hub, tmp_path).send((1, {"district_ags": "99999"}))
    steps(hub)
    number = item_of(endpoints, event_id)
    code, _, err = command("quarantine", "release", number, *WHO)
    confirm = f"meilenstein quarantine release {number} --reason ..."
    assert (code, f"another person must run `{confirm}`" in " ".join(err.split())) == (0, True)
    shown = command("quarantine", "show", number)[1]
    assert "proposal 1 by anna at " in shown and "reason: checked by telephone" in shown and confirm in shown
    listed = command("proposals", "list")[1]
    assert listed.split("\n")[0].strip() == "1 proposal" and "sha256" not in listed
    assert " ".join(confirm.split()[:4]) in listed
    (plain,) = json.loads(command("proposals", "list", "--json")[1])["proposals"]
    assert (plain["command"], sorted(plain["content"])) == (confirm, ["codes", "sha256"])
    code, out, _ = command("quarantine", "release", number, "--actor", "bernd", "--reason", "seen", "--json")
    assert (code, json.loads(out)["outcome"]) == (0, "DONE")


def test_an_export_is_safe_to_open_and_says_no_more_than_asked(
    endpoints: Endpoints, hub: Hub, item: int, command: Command, tmp_path: Path
) -> None:
    plain, whole, lines = (tmp_path / name for name in ("plain.csv", "whole.csv", "items.jsonl"))
    assert command("quarantine", "export", plain)[0] == 0
    content = plain.read_bytes().decode()
    assert content.count("\r\n") == content.count("\n") == 2
    (row,) = csv.DictReader(io.StringIO(content))
    assert (row["item"], row["codes"], row["publisher"]) == (str(item), "RULE:E-005, RULE:E-008", OFFICE)
    assert "1+1" not in content
    assert rows(endpoints, "select count(*) from audit") == [(0,)]
    code, _, err = command("quarantine", "export", whole, "--values")
    assert (code, "--reason" in err, whole.exists()) == (2, True, False)
    assert command("quarantine", "export", whole, "--values", *WHO)[0] == 0
    assert "=1+1|cmd" in whole.read_text()
    assert whole.stat().st_mode & 0o077 == 0
    assert rows(endpoints, "select act, outcome from audit") == [("quarantine.export", "VIEWED")]
    code, _, err = command("quarantine", "export", plain)
    assert (code, "not overwritten" in err) == (2, True)
    assert command("quarantine", "export", lines, "--format", "jsonl", "--agency", OFFICE, "--younger-than", 1)[0] == 0
    assert [json.loads(line)["item"] for line in lines.read_text().splitlines()] == [item]


def test_bulk_work_from_the_command_line(hub: Hub, item: int, command: Command) -> None:
    wanted = ("replay", "start", "--kind", "REJECT", "--code", "RULE:E-008", "--younger-than", 5, *WHO)
    code, out, _ = command(*wanted, "--dry-run", "--json")
    assert (code, json.loads(out)) == (0, {"job": None, "counts": {"selected": 1}})
    code, out, err = command(*wanted, "--json")
    assert code == 0
    number = json.loads(out)["job"]["id"]
    assert f"replay run {number}" in err
    assert json.loads(command(*wanted, "--json")[1])["outcome"] == "ALREADY"
    assert command("replay", "pause", number)[0] == 0
    assert command("replay", "run", number)[0] == 1
    assert command("replay", "resume", number)[0] == 0
    code, out, err = command("replay", "run", number, "--json")
    assert (code, json.loads(out)["state"], json.loads(out)["counts"]["decided"]) == (0, "DONE", 1)
    assert f"job {number} REJECT DONE" in err
    assert "REJECT" in command("replay", "list")[1]
    assert "checked by telephone" in command("replay", "show", number)[1]
    code, out, _ = command("quarantine", "revalidate", "--state", "ALL", "--json")
    assert (code, json.loads(out)["items"][0]["state"]) == (0, "REJECTED")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("quarantine", "show", 4711), 2, "no item 4711"),
        (("quarantine", "show", 10**30), 2, "there is no item"),
        (("quarantine", "show", -1), 2, ""),
        (("quarantine", "reject", 4711, *WHO), 2, "no item 4711"),
        (("quarantine", "reject", "ITEM", "--reason", "  "), 2, "--reason is empty"),
        (("quarantine", "reject", "ITEM", "--reason", "x" * 501), 2, "at most 500"),
        (("quarantine", "reject", "ITEM", "--reason", "a\nb"), 2, "--reason"),
        (("quarantine", "reject", "ITEM", "--reason", "x", "--actor", " "), 2, "--actor"),
        (("quarantine", "release", "ITEM", *WHO), 1, "RULE:E-005 cannot be released"),
        (("quarantine", "correct", "ITEM", *WHO), 2, "--set"),
        (("quarantine", "correct", "ITEM", "--set", "a=1", "--file", "x.json", *WHO), 2, "--set"),
        (("quarantine", "correct", "ITEM", "--file", "nowhere.json", *WHO), 2, "nowhere.json"),
        (("quarantine", "correct", "ITEM", "--set", "colour=red", *WHO), 2, "colour"),
        (("quarantine", "correct", "ITEM", "--set", "occurred_on=soon", *WHO), 2, "YYYY-MM-DD"),
        (("quarantine", "correct", "ITEM", "--set", "publisher=zefas", *WHO), 2, "publisher"),
        (("quarantine", "list", "--state", "LOST"), 2, "OPEN"),
        (("quarantine", "list", "--agency", "nobody"), 2, "nobody"),
        (("quarantine", "revalidate", "--apply"), 2, "--reason"),
        (("quarantine", "revalidate", "--apply", "--accepted", "--reason", "x"), 2, "--apply"),
        (("quarantine", "export", "items.xlsx", "--format", "xlsx"), 2, "csv, jsonl"),
        (("quarantine", "export", "no-such-folder/items.csv"), 2, "cannot be written"),
        (("replay", "start", "--kind", "REJECT", "--agency", "nobody", *WHO), 2, "nobody"),
        (("replay", "start", "--kind", "REJECT", "--code", "CONFLICT", *WHO), 1, "no open item"),
        (("replay", "run", 4711), 2, "no job 4711"),
        (("replay", "show", 10**30), 2, "there is no job"),
        (("replay", "confirm", 4711, *WHO), 2, "no job 4711"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(
    endpoints: Endpoints, item: int, command: Command, arguments: tuple[object, ...], code: int, words: str
) -> None:
    before = digests(endpoints)
    got, _, err = command(*(item if word == "ITEM" else word for word in arguments))
    assert got == code, err
    assert words in err
    assert "Traceback" not in err
    if words:
        assert len(err.strip().splitlines()) == 1, err
    assert digests(endpoints) == before
