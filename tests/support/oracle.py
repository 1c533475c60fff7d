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
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["Oracle", "derive", "keeps"]

Row = Mapping[str, Any]

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
        row, found = derive(body), []
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


def derive(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return every column that a rule may look at, None where it is to say nothing."""
    get, references = body.get, body["references"] or []
    publisher, day, corrects = get("publisher") or "", get("occurred_on"), get("corrects")
    recorded, handed_over, elsewhere = (_berlin(get(name)) for name in ("recorded_at", "published_at", "occurred_at"))
    procedures = [entry["reference"] for entry in references if entry["kind"] == "PROCEDURE"]
    texts = list(_texts(body))
    both = get("recorded_at") is not None and get("published_at") is not None
    purposes = get("purposes") or []
    return {
        **{name: value for name, value in body.items() if not isinstance(value, list)},
        **{
            name: get(name) or ""
            for name in ("event_id", "source_system", "case_reference", "procedure_reference", "referral_id", "target")
        },
        "publisher": publisher,
        "references_count": len(references),
        "references_incomplete": _mark(not _is_complete(entry) for entry in references),
        "references_own": _mark(entry["agency"] == get("publisher") for entry in references),
        "occurred_at_other_day": None if elsewhere == day else elsewhere,
        "recorded_on": recorded,
        "handed_over_on": handed_over,
        "recorded_ahead_s": (body["recorded_at"] - body["published_at"]) // dt.timedelta(seconds=1) if both else None,
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
        "referral_references": sum(entry["kind"] == "REFERRAL" for entry in references),
        "missing_items_malformed": _malformed(get("missing_items")),
        "complete_with_missing_items": get("documents_complete") == "YES" and bool(get("missing_items")),
        "items_count": len(get("items") or []),
        "items_malformed": _malformed(get("items")),
        "services_malformed": _malformed(get("services")),
        "procedure_named": get("procedure_reference") or (procedures[0] if len(procedures) == 1 else ""),
    }


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


def _malformed(entries: Any, first: str = SMALL + DIGITS) -> str | None:
    return _mark(place >= 50 or not _is_words(entry, first) for place, entry in enumerate(entries or []))


def _is_words(text: str, first: str) -> bool:
    """Small letters and digits, joined by single hyphens, at most 60 characters."""
    words = text.split("-")
    return len(text) <= 60 and text[:1] in set(first) and all(word and set(word) <= {*SMALL, *DIGITS} for word in words)


def _is_identifier(text: str) -> bool:
    ends = {*LETTERS, *DIGITS, *MARKS}
    return 1 <= len(text) <= 80 and text[0] in LETTERS + DIGITS and text[-1] in ends and set(text) <= ends | {" "}
