"""`python -m meilenstein_connectors`: exit codes, one JSON object at the end of stdout, one line for every error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from meilenstein_connectors.command_line import Network, main
from meilenstein_connectors.errors import BrokerUnavailable
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport

AGENCY = "abh-dresden"
GOOD = {
    "type": "EntryReported",
    "case_reference": "A-4",
    "occurred_on": "2026-03-02",
    "subject_kind": "PERSON",
    "references": [{"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": "P-9"}],
}


class Partner:
    """A partner at the command line, with the hub in memory."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys
        self.broker = MemoryBroker([f"{name}.{AGENCY}" for name in ("milestones", "replies", "cases")])
        self.environment = {"MEILENSTEIN_AGENCY": AGENCY, "MEILENSTEIN_STATE": str(folder / "state.sqlite")}

    def file(self, *lines: Any) -> str:
        path = self.folder / "events.jsonl"
        path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
        return str(path)

    def run(self, *arguments: str) -> tuple[int, dict[str, Any], str]:
        network = Network(transport=MemoryTransport(self.broker), registry=MemoryRegistry())
        code = main([*arguments, "--json"], self.environment, network=network)
        out, err = self.capsys.readouterr()
        assert len(out.splitlines()) <= 1
        return code, json.loads(out) if out else {}, err

    def reply(self, **plain: Any) -> None:
        place = {"topic": f"milestones.{AGENCY}", "partition": 0, "decided_at": "2026-03-02T09:00:00+00:00"}
        self.broker.append(f"replies.{AGENCY}", key=b"k", value=json.dumps({**place, **plain}).encode())


@pytest.fixture
def partner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Partner:
    return Partner(tmp_path, capsys)


def test_checking_names_every_bad_line(partner: Partner) -> None:
    file = partner.file(GOOD, "", {**GOOD, "occurred_on": "soon"}, "no json", {**GOOD, "occurred_on": "2999-01-01"})
    code, answer, err = partner.run("check", file)
    assert (code, answer["good"]) == (1, 1)
    assert [bad["line"] for bad in answer["bad"]] == [3, 4, 5]
    assert answer["bad"][0]["field"] == "occurred_on"
    assert answer["bad"][2]["violations"][0]["text"].keys() == {"de", "en"}
    assert "events.jsonl: line 3: line" not in err
    assert "line 3" in err
    assert "1 good" in err


def test_checking_needs_no_network_no_agency_and_leaves_no_file(partner: Partner) -> None:
    code = main(["check", partner.file(GOOD)], {})
    out, err = partner.capsys.readouterr()
    assert (code, err) == (0, "")
    assert out.startswith("1 good")
    assert [path.name for path in partner.folder.iterdir()] == ["events.jsonl"]


def test_a_file_with_a_byte_order_mark_is_read(partner: Partner) -> None:
    path = partner.folder / "marked.jsonl"
    path.write_text(json.dumps(GOOD) + "\n", encoding="utf-8-sig")
    assert partner.run("check", str(path))[1]["good"] == 1
    assert partner.run("send", str(path))[1]["sent"] == 1


def test_bytes_that_are_not_utf_8_are_named_as_such(partner: Partner) -> None:
    path = partner.folder / "latin.jsonl"
    lines = [json.dumps({**GOOD, "case_reference": name}, ensure_ascii=False) for name in ("A-4", "Aö-5")]
    path.write_text("\n".join(lines), encoding="latin-1")
    code, answer, err = partner.run("check", str(path))
    assert (code, answer["good"], [bad["line"] for bad in answer["bad"]]) == (1, 1, [2])
    assert "line 2: holds bytes that are not UTF-8; save the file as UTF-8" in err
    path.write_text("\n".join(lines), encoding="utf-16")
    code, _, err = partner.run("send", str(path))
    assert (code, len(err.splitlines())) == (2, 1)
    assert "is UTF-16 text; save the file as UTF-8" in err


def test_sending_twice_publishes_once(partner: Partner) -> None:
    file = partner.file(GOOD, {**GOOD, "case_reference": "A-5"})
    code, answer, _ = partner.run("send", file)
    assert code == 0
    assert answer == {"good": 2, "bad": [], "added": 2, "known": 0, "sent": 2, "waiting": 0}
    assert partner.run("send", file)[1] == {"good": 2, "bad": [], "added": 0, "known": 2, "sent": 0, "waiting": 0}
    assert len(partner.broker.records(f"milestones.{AGENCY}")) == 2


def test_a_bad_line_keeps_the_whole_file_from_being_sent(partner: Partner) -> None:
    code, answer, err = partner.run("send", partner.file(GOOD, {**GOOD, "legal_route": "NONSENSE"}))
    assert (code, answer["added"], answer["bad"][0]["line"]) == (1, 0, 2)
    assert "nothing sent" in err
    assert partner.broker.records(f"milestones.{AGENCY}") == []


