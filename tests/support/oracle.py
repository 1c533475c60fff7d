"""What the suites mean, read a second time: from the JSON files and the events alone, without the product's code.

`derive` is what a rule may look at, `keeps` what a rule says about it. Both are written for plainness, not for speed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["Oracle", "derive", "keeps"]

Row = Mapping[str, Any]

CODES = Path(__file__).parents[2] / "schemas/meilenstein_schemas/data/codes"
NEEDED = ("event_id", "source_system", "case_reference", "procedure_reference", "referral_id", "session_reference")
NEEDED_TOO = ("employer_reference", "trigger_event_id", "title_reference")
SMALL, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
LETTERS = SMALL + SMALL.upper() + "".join(map(chr, [*range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x180)]))
MARKS = ".,:;/_#+()&*=§-"
UUID_OR_DIGEST = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])|[0-9A-Fa-f]{20,}")


class Oracle:
    """The rules of a folder of suites; counts for each rule on how many events it was kept, broken, or had no say."""

    def __init__(self, folder: Path) -> None:
        self.seen: Counter[tuple[str, bool | None]] = Counter()
        self._suites = {
            path.stem: [
                (e["meta"]["rule"], e["type"], e["kwargs"]) for e in json.loads(path.read_text())["expectations"]
            ]
            for path in folder.glob("*.json")
        }

    def rules(self) -> set[str]:
        return {rule for suite in self._suites.values() for rule, _, _ in suite}

    def broken(self, event_type: str, body: Mapping[str, Any]) -> list[str]:
        """Return the ids of the rules that an event breaks, in the order of the files, the envelope's first."""
        row, found = derive(event_type, body), []
        own = re.sub(r"(?<!\A)([A-Z])", r"_\1", event_type).lower()
        for rule, kind, arguments in (*self._suites["common"], *self._suites[own]):
            kept = keeps(kind, arguments, row)
            self.seen[rule, kept] += 1
            if kept is False:
                found.append(rule)
        return found


def keeps(kind: str, arguments: Mapping[str, Any], row: Row) -> bool | None:  # noqa: PLR0911 - one for each kind
    """Say whether the row keeps the rule; None where the rule has nothing to say about it."""
    if kind == "expect_column_pair_values_a_to_be_greater_than_b":
        one, other = row[arguments["column_A"]], row[arguments["column_B"]]
        if one is None or other is None:
            return None
        return bool(one > other) or (arguments.get("or_equal") is True and one == other)
    value = row[arguments["column"]]
    if kind == "expect_column_values_to_not_be_null":
        return value is not None
    if kind == "expect_column_values_to_be_null":
        return value is None
    if value is None:
        return None
    if kind == "expect_column_values_to_be_in_set":
        return value in arguments["value_set"]
    if kind == "expect_column_values_to_match_regex":
        return re.search(arguments["regex"], value) is not None
    if kind == "expect_column_values_to_not_match_regex":
        return re.search(arguments["regex"], value) is None
    if kind == "expect_column_values_to_be_between":
        low, high = arguments.get("min_value"), arguments.get("max_value")
        if isinstance(value, dt.date):
            low, high = (bound and dt.date.fromisoformat(bound) for bound in (low, high))
        return (low is None or value >= low) and (high is None or value <= high)
    raise NotImplementedError(kind)


