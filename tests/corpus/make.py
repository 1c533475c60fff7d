"""Write the hostile corpus: one file per record value, and `list.json` with what the hub has to say about each.

    python tests/corpus/make.py

Values are built byte by byte from the contract of EntryReported, with an encoder of its own (30 lines) that can be told
to write any field wrong. `frame` says what the test puts in front of the file's bytes when it sends them:

* `contract`: zero byte and the registered id of EntryReported,
* `foreign`: zero byte and the id of a registered schema that is no contract,
* `none`: nothing, the file is the whole value; with `null` the record has no value at all.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import struct
import sys
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meilenstein_schemas.contracts import load_contracts

HERE = Path(__file__).parent
OFFICE, TOPIC = "abh-dresden", "milestones.abh-dresden"
MAX_RECORD_BYTES = 65_536
FRAME_BYTES = 5


def varint(number: int) -> bytes:
    """Return an Avro number of any size in its shortest form."""
    return bare_varint(number << 1 if number >= 0 else ~(number << 1))


def bare_varint(number: int) -> bytes:
    """Return the number without the sign fold."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def text(value: str | bytes) -> bytes:
    """Return an Avro string."""
    data = value if isinstance(value, bytes) else value.encode()
    return varint(len(data)) + data


def some(value: bytes) -> bytes:
    """Return the non-null branch of a union of null and one type."""
    return varint(1) + value


def day(date: dt.date) -> bytes:
    """Return an Avro date."""
    return varint((date - dt.date(1970, 1, 1)).days)


def instant(moment: dt.datetime) -> bytes:
    """Return an Avro timestamp in milliseconds."""
    return varint((moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1))


def reference(agency: str = "hwk-dresden", kind: int = 2, named: str | bytes = "P-9") -> bytes:
    """Return one entry of `references`; kind 2 is PROCEDURE."""
    return text(agency) + varint(kind) + text(named)


def blocks(*parts: bytes) -> bytes:
    """Return an array of the given encoded blocks."""
    return b"".join(parts) + varint(0)


def counted(*items: bytes) -> bytes:
    """Return a block with its count."""
    return varint(len(items)) + b"".join(items)


def sized(*items: bytes) -> bytes:
    """Return a block with a negative count and its size: as legal as the other."""
    return varint(-len(items)) + varint(len(b"".join(items))) + b"".join(items)


FIELDS = [part["name"] for part in load_contracts()["EntryReported"].schema["fields"]]