def test_a_broker_that_is_away_is_told_with_what_to_do(partner: Partner) -> None:
    partner.broker.unavailable = BrokerUnavailable("no Kafka broker answered")
    code, answer, err = partner.run("send", partner.file(GOOD), "--timeout", "0")
    assert (code, answer["waiting"]) == (3, 1)
    assert "run the command again, nothing is lost" in err
    partner.broker.unavailable = None
    assert partner.run("send", partner.file(GOOD))[1]["sent"] == 1


def test_replies_are_printed_once(partner: Partner) -> None:
    partner.reply(kind="RECEIPT", batch=1, accepted=[[0, 2]])
    words = {"de": "Unbekannter Kreis.", "en": "Unknown district."}
    reason = {"code": "RULE:E-1", "text": words, "how": {"de": "AGS prüfen.", "en": "Check the AGS."}}
    partner.reply(kind="REJECTED", offset=3, event_id="id-3", event_type="EntryReported", item=1, reasons=[reason])
    partner.reply(kind="QUESTION", code="REFERRAL_UNANSWERED", about=None, text=words)
    partner.reply(kind="QUESTION", code="LINK_PROPOSED", about="link:REFERRAL:zefas/R-1", text=words)
    partner.reply(kind="NEW")
    code, answer, err = partner.run("replies")
    assert code == 0
    kinds = ["RECEIPT", "REJECTION", "QUESTION", "QUESTION", "UNKNOWNREPLY"]
    assert [reply["kind"] for reply in answer["replies"]] == kinds
    assert "question REFERRAL_UNANSWERED: Unbekannter Kreis." in err
    assert "question LINK_PROPOSED link:REFERRAL:zefas/R-1: Unbekannter Kreis." in err
    assert "accepted: 3 records" in err
    assert "Unbekannter Kreis. / Unknown district. AGS prüfen. / Check the AGS." in err
    assert partner.run("replies")[1] == {"replies": []}


def test_the_rejection_of_what_could_not_be_read_names_its_place(partner: Partner) -> None:
    words = {"de": "Nicht lesbar.", "en": "Not readable."}
    reason = {"code": "UNREADABLE", "text": words, "how": words}
    partner.reply(kind="REJECTED", offset=7, event_id=None, event_type=None, item=1, reasons=[reason])
    partner.reply(kind="REJECTED", offset=8, event_id=None, event_type="EntryReported", item=2, reasons=[reason])
    _, _, err = partner.run("replies")
    assert f"rejected: record 7 of milestones.{AGENCY}: Nicht lesbar." in err
    assert f"rejected: EntryReported record 8 of milestones.{AGENCY}: Nicht lesbar." in err
    assert "None" not in err


def test_what_a_steward_decided_is_told_with_every_change(partner: Partner) -> None:
    event_id = "6f6b2c1e-9f0e-4f5e-8a53-0d8f4f1c2b3a"
    partner.run("send", partner.file({**GOOD, "event_id": event_id}))
    partner.reply(
        kind="DECIDED",
        decision="CORRECTED",
        offset=0,
        item=17,
        event_id=event_id,
        event_type="EntryReported",
        changed=[
            {"field": "district_ags", "was": "99999", "now": "14612"},
            {"field": "corrects", "was": None, "now": "x"},
        ],
        text={"de": "Berichtigt.", "en": "Corrected."},
        reason="by telephone\u001b[2J",
    )
    words = "Berichtigt. / Corrected. [district_ags: 99999 -> 14612; corrects: - -> x] (by telephone\\u001b[2J)"
    code, answer, err = partner.run("fate", event_id)
    assert (code, answer["state"]) == (0, "ACCEPTED")
    assert err.strip() == f"{event_id} ACCEPTED: {words}"
    _, answer, err = partner.run("replies")
    assert (answer["replies"][0]["kind"], answer["replies"][0]["changed"][0]["now"]) == ("DECISION", "14612")
    assert f"decided CORRECTED: EntryReported {event_id}: {words}" in err


def test_cases_are_printed_as_they_are_and_every_time(partner: Partner) -> None:
    state = {"version": 2, "state": "ACTIVE", "change": "PROGRESS", "changed": [], "references": [], "view": {"a": "ü"}}
    partner.broker.append(f"cases.{AGENCY}", key=b"k1", value=json.dumps(state).encode())
    for _ in range(2):
        code, answer, err = partner.run("cases")
        assert (code, answer["cases"][0]["view"]) == (0, {"a": "ü"})
        assert 'k1 version 2 ACTIVE {"a": "ü"}' in err


