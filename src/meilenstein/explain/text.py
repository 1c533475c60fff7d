"""An explained case as text: files, timeline, procedures, clocks with every line, findings; in German or English."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meilenstein.explain.picture import Picture
from meilenstein.explain.words import CLOCK_LABELS, CLOCK_STATES, FIELDS, SEVERITIES, STATES, WORDS
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.codes import load_codes
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.labels import load_labels

__all__ = ["CaseText"]

_ENUMS = {
    "law": "ProcedureLaw",
    "regulated": "Regulated",
    "legal_route": "LegalRoute",
    "outcome": "DecisionOutcome",
    "legal_basis": "LegalBasis",
}
_PROCEDURE = (
    "law", "regulated", "legal_route", "received_on", "confirmed_on", "complete_on", "waived_on", "forwarded_on",
    "forwarded_to", "withdrawn_on", "closed_on", "decided_on", "outcome",
)  # fmt: skip
_REQUIREMENT = ("asked_on", "due_on", "state")
_REFERRAL = ("sent_on", "target", "legal_basis", "state", "answered_on", "decline_reason", "return_reason")
_ENTRY = ("entered_on", "district_ags", "agency")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseText:
    """Words for cases in one language."""

    language: str
    directory: Directory

    def word(self, name: str, **values: object) -> str:
        """Return fixed words with values put in."""
        return WORDS[name][self.language].format(**values)

    def day(self, day: dt.date | str | None) -> str:
        """Return a day as the language writes it."""
        if day is None:
            return "-"
        on = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return f"{on:%d.%m.%Y}" if self.language == "de" else on.isoformat()

    def event(self, event_type: str) -> str:
        """Return the name of an event type."""
        contract = load_contracts().get(event_type)
        return contract.label[self.language] if contract else event_type

    def field(self, name: str) -> str:
        """Return the name of a field of a case."""
        return FIELDS[name][self.language] if name in FIELDS else name.replace("_", " ")

    def value(self, name: str, value: Any) -> str:
        """Return a value of a field of a case."""
        if value is None:
            return "-"
        if name.endswith("_on") or name in {"start", "due", "valid_from", "valid_until"}:
            return self.day(value)
        if name in _ENUMS:
            known = load_labels().codes.get(f"{_ENUMS[name]}.{value}")
            return known[self.language] if known else str(value)
        if name == "state" and value in STATES:
            return STATES[value][self.language]
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def item(self, code: str) -> str:
        """Return the name of a document that was asked for; a code that is in no list is shown as it is."""
        known = load_codes("document_items").codes.get(code)
        return known.name[self.language] if known else code

    def lines(self, picture: Picture, heading: str) -> Iterator[str]:
        """Yield the lines of a case under its heading."""
        yield f"{heading} ({self.word('sandbox')})" if picture.get("test") else heading
        yield f"{self.word('files')}: {', '.join(map(self._file, picture['files']))}"
        for part, lines in (
            ("timeline", self._timeline(picture["timeline"])),
            ("procedures", self._procedures(picture["procedures"])),
            ("referrals", self._referrals(picture["referrals"])),
            ("entry", self._entry(picture.get("entry"))),
            ("clocks", self._clocks(picture["clocks"])),
            ("findings", self._findings(picture["findings"])),
        ):
            found = list(lines)
            if found or part in {"timeline", "clocks", "findings"}:
                yield ""
                yield self.word(part) if found else f"{self.word(part)}: {self.word('none')}"
                yield from found

    def _file(self, file: Mapping[str, str]) -> str:
        known = self.directory.agencies.get(file["agency"])
        name = file["agency"] if known is None else {"de": known.name_de, "en": known.name_en}[self.language]
        return f"{file['agency']}/{file['reference']} ({name})"

    def _timeline(self, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        names = [self.event(entry["type"]) for entry in entries]
        widest = max(map(len, names), default=0)
        for entry, name in zip(entries, names, strict=True):
            notes = [] if entry["standing"] == "AUTHORITATIVE" else [self.word("informative")]
            if entry.get("status"):
                notes.append(self.word(entry["status"]))
            file = f"{entry['publisher']}/{entry['case_reference']}"
            yield f"  {self.day(entry['occurred_on'])}  {name:<{widest}}  {file}{_in_brackets(notes)}"

    def _procedures(self, procedures: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        for one in procedures:
            yield f"  {one['body']}/{one['procedure']}: {self._values(one, _PROCEDURE)}"
            for asked in one.get("requirements", ()):
                yield f"      {self.item(asked['item'])}: {self._values(asked, _REQUIREMENT)}"

    def _referrals(self, referrals: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        for one in referrals:
            yield f"  {one['sender']}/{one['referral']}: {self._values(one, _REFERRAL)}"

    def _entry(self, entry: Mapping[str, Any] | None) -> Iterator[str]:
        if entry is not None:
            yield f"  {self._values(entry, _ENTRY)}"

    def _values(self, values: Mapping[str, Any], names: Iterable[str]) -> str:
        return ", ".join(f"{self.field(name)} {self.value(name, values[name])}" for name in names if name in values)

    def _clocks(self, clocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        for clock in clocks:
            due = self.word("last_day", day=self.day(clock["due"])) if clock["due"] else self.word("no_last_day")
            state = CLOCK_STATES[clock["state"]][self.language]
            yield f"  {clock['id']}  {state}  {due}  {clock['name'][self.language]}"
            basis = f"{clock['paragraph']}, " if clock["paragraph"] else ""
            yield f"      {clock['about']}; {basis}{CLOCK_LABELS[clock['label']][self.language]}"
            for number, step in enumerate(clock["steps"], 1):
                yield f"      {number}. {step[self.language]}"

    def _findings(self, findings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        for one in findings:
            since = f"  {self.word('since', day=self.day(one['since']))}" if one["since"] else ""
            severity = SEVERITIES.get(one["severity"], {self.language: one["severity"]})[self.language]
            yield f"  {severity}  {one['code']}  {one['about']}{since}"
            yield f"      {one['title'][self.language]}. {one['todo'][self.language]}"


def _in_brackets(notes: Sequence[str]) -> str:
    return f"  ({'; '.join(notes)})" if notes else ""