def event(name: str, **wrong: bytes) -> bytes:
    """Return the bytes of a right EntryReported with an id of its own, except for the given fields."""
    right = {
        "event_id": text(str(uuid.uuid5(uuid.NAMESPACE_URL, f"corpus/{name}"))),
        "publisher": text(OFFICE),
        "sent_by": varint(0),
        "source_system": text("corpus"),
        "source_epoch": varint(0),
        "sequence": varint(0),
        "subject_kind": varint(1),
        "case_reference": text(f"A-{name}"),
        "case_number": varint(0),
        "references": blocks(),
        "occurred_on": day(dt.date(2025, 3, 3)),
        "occurred_at": varint(0),
        "recorded_at": some(instant(dt.datetime(2025, 3, 4, 8, 0, tzinfo=dt.UTC))),
        "published_at": some(instant(dt.datetime(2025, 3, 4, 8, 5, tzinfo=dt.UTC))),
        "district_ags": some(text("14612")),
        "legal_route": varint(1),
        "corrects": varint(0),
        "correction_reason": varint(0),
        "legal_basis": varint(0),
        "consent_id": varint(0),
        "test": b"\x00",
    }
    if set(right) != set(FIELDS) or not set(wrong) <= set(FIELDS):
        raise SystemExit(f"EntryReported has other fields now: {sorted(set(FIELDS) ^ set(right))}")
    return b"".join({**right, **wrong}[part] for part in FIELDS)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A record and what has to become of it."""

    name: str
    value: bytes
    says: str
    frame: str = "contract"
    fate: str = "QUARANTINED"
    codes: tuple[str, ...] = ()
    detail: str | None = None
    send: dict[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        listed = {"file": f"{self.name}.bin", "says": self.says, "frame": self.frame, "topic": TOPIC, **self.send}
        return {**listed, "fate": self.fate, "codes": list(self.codes), "detail": self.detail}


def unreadable(name: str, detail: str, value: bytes, says: str, **more: Any) -> Case:
    return Case(name=name, value=value, says=says, codes=("UNREADABLE",), detail=detail, **more)


def broken_field(name: str, detail: str, says: str, **wrong: bytes) -> Case:
    return unreadable(name, detail, event(name, **wrong), says)


def against_rules(name: str, codes: str, says: str, **wrong: bytes) -> Case:
    return Case(name=name, value=event(name, **wrong), says=says, codes=tuple(sorted(codes.split())))


def accepted(name: str, says: str, send: dict[str, Any] | None = None, **right: bytes) -> Case:
    return Case(name=name, value=event(name, **right), says=says, fate="ACCEPTED", send=send or {})


def whole_values() -> Iterator[Case]:
    whole = {"frame": "none"}
    yield unreadable("empty-value", "NO_VALUE", b"", "no bytes at all", **whole)
    yield unreadable("tombstone", "NO_VALUE", b"", "null instead of a value", frame="null")
    for name, value, says in (
        ("magic-byte-1", b"\x01\x00\x00\x00\x01" + event("magic-byte-1"), "another magic byte"),
        ("magic-byte-255", b"\xff\x00\x00\x00\x01" + event("magic-byte-255"), "another magic byte"),
        ("zero-byte-alone", b"\x00", "the magic byte and nothing else"),
        ("frame-cut", b"\x00\x00\x00\x00", "a frame without its last byte"),
        ("json-text", json.dumps({"type": "EntryReported", "publisher": OFFICE}).encode(), "JSON instead of Avro"),
        ("json-utf-16", '{"type": "EntryReported"}'.encode("utf-16"), "JSON in UTF-16"),
        ("ocf-file", b"Obj\x01" + bytes(range(64)), "an Avro file instead of a datum"),
        ("gzip-bytes", b"\x1f\x8b\x08" + bytes(40), "a value that was compressed by hand"),
        ("random-bytes", b"\x7f" + random.Random(19).randbytes(300), "noise"),
    ):
        yield unreadable(name, "BAD_FRAMING", value, says, **whole)
    for number in (0, 2**31 - 1, 2**31, 2**32 - 1):
        name = f"unknown-schema-{number}"
        value = struct.pack(">bI", 0, number) + event(name)
        yield Case(name=name, value=value, says="an id nobody registered", frame="none", codes=("UNKNOWN_SCHEMA",))
    name = "foreign-schema"
    says = "registered, but none of our contracts"
    yield Case(name=name, value=event(name), says=says, frame="foreign", codes=("UNKNOWN_SCHEMA",))


def cut_and_extended() -> Iterator[Case]:
    right = event("cut")
    yield unreadable("frame-alone", "TRUNCATED", b"", "a frame without an event")
    yield unreadable("truncated-half", "TRUNCATED", right[: len(right) // 2], "the first half of an event")
    yield unreadable("truncated-last-byte", "TRUNCATED", right[:-1], "all but the last byte")
    yield unreadable("trailing-zero", "TRAILING_BYTES", right + b"\x00", "one byte too many")
    yield unreadable("trailing-event", "TRAILING_BYTES", right + event("second"), "two events in one record")
    yield unreadable("ocf-in-frame", "BAD_LENGTH", b"Obj\x01" + bytes(range(64)), "an Avro file behind the frame")


def numbers() -> Iterator[Case]:
    for index in (-1, 4, 99, 2**31, -(2**63)):
        yield broken_field(f"enum-index-{index}", "BAD_INDEX", "no such symbol", subject_kind=varint(index))
    for index in (-1, 2, 9):
        value = varint(index) + text("14612")
        yield broken_field(f"union-index-{index}", "BAD_INDEX", "no such branch", district_ags=value)
    nested = blocks(counted(reference(kind=-1)))
    yield broken_field("enum-index-in-array", "BAD_INDEX", "no such symbol", references=nested)
    for byte in (2, 255):
        yield broken_field(f"boolean-{byte}", "BAD_BOOLEAN", "neither true nor false", test=bytes([byte]))
    padded = bytes([len("A-1") << 1 | 0x80, 0x00]) + b"A-1"
    yield broken_field("varint-padded", "BAD_VARINT", "a length in two bytes for one", case_reference=padded)
    for size in (11, 101):
        long = b"\x80" * (size - 1) + b"\x01"
        yield broken_field(f"varint-{size}-bytes", "BAD_VARINT", "an overlong number", occurred_on=long)
    beyond = some(b"\xff" * 9 + b"\x02")
    yield broken_field("varint-beyond-64-bits", "BAD_VARINT", "more than 64 bits", sequence=beyond)
    for number in (2**31, -(2**31) - 1, 2**40):
        value = some(varint(number))
        yield broken_field(f"int-{number}", "INT_RANGE", "more than 32 bits in an int", source_epoch=value)


def times() -> Iterator[Case]:
    first, last = dt.date(1, 1, 1), dt.date(9999, 12, 31)
    for name, number in (("before-first", -719_163), ("after-last", 2_932_897), ("2-31-1", 2**31 - 1)):
        yield broken_field(f"date-{name}", "DATE_RANGE", "a day that no calendar has", occurred_on=varint(number))
    for name, number in (("plus", 2**62), ("minus", -(2**62)), ("after-last", 253_402_300_800_000)):
        value = some(varint(number))
        yield broken_field(f"timestamp-{name}", "DATE_RANGE", "an instant out of range", occurred_at=value)
    yield against_rules("date-first", "RULE:E-014 WRONG_PUBLISHER", "the first day there is", occurred_on=day(first))
    codes = "OCCURRED_AFTER_RECORDED FUTURE_FACT RULE:E-028"
    yield against_rules("date-last", codes, "the last day there is", occurred_on=day(last))
    end = some(instant(dt.datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=dt.UTC)))
    yield against_rules("timestamp-last", "RULE:E-015", "the last instant there is", occurred_at=end)
    start = some(instant(dt.datetime(1, 1, 1, tzinfo=dt.UTC)))
    yield against_rules("timestamp-first", "RULE:E-015", "the first instant there is", occurred_at=start)
    late = day(dt.date(2025, 3, 5))
    later = some(instant(dt.datetime(2025, 3, 6, 8, 0, tzinfo=dt.UTC)))
    says = "became true after it was entered"
    yield against_rules("after-recorded", "OCCURRED_AFTER_RECORDED", says, occurred_on=late, published_at=later)
    yield against_rules(
        "future-fact", "FUTURE_FACT", "handed over before it was true", occurred_on=late, recorded_at=varint(0)
    )


def lengths() -> Iterator[Case]:
    for name, length, detail in (
        ("2-40", 2**40, "TRUNCATED"),
        ("2-62", 2**62, "TRUNCATED"),
        ("minus-1", -1, "BAD_LENGTH"),
        ("minus-2-63", -(2**63), "BAD_LENGTH"),
    ):
        value = varint(length) + b"A-1"
        yield broken_field(f"string-length-{name}", detail, "a length that cannot be", case_reference=value)
    for name, count in (("2-31", 2**31), ("2-40", 2**40), ("2-62", 2**62), ("2-63-1", 2**63 - 1)):
        value = varint(count) + reference()
        yield broken_field(f"array-count-{name}", "BAD_COUNT", "more items than bytes", references=value)
        value = varint(-count) + varint(len(reference())) + reference() + varint(0)
        yield broken_field(f"array-count-minus-{name}", "BAD_COUNT", "more items than bytes", references=value)
    item = reference()
    for name, size, detail in (
        ("short", len(item) - 1, "BAD_LENGTH"),
        ("long", len(item) + 1, "BAD_LENGTH"),
        ("minus-1", -1, "BAD_LENGTH"),
        ("2-62", 2**62, "BAD_LENGTH"),
    ):
        value = varint(-1) + varint(size) + item + varint(0)
        yield broken_field(f"block-size-{name}", detail, "a block that lies about its size", references=value)


def texts() -> Iterator[Case]:
    for name, data in (
        ("ff", b"A-\xff"),
        ("overlong", b"A-\xc0\x80"),
        ("lone-surrogate", b"A-\xed\xa0\x80"),
        ("cut", b"A-\xe2\x82"),
        ("latin-1", "A-Müller".encode("latin-1")),
    ):
        yield broken_field(f"utf-8-{name}", "BAD_UTF8", "no UTF-8", case_reference=text(data))
    for name, wrong in (
        ("nul-in-file", {"case_reference": text("A-\x00")}),
        ("nul-in-reference", {"references": blocks(counted(reference(named="P\x00")))}),
        ("nul-in-event-id", {"event_id": text("\x00" * 36)}),
    ):
        value = event(name, **wrong)
        yield Case(name=name, value=value, says="text no database stores", codes=("NOT_STORABLE",), detail="NUL")
    for name, letter, codes in (
        ("decomposed", unicodedata.normalize("NFD", "ü"), "RULE:E-005 RULE:E-021"),
        ("zero-width", "\u200b", "RULE:E-005 RULE:E-020"),
        ("bidi-override", "\u202e", "RULE:E-005 RULE:E-020"),
        ("byte-order-mark", "\ufeff", "RULE:E-005 RULE:E-020"),
        ("noncharacter", "\U0010ffff", "RULE:E-005 RULE:E-020"),
        ("cyrillic", "\u0430", "RULE:E-005"),
        ("line-end", "\n", "RULE:E-005 RULE:E-020"),
        ("sql", "'; drop table journal; --", "RULE:E-005"),
    ):
        says = "a file name that is not what it looks like"
        yield against_rules(f"file-{name}", codes, says, case_reference=text(f"A-1{letter}"))
    named = blocks(counted(reference(named="P-\u202e9")))
    yield against_rules("reference-bidi", "RULE:E-011 RULE:E-020", "another's file, hidden letters", references=named)
    yield against_rules("file-formula", "RULE:E-005", "a file name spreadsheets run", case_reference=text("=1+1"))
    long = "A" * 60_000
    yield against_rules("file-60000-letters", "RULE:E-005", "a file name of 60,000 letters", case_reference=text(long))
    noise = random.Random(7).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=60_000)
    says = "an event id no index takes"
    yield against_rules("event-id-60000-letters", "RULE:E-001", says, event_id=text("".join(noise)))
    yield against_rules("event-id-empty", "RULE:E-001", "no event id", event_id=text(""))
    many = blocks(counted(*[reference(named=f"P-{number}") for number in range(3000)]))
    yield against_rules("references-3000", "RULE:E-010", "3,000 references", references=many)


def sizes() -> Iterator[Case]:
    codes = ("TOO_LARGE",)
    value = event("too-large-just-over", case_reference=_filling("too-large-just-over", MAX_RECORD_BYTES + 1))
    yield Case(name="too-large-just-over", value=value, says="one byte too many", codes=codes, detail=codes[0])
    value = event("too-large-letters", case_reference=text("A" * 100_000))
    yield Case(
        name="too-large-letters", value=value, says="a file name of 100,000 letters", codes=codes, detail=codes[0]
    )
    filling = _filling("largest-allowed", MAX_RECORD_BYTES)
    yield against_rules("largest-allowed", "RULE:E-005", "exactly as large as allowed", case_reference=filling)


def _filling(name: str, size: int) -> bytes:
    """Return a file name that makes the whole record `size` bytes long."""
    letters = 60_000
    rest = FRAME_BYTES + len(event(name, case_reference=text("A" * letters))) - letters
    return text("A" * (size - rest))


def rights() -> Iterator[Case]:
    codes = "WRONG_PUBLISHER"
    yield against_rules("publisher-unknown", codes, "nobody's key", publisher=text("nobody-anywhere"))
    yield against_rules("publisher-other-office", codes, "in another's name", publisher=text("abh-leipzig"))
    yield against_rules("publisher-chamber", codes, "chambers report no entries", publisher=text("hwk-dresden"))
    yield against_rules("sent-by-other", codes, "sender and topic differ", sent_by=some(text("abh-leipzig")))
    says = "a key with a line end"
    yield against_rules("publisher-line-end", f"{codes} RULE:E-002 RULE:E-020", says, publisher=text(f"{OFFICE}\n"))
    name = "wrong-topic"
    send = {"topic": "milestones.abh-leipzig"}
    yield Case(name=name, value=event(name), says="in another agency's topic", codes=(codes,), send=send)
    forbidden = "FORBIDDEN_CONTENT"
    yield against_rules("azr-in-file", forbidden, "a number like an AZR number", case_reference=text("A-123456789012"))
    named = blocks(counted(reference(named="123456789012")))
    yield against_rules("azr-in-reference", forbidden, "a number like an AZR number", references=named)


def legal() -> Iterator[Case]:
    two = (reference(named="P-1"), reference(named="P-2"))
    yield accepted("block-negative", "a block with its size", references=blocks(sized(*two)))
    yield accepted("block-several", "a block for each item", references=blocks(*map(counted, two)))
    mixed = blocks(counted(two[0]), sized(two[1]))
    yield accepted("block-mixed", "both forms of blocks in one array", references=mixed)
    yield accepted("largest-long", "the largest number there is", sequence=some(varint(2**63 - 1)))
    yield accepted("letters", "letters of names", case_reference=text("Åß-Üž 1/2"))
    yield accepted("key-null", "a record without key", {"key": None})
    yield accepted("key-long", "a key of 10,000 bytes that is no text", {"key": "ff" * 10_000})
    yield accepted("headers-1000", "1,000 headers", {"headers": "thousand"})
    yield accepted("header-nul", "a header with NUL in its name and value", {"headers": "nul"})
    yield accepted("header-empty", "a header with neither name nor value", {"headers": "empty"})
    yield accepted("time-zero", "a record from 1970", {"timestamp_ms": 0})


MAKERS: tuple[Callable[[], Iterator[Case]], ...] = (
    whole_values, cut_and_extended, numbers, times, lengths, texts, sizes, rights, legal,
)  # fmt: skip


def cases() -> list[Case]:
    """Return the corpus, by name."""
    found = sorted((case for make in MAKERS for case in make()), key=lambda case: case.name)
    if len({case.name for case in found}) != len(found):
        raise SystemExit("two cases have one name")
    return found


def listed(found: list[Case]) -> str:
    """Return the text of `list.json`."""
    return json.dumps([case.entry() for case in found], indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    """Write the files."""
    for old in HERE.glob("*.bin"):
        old.unlink()
    found = cases()
    for case in found:
        (HERE / f"{case.name}.bin").write_bytes(case.value)
    (HERE / "list.json").write_text(listed(found), encoding="utf-8")
    sys.stderr.write(f"{len(found)} records\n")


if __name__ == "__main__":
    main()