def derive(event_type: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return every column that a rule may look at, None where it is to say nothing."""
    get, references = body.get, body["references"] or []
    publisher, day, corrects = get("publisher") or "", get("occurred_on"), get("corrects")
    recorded, handed_over, elsewhere = (_berlin(get(name)) for name in ("recorded_at", "published_at", "occurred_at"))
    procedures, titles = (
        [entry["reference"] for entry in references if entry["kind"] == kind] for kind in ("PROCEDURE", "TITLE")
    )
    texts = list(_texts(body))
    both = get("recorded_at") is not None and get("published_at") is not None
    purposes = get("purposes") or []
    return {
        **{name: value for name, value in body.items() if not isinstance(value, list)},
        **{name: get(name) or "" for name in (*NEEDED, *NEEDED_TOO)},
        **_needed_here(event_type, body),
        "publisher": publisher,
        "references_count": len(references),
        "references_incomplete": _mark(not _is_complete(entry) for entry in references),
        "references_own": _mark(entry["agency"] == get("publisher") for entry in references),
        "occurred_at_other_day": None if elsewhere == day else elsewhere,
        "recorded_on": recorded,
        "handed_over_on": handed_over,
        "recorded_ahead_s": (body["recorded_at"] - body["published_at"]) // dt.timedelta(seconds=1) if both else None,
        "case_number_mistyped": None if _is_number(get("case_number")) else get("case_number"),
        "corrects_itself": corrects is not None and corrects == get("event_id"),
        "correction_reason_given": None if corrects is None else get("correction_reason"),
        "azr_like_in": _mark(
            re.search(r"(?<!\d)[0-9]{12}(?!\d)", UUID_OR_DIGEST.sub("~", text), re.ASCII) for text in texts
        ),
        "hidden_characters_in": _mark(unicodedata.category(c)[0] in "CZ" and c != " " for text in texts for c in text),
        "not_nfc_in": _mark(unicodedata.normalize("NFC", text) != text for text in texts),
        "purposes_known": len(set(purposes) - {"UNKNOWN"}),
        "purposes_unknown": purposes.count("UNKNOWN"),
        "recipients_count": len(get("recipients") or []),
        "recipients_malformed": _malformed(get("recipients"), first=SMALL),
        "valid_first_day": get("valid_from") or day,
        "target_is_publisher": get("target") is not None and get("target") == get("publisher"),
        **{
            f"{kind.lower()}_references": sum(entry["kind"] == kind for entry in references)
            for kind in ("REFERRAL", "PROCEDURE", "TITLE")
        },
        "missing_items_malformed": _malformed(get("missing_items")),
        "complete_with_missing_items": get("documents_complete") == "YES" and bool(get("missing_items")),
        "items_count": len(get("items") or []),
        "items_malformed": _malformed(get("items")),
        "missing_items_unlisted": _unlisted(get("missing_items")),
        "items_unlisted": _unlisted(get("items")),
        "services_malformed": _malformed(get("services")),
        "procedure_named": get("procedure_reference") or (procedures[0] if len(procedures) == 1 else ""),
        "title_named": get("title_reference") or (titles[0] if len(titles) == 1 else ""),
        "training_state_unlisted": None if _is_state(get("training_state")) else get("training_state"),
        "temporary_without_end": get("licence_kind") == "TEMPORARY_PERMIT" and get("valid_until") is None,
        "instant_known": get("occurred_at") is not None,
        "missing_information_known": len([entry for entry in get("missing_information") or [] if entry != "UNKNOWN"]),
        "district_outside_land": _is_elsewhere(get("target_district_ags"), get("target_land")),
        "outcome_contradicts_differences": (
            (get("differences") == "YES" and get("outcome") == "FULL_EQUIVALENCE")
            or (get("differences") == "NO" and get("outcome") in ("COMPENSATION_REQUIRED", "PARTIAL_EQUIVALENCE"))
        ),
    }  # fmt: skip


def _needed_here(event_type: str, body: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the fields that some types cannot do without, and others can."""
    here = {
        "ReferralSent": ["target"],
        "ApplicationForwarded": ["target"],
        "CoursePlacementChanged": ["course_reference", "provider_reference"],
    }
    named = here.get(event_type, ["course_reference"] if event_type.startswith("Course") else [])
    if event_type == "CourseEntitled":
        return {}
    if event_type == "LicenceGranted":  # it may be a procedure of its own, or name the one it rests on
        return {"procedure_reference": body.get("procedure_reference")}
    if event_type == "VisaDecided":  # the title is the foreigners' office's, which may name it, or somebody else does
        return {"title_reference": body.get("title_reference")}
    return {name: body.get(name) or "" for name in named}


def _is_state(code: str | None) -> bool:
    """Say whether a code may be judged well: there is none, it has another form, or a state has it or had it."""
    if code is None or not re.fullmatch(r"[A-Z]{2}", code, re.ASCII):
        return True
    return code in _codes("iso_3166_1", "code") or code in _codes("iso_3166_3", "alpha_2")


def _is_elsewhere(district: str | None, land: str | None) -> bool:
    begins = {row["code"]: row["ags_prefix"] for row in _rows("laender")}
    return district is not None and land in begins and district[:2] != begins[land]


@cache
def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((CODES / f"{name}.json").read_text(encoding="utf-8"))["codes"]
    return rows


@cache
def _codes(name: str, field: str) -> frozenset[str]:
    return frozenset(row[field] for row in _rows(name))


def _is_number(number: str | None) -> bool:
    """Check a case number by division, as the way it is written is explained to partners."""
    if number is None or not re.fullmatch(r"[2-9CFHJ-MP-RTV-Y]{3}-[2-9CFHJ-MP-RTV-Y]{3}-[2-9CFHJ-MP-RTV-Y]{4}", number):
        return number is None
    values = ["23456789CFHJKLMPQRTVWXY".index(letter) for letter in number if letter != "-"]
    return any(values) and sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 23 == 0


def _berlin(instant: dt.datetime | None) -> dt.date | None:
    if instant is None:
        return None
    if instant.date() == dt.date.max:
        return dt.date.max
    return instant.astimezone(ZoneInfo("Europe/Berlin")).date()


def _mark(found: Any) -> str | None:
    return "found" if any(found) else None


def _texts(body: Mapping[str, Any]) -> Iterator[str]:
    enums = {"subject_kind", "legal_route", "purposes"}
    for name, value in body.items():
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                yield from (entry["agency"], entry["reference"])
            elif isinstance(entry, str) and name not in enums:
                yield entry


def _is_complete(entry: Mapping[str, Any]) -> bool:
    named = _is_words(entry["agency"], first=SMALL) and _is_identifier(entry["reference"])
    return named and entry["kind"] != "UNKNOWN"


def _unlisted(entries: Any) -> str | None:
    known = _codes("document_items", "code")
    return _mark(_is_words(entry, SMALL + DIGITS) and entry not in known for entry in (entries or [])[:50])


def _malformed(entries: Any, first: str = SMALL + DIGITS) -> str | None:
    return _mark(place >= 50 or not _is_words(entry, first) for place, entry in enumerate(entries or []))


def _is_words(text: str, first: str) -> bool:
    """Small letters and digits, joined by single hyphens, at most 60 characters."""
    words = text.split("-")
    return len(text) <= 60 and text[:1] in set(first) and all(word and set(word) <= {*SMALL, *DIGITS} for word in words)


def _is_identifier(text: str) -> bool:
    ends = {*LETTERS, *DIGITS, *MARKS}
    return 1 <= len(text) <= 80 and text[0] in LETTERS + DIGITS and text[-1] in ends and set(text) <= ends | {" "}
