"""A simulation as files: every record with its label and expected fate, to be looked at, published or read again.

FOLDER/simulation.json      arguments and counts
FOLDER/records.jsonl        every record in publishing order, one a line
FOLDER/findings.jsonl       the findings that have to be open on the last day, each with its case
FOLDER/clocks.jsonl         where every clock with a date has to stand on the last day
FOLDER/cases.jsonl          which files belong to one case
FOLDER/events/SENDER.jsonl  plain JSON events: what the sender's ordinary installation publishes
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from meilenstein.errors import ConfigurationError
from meilenstein.simulate.naive_law import load_spans
from meilenstein.simulate.records import Defect, SimRecord, Via, Weight
from meilenstein.simulate.simulation import Simulation
from meilenstein.simulate.truth import Fate, tell_truth
from meilenstein.simulate.truth_clocks import ExpectedClock
from meilenstein.simulate.truth_findings import ExpectedFinding
from meilenstein_connectors.errors import InvalidLine
from meilenstein_connectors.plain_json import from_plain, to_line, to_plain

__all__ = ["export_simulation", "import_simulation"]

_SUMMARY, _RECORDS, _FINDINGS = "simulation.json", "records.jsonl", "findings.jsonl"
_CLOCKS, _CASES, _EVENTS = "clocks.jsonl", "cases.jsonl", "events"


def export_simulation(simulation: Simulation, folder: Path) -> None:
    """Write the simulation below `folder`, which is made if need be; files of an earlier one are replaced.

    A folder that cannot be written raises ConfigurationError.
    """
    try:
        (folder / _EVENTS).mkdir(parents=True, exist_ok=True)
        for old in (folder / _EVENTS).glob("*.jsonl"):
            old.unlink()
        _write(folder / _SUMMARY, [json.dumps(simulation.summary(), indent=2, ensure_ascii=False)])
        pairs = zip(simulation.records, simulation.truth.fates, strict=True)
        _write(folder / _RECORDS, (_json(_record_row(record, fate)) for record, fate in pairs))
        _write(folder / _FINDINGS, (_json(_finding_row(finding)) for finding in simulation.truth.findings))
        _write(folder / _CLOCKS, (_json(_clock_row(case, clock)) for case, clock in simulation.truth.clocks))
        _write(folder / _CASES, (_json({"case": case, "files": files}) for case, files in _files(simulation)))
        for sender in sorted({record.sender for record in simulation.records}):
            _write(folder / _EVENTS / f"{sender}.jsonl", _plain_events(simulation.records, sender))
    except OSError as error:
        raise ConfigurationError(
            f"{folder}: cannot be written ({error.strerror}); choose another folder for --out"
        ) from None


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _plain_events(records: Iterable[SimRecord], sender: str) -> Iterator[str]:
    for record in records:
        if record.sender == sender and record.via is Via.MAIN and record.body is not None and record.event_type:
            yield to_line(record.event_type, record.body, with_defaults=False)


def _record_row(record: SimRecord, fate: Fate) -> dict[str, Any]:
    row: dict[str, Any] = {
        "sender": record.sender,
        "via": record.via.value,
        "case": record.case,
        "weight": record.weight,
        "joins": [list(file) for file in record.joins],
        "label": record.label,
        "detail": record.detail,
        "expected": {"fate": fate.kind.value, "reason": fate.reason, "reasons": list(fate.reasons)},
        "after": [record.after[0].isoformat(), record.after[1]],
    }
    if record.body is not None and record.event_type is not None:
        row["event"] = to_plain(record.event_type, record.body, with_defaults=False)
    else:
        row["event_type"] = record.event_type
        row["raw"] = base64.b64encode(record.raw or b"").decode("ascii")
    return row


def _finding_row(finding: ExpectedFinding) -> dict[str, str]:
    return {
        "case": finding.case,
        "code": finding.code,
        "about": finding.about,
    }


def _clock_row(case: str, clock: ExpectedClock) -> dict[str, Any]:
    return {
        "case": case,
        "id": clock.id,
        "about": clock.about,
        "start": clock.start.isoformat(),
        "due": clock.due.isoformat() if clock.due else None,
        "state": clock.state,
        "stopped_on": clock.stopped_on.isoformat() if clock.stopped_on else None,
    }


def _files(simulation: Simulation) -> Iterator[tuple[str, list[list[str]]]]:
    files: dict[str, list[list[str]]] = {}
    for (agency, reference), case in sorted(simulation.truth.cases.items()):
        files.setdefault(case, []).append([agency, reference])
    yield from sorted(files.items())


def import_simulation(folder: Path) -> Simulation:
    """Return the simulation that `export_simulation` wrote.

    A folder without such files, or with other content, raises ConfigurationError naming file and line.
    """
    summary = _read(folder / _SUMMARY)
    records = tuple(_records(folder / _RECORDS))
    try:
        arguments = json.loads(summary)
        return Simulation(
            seed=arguments["seed"],
            cases=arguments["cases"],
            until=dt.date.fromisoformat(arguments["until"]),
            months=arguments["months"],
            silent=tuple(arguments["silent"]),
            records=records,
            truth=tell_truth(
                records,
                until=dt.date.fromisoformat(arguments["until"]),
                spans=load_spans(),
                silent=arguments["silent"],
            ),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{folder / _SUMMARY}: no summary of a simulation ({error})") from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None


def _records(path: Path) -> Iterator[SimRecord]:
    for number, line in enumerate(_read(path).rstrip("\n").split("\n"), start=1):
        try:
            yield _record(json.loads(line))
        except (ValueError, KeyError, TypeError, InvalidLine) as error:
            raise ConfigurationError(f"{path}:{number}: no record of a simulation ({error})") from None


def _record(row: Mapping[str, Any]) -> SimRecord:
    if "event" in row:
        event_type, body = from_plain(row["event"])
        raw = None
    else:
        event_type, body, raw = row["event_type"], None, base64.b64decode(row["raw"], validate=True)
    return SimRecord(
        sender=row["sender"],
        event_type=event_type,
        body=body,
        raw=raw,
        after=(dt.datetime.fromisoformat(row["after"][0]), row["after"][1]),
        label=Defect(row["label"]) if row["label"] else None,
        detail=row["detail"],
        via=Via(row["via"]),
        case=row["case"],
        weight=Weight(row["weight"]),
        joins=tuple((agency, file) for agency, file in row["joins"]),
    )
