"""Rows packed here are byte for byte what the driver would send, and arrays read back as they were."""

from __future__ import annotations

import struct

import pytest
from psycopg import adapters
from psycopg.pq import Format

from meilenstein.store.array_text import flags, numbers, texts
from meilenstein.store.copy_format import BYTEA, NULL, TEXT, pack_array, pack_bytes, pack_text
from meilenstein.store.copy_rows import JournalPacker
from meilenstein.store.journal_row import JournalRow


def journal_row(**values: object) -> JournalRow:
    plain: dict[str, object] = {
        "topic_id": "id",
        "partition": 0,
        "offset": 7,
        "topic": "milestones.zefas",
        "record_time": 946_684_800_001,
        "key": b"k",
        "headers": (("a", "b"), (b"1", b"22")),
        "raw": b"raw",
        "schema_id": 5,
        "decode_state": "DECODED",
        "event_type": "EntryReported",
        "publisher": "zefas",
        "event_id": "e",
    }
    return JournalRow(**{**plain, **values})  # type: ignore[arg-type]


def cells(row: bytes) -> list[bytes | None]:
    """Return the columns of one packed row."""
    (count,) = struct.unpack_from(">h", row)
    found: list[bytes | None] = []
    place = 2
    for _ in range(count):
        (size,) = struct.unpack_from(">i", row, place)
        place += 4
        found.append(None if size < 0 else row[place : place + size])
        place += max(size, 0)
    assert place == len(row)
    return found


def test_a_journal_row_has_its_seventeen_columns_in_order() -> None:
    found = cells(JournalPacker(300).pack([journal_row()]))
    assert found[:7] == [
        struct.pack(">q", 300), b"id", struct.pack(">i", 0), struct.pack(">q", 7), b"milestones.zefas",
        struct.pack(">q", 1000), b"k",
    ]  # fmt: skip
    assert found[9:] == [b"raw", struct.pack(">q", 5), b"DECODED", None, None, b"EntryReported", b"zefas", b"e"]


def test_headers_are_arrays_of_names_and_values_whatever_was_packed_before() -> None:
    packer = JournalPacker(1)
    for names, values in [
        (("a", "b"), (b"1", b"22")),
        (("a", "b"), (b"3", b"44")),
        (("a", "b"), (b"", b"x" * 70_000)),
        (("a", "b"), (None, b"44")),
        (("a\0", "a\0"), (b"5", b"6")),
        (("n",), (b"7",)),
    ]:
        found = cells(packer.pack([journal_row(headers=(names, values))]))
        clean = [name.replace("\0", "\ufffd").encode() for name in names]
        assert found[7] == pack_array(TEXT, clean)[4:]
        assert found[8] == pack_array(BYTEA, values)[4:]
    for nothing in ((), ((), ())):
        assert cells(packer.pack([journal_row(headers=nothing)]))[7:9] == [None, None]


def test_ids_count_up_and_absent_values_are_null() -> None:
    nothing = dict.fromkeys(("record_time", "key", "raw", "schema_id", "event_type", "publisher", "event_id"))
    packer = JournalPacker(8)
    first = packer.pack([journal_row(**nothing)])
    assert [place for place, cell in enumerate(cells(first)) if cell is None] == [5, 6, 9, 10, 12, 13, 14, 15, 16]
    assert cells(packer.pack([journal_row()]))[0] == struct.pack(">q", 9)


def test_lengths_count_bytes() -> None:
    assert pack_text("ä") == b"\0\0\0\x02\xc3\xa4"
    assert pack_bytes(bytes(5000))[:4] == struct.pack(">i", 5000)
    assert pack_bytes(None) == pack_text(None) == NULL
    assert pack_array(TEXT, []) == struct.pack(">iiii", 12, 0, 0, 25)


@pytest.mark.parametrize("values", [[], [""], ["a", 'say "so"', "back\\slash", "comma, brace {}", "null", " ä "]])
def test_array_literals_read_back_as_they_were(values: list[str]) -> None:
    loader = adapters.get_loader(adapters.types["text"].array_oid, Format.TEXT)
    assert loader is not None
    read = loader(adapters.types["text"].array_oid)
    assert read.load(texts(values).encode()) == values


def test_numbers_and_flags() -> None:
    assert (numbers([1, -2]), numbers([]), flags([True, False])) == ("{1,-2}", "{}", "{t,f}")