def test_the_fate_of_an_event(partner: Partner) -> None:
    event_id = "6f6b2c1e-9f0e-4f5e-8a53-0d8f4f1c2b3a"
    partner.run("send", partner.file({**GOOD, "event_id": event_id}))
    assert partner.run("fate", event_id)[:1] == (0,)
    partner.reply(kind="RECEIPT", batch=1, accepted=[[0, 0]])
    code, answer, err = partner.run("fate", event_id)
    assert (code, answer["state"], answer["place"]["offset"]) == (0, "ACCEPTED", 0)
    assert err.strip() == f"{event_id} ACCEPTED"
    assert partner.run("fate", "no-such-id")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["send", "FILE"], "--agency"),
        (["send", "FILE", "--agency", AGENCY], "--bootstrap"),
        (["send", "FILE", "--agency", AGENCY, "--bootstrap", "127.0.0.1:1"], "--registry"),
        (["send", "FILE", "--agency", AGENCY, "--bootstrap", "nonsense"], "host:port"),
        (["send", "FILE", "--agency", AGENCY, "--bootstrap", "127.0.0.1:1", "--registry", "x"], "http://"),
        (["replies"], "--agency"),
        (["cases", "--agency", AGENCY], "MEILENSTEIN_BOOTSTRAP_SERVERS"),
        (["replies", "--agency", AGENCY, "--bootstrap", "foo"], "host:port"),
        (["replies", "--agency", AGENCY, "--bootstrap", "no-such-host.invalid:9092"], "no host of this name"),
        (["check", "no-such-file"], "no-such-file"),
    ],
)
def test_settings_that_do_not_work_are_one_line_and_exit_code_2(
    partner: Partner, arguments: list[str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = partner.file(GOOD)
    monkeypatch.chdir(partner.folder)
    code = main([file if argument == "FILE" else argument for argument in arguments], {})
    out, err = partner.capsys.readouterr()
    assert code == 2
    assert named in err
    assert (out, len(err.splitlines())) == ("", 1)


def test_a_password_comes_from_a_file_and_is_never_shown(partner: Partner) -> None:
    environment = {
        **partner.environment,
        "MEILENSTEIN_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "MEILENSTEIN_SECURITY_PROTOCOL": "SASL_SSL",
        "MEILENSTEIN_SASL_MECHANISM": "SCRAM-SHA-512",
        "MEILENSTEIN_SASL_USERNAME": "abh",
        "MEILENSTEIN_SASL_PASSWORD_FILE": str(partner.folder / "missing"),
    }
    assert main(["replies"], environment) == 2
    assert "missing" in partner.capsys.readouterr().err


def test_it_runs_as_a_module_of_its_own(partner: Partner) -> None:
    """In a process that sees only the SDK's modules being used, and without a stack trace on a mistake."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MEILENSTEIN_")}
    command = [sys.executable, "-m", "meilenstein_connectors"]
    done = subprocess.run(
        [*command, "check", partner.file(GOOD), "--json"], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, json.loads(done.stdout)["good"]) == (0, 1)
    done = subprocess.run([*command, "fate"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_status_says_what_waits_and_how_far_the_hub_has_it_all(partner: Partner) -> None:
    partner.run("send", partner.file(GOOD, {**GOOD, "case_reference": "H-10"}))
    source = {"publisher": AGENCY, "source_system": "files"}
    for number in (1, 2):
        complete = [{**source, "sequence": number}, {**source, "source_epoch": 3, "sequence": 7}]
        partner.reply(kind="RECEIPT", batch=number, accepted=[[number, number]], complete_to=complete)
    partner.reply(kind="RECEIPT", batch=3, accepted=[[3, 3]])
    code, answer, err = partner.run("status")
    assert code == 0
    assert (answer["waiting"], answer["acknowledged"]) == (0, 2)
    assert answer["last"] == [{"publisher": AGENCY, "source_epoch": None, "sequence": 2}]
    assert answer["complete_to"] == [
        {**source, "source_epoch": None, "sequence": 2}, {**source, "source_epoch": 3, "sequence": 7},
    ]  # fmt: skip
    assert f"complete at the hub for {AGENCY}, files (epoch 3): up to 7" in err


def test_a_mistyped_case_number_is_told_before_anything_is_sent(partner: Partner) -> None:
    code, answer, err = partner.run("check", partner.file({**GOOD, "case_number": "PY7-PRK-JT35"}))
    assert (code, answer["bad"][0]["violations"][0]["rule"]) == (1, "E-029")
    assert "number mistyped" in err
    assert partner.run("check", partner.file({**GOOD, "case_number": "PY7-PRK-JT36"}))[0] == 0
