"""Seeded events of every type, right ones and broken ones: what rules are tried on by the thousand."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.contracts import load_contracts

__all__ = ["generated_events"]

Body = dict[str, Any]

TEXTS = [
    "", " ", "x", "7", "DE", "DE\n", "\nDE", "de", "de\n", "IN", "in", "NaN", "nan", "NULL", "null", "None", "inf",
    "H-9", "H-9 ", " H-9", "H-9\n", "-H9", "=1+1", "@x", "%s", "%", "_", "{batch}", "'; select 1; --", '"', "\\", "\\A",
    "A\u0308", "u\u0308-9", "\u212b", "\u1e9b\u0323", "Ä", "ſ", "ƀ", "×", "÷", "ß", "Ж", "😀", "𝟘", "２６２１２", "٣",
    "a\u200bb", "a\u00a0b", "a\u00adb", "a\u202eb", "a\ufeffb", "a\tb", "a\rb", "a\x00b", "a\x7fb", "a\u2028b",
    "\ue000", "051124123456", "AZR 051124123456", "x051124123456", "0511241234567", "05112412345", "051124123456/1",
    "0f8b6a52-3c1d-4e7a-9b60-051124123456", "0123456789abcdef0123051124123456", "051124123456-051124123456",
    "0f8b6a52-3c1d-4e7a-9b60-5d2f8c1e7a34", "0F8B6A52-3C1D-4E7A-9B60-5D2F8C1E7A34", "0f8b6a52-3c1d-4e7a-9b60",
    "0f8b6a52-3c1d-4e7a-9b60-5d2f8c1e7a34\n", "14612", "14612\n", "1461", "146123", "14262", "11000", "09162", "17000",
    "00000", "012", "123", "26212", "262121", "26", "hwk-dresden", "HWK-Dresden", "hwk-dresden\n", "zefas", "a--b",
    "a-", "-a", "9a", "certificate-translation", "2026-01", "v1._/-", "_v1", "PERSON", "UNKNOWN",
    "abcdefa051124123456", "abcdefab051124123456", "0f8b6a52-3c1d-4e7a-9b60-051124123456a", "٣051124123456",
    "x0f8b6a52-3c1d-4e7a-9b60-5d2f8c1e7a34", "11000\n",
    *("a" * length for length in (40, 41, 60, 61, 80, 81)),
]  # fmt: skip
# Around the borders of the character classes, and of ranges that a collation might order otherwise than code points do.
LETTERS = "09azAZßÀÖ×ØöÏ÷øſƀ .,:;/_#+()&*=§-@`[{!\"'\n"
LENGTHS = (1, 2, 3, 5, 6, 12, 40, 200)
NUMBERS = (None, 0, 1, -1, 2**31 - 1, -(2**31), 2**53, 2**63 - 1, -(2**63))
COUNTS = (0, 0, 1, 1, 2, 3, 20, 21, 50, 51)
DAYS = (
    None, dt.date.min, dt.date.max, dt.date(1989, 12, 31), dt.date(1990, 1, 1), dt.date(2026, 2, 28),
    dt.date(2026, 3, 1), dt.date(2026, 3, 2), dt.date(2026, 3, 3), dt.date(2026, 3, 7), dt.date(2099, 1, 1),
)  # fmt: skip
# Berlin's midnight, 300 and 301 seconds after the handing over, the hour that a clock change skips, the ends of time.
INSTANTS = (
    None, dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC, microsecond=999000),
    dt.datetime(2026, 3, 1, 22, 59, 59, tzinfo=dt.UTC), dt.datetime(2026, 3, 1, 23, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 2, 22, 59, 59, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 23, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 2, 10, 36, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 10, 36, 0, 999000, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 2, 10, 36, 1, tzinfo=dt.UTC), dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC),
)  # fmt: skip


def generated_events(seed: int, count: int) -> Iterator[tuple[str, Body]]:
    """Yield (event type, body), the same for the same seed: some are right, the others hold up to five oddities."""
    source = random.Random(seed)
    contracts = load_contracts()
    templates = {name: sane_body(name) for name in contracts}
    fields = {name: [(f["name"], f["type"]) for f in contract.schema["fields"]] for name, contract in contracts.items()}
    names = list(contracts)
    for _ in range(count):
        event_type = source.choice(names)
        body = _varied(source, templates[event_type])
        _bring_together(source, body)
        for name, kind in source.sample(fields[event_type], source.choice((0, 0, 0, 1, 1, 1, 2, 5))):
            body[name] = _anything(source, kind)
        yield event_type, body


def _varied(source: random.Random, template: Mapping[str, Any]) -> Body:
    """Return a right event that differs from the template."""
    body = dict(template)
    day = dt.date(2026, 3, 2) - dt.timedelta(days=source.randrange(3000))
    instant = dt.datetime.combine(day, dt.time(source.randrange(6, 20), source.randrange(60)), tzinfo=dt.UTC)
    shift = body["occurred_on"] - day
    for name, value in template.items():
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            body[name] = value - shift
    body |= {
        "event_id": str(uuid.UUID(int=source.getrandbits(128))),
        "recorded_at": instant,
        "published_at": instant + dt.timedelta(minutes=source.randrange(10_000)),
        "sequence": source.choice((None, source.randrange(10**9))),
    }
    if source.random() < 0.2:
        body["occurred_at"] = instant
    if source.random() < 0.2:
        body |= {"corrects": str(uuid.UUID(int=source.getrandbits(128))), "correction_reason": "OTHER"}
    return body


def _bring_together(source: random.Random, body: Body) -> None:
    """Let fields be equal now and then, or stand just before or behind each other; let states be gone or invented."""
    if source.random() < 0.02:
        body["corrects"] = body["event_id"]
    if "target" in body and source.random() < 0.02:
        body["target"] = body["publisher"]
    if source.random() < 0.02:
        ahead = dt.timedelta(seconds=source.choice((299, 300, 301, 302)), milliseconds=source.choice((0, 999)))
        body["recorded_at"] = body["published_at"] + ahead
    if "training_state" in body and source.random() < 0.05:
        body["training_state"] = source.choice(("XX", "ZZ", "CS", "SU", "YU", "DD", "Cs"))
    days = [name for name, value in body.items() if type(value) is dt.date]
    if len(days) > 1 and source.random() < 0.1:
        one, other = source.sample(days, 2)
        body[one] = body[other]
    if "procedure_reference" in body and source.random() < 0.1:
        named = {"agency": "ihk-fosa", "kind": "PROCEDURE"}
        named_in = [{**named, "reference": f"P-{number}"} for number in range(source.randrange(3))]
        body |= {"procedure_reference": source.choice((None, "")), "references": named_in}
    if "title_reference" in body and source.random() < 0.1:
        named = {"agency": "abh-dresden", "kind": "TITLE"}
        named_in = [{**named, "reference": f"T-{number}"} for number in range(source.randrange(3))]
        body |= {"title_reference": source.choice((None, "", "T-1")), "references": named_in}


def _anything(source: random.Random, kind: Any) -> Any:
    """Return something that a field of this Avro type can hold, right or not."""
    if isinstance(kind, list):
        return _anything(source, next(branch for branch in kind if branch != "null"))
    if isinstance(kind, dict) and kind["type"] == "array":
        return _list(source, kind["items"])
    if isinstance(kind, dict) and kind["type"] == "enum":
        return source.choice(kind["symbols"])
    name = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    return _SIMPLE[name](source)


def _text(source: random.Random) -> str | None:
    if source.random() < 0.1:
        return None
    if source.random() < 0.6:
        return source.choice(TEXTS)
    if source.random() < 0.3:
        return "".join(source.choices(LETTERS, k=source.choice(LENGTHS)))
    right = source.choice(("R9", "hwk-dresden", "14612", "DE"))
    place = source.choice((0, 1, len(right)))
    return right[:place] + source.choice(LETTERS) + right[place:]


_SIMPLE: Mapping[str, Callable[[random.Random], Any]] = {
    "string": _text,
    "date": lambda source: source.choice(DAYS),
    "timestamp-millis": lambda source: source.choice(INSTANTS),
    "int": lambda source: source.choice(NUMBERS[:6]),
    "long": lambda source: source.choice(NUMBERS),
    "boolean": lambda source: source.random() < 0.5,
}


def _list(source: random.Random, kind: Any) -> list[Any]:
    """Return right entries, and every other time one among them that is odd: several would hide each other."""
    is_reference = isinstance(kind, dict) and kind["type"] == "record"
    right = _reference if is_reference else _entry
    entries = [right(source, kind) for _ in range(source.choice(COUNTS))]
    if entries and source.random() < 0.5:
        place = source.randrange(len(entries))
        if is_reference:
            name = source.choice(("agency", "kind", "reference"))
            entries[place][name] = source.choice(_kinds(kind)) if name == "kind" else _text(source) or ""
        elif isinstance(kind, str):
            entries[place] = _text(source) or ""
    return entries


def _entry(source: random.Random, kind: Any) -> Any:
    if isinstance(kind, dict):
        return source.choice(kind["symbols"])
    return source.choice(("housing", "certificate-translation", "zefas", "wc-dresden", "abh-dresden"))


def _reference(source: random.Random, kind: Mapping[str, Any]) -> Body:
    agency = source.choice(("ihk-fosa", "ksv-sachsen", "lds", "wc-leipzig", "hwk-dresden", "zefas"))
    sound = [symbol for symbol in _kinds(kind) if symbol != "UNKNOWN"]
    return {"agency": agency, "kind": source.choice(sound), "reference": f"R-{source.randrange(99)}"}


def _kinds(kind: Mapping[str, Any]) -> list[str]:
    """Return the symbols of a reference's one enumeration."""
    (symbols,) = [
        field["type"]["symbols"]
        for field in kind["fields"]
        if isinstance(field["type"], dict) and "symbols" in field["type"]
    ]
    return list(symbols)
