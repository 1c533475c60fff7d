"""The quick loop reads what the client reads, and leaves to it what is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from kafka.errors import CorruptRecordError
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from meilenstein.ingest.record_reader import LogRecord, _HeaderReader, _quick, _records, _Unusual

Record = tuple[int, bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]


def built(records: Sequence[Record], *, compression: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=compression, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=10**9,
    )  # fmt: skip
    for place, (timestamp, key, value, headers) in enumerate(records):
        builder.append(place, timestamp, key, value, list(headers))
    return bytes(builder.build())


def by_the_client(raw: bytes) -> list[LogRecord]:
    return [
        LogRecord(
            one.offset, one.timestamp, one.key, one.value,
            (tuple(name for name, _ in one.headers), tuple(value for _, value in one.headers)),
        )
        for one in DefaultRecordBatch(raw)
    ]  # fmt: skip


def by_us(raw: bytes, reader: _HeaderReader | None = None) -> list[LogRecord]:
    batch = DefaultRecordBatch(raw)
    batch._maybe_uncompress()
    return _quick(batch, bytes(batch._buffer), batch._pos, (reader or _HeaderReader()).read)


RECORDS: list[Record] = [
    (1_700_000_000_000, b"k", b"v", [("ce_id", b"1"), ("ce_time", b"2")]),
    (1_700_000_000_000, b"k", b"v", [("ce_id", b"3"), ("ce_time", b"4")]),
    (1_700_000_000_500, None, b"", []),
    (1_699_999_999_000, b"", None, [("a", None), ("a", b""), ("", b"x" * 200)]),
    (1_700_000_000_000, b"k" * 300, b"v" * 70_000, [("\u00e4" * 70, b"y" * 20_000)]),
    (1_700_000_000_000, b"k", b"v", [("ce_id", b"12"), ("ce_tim", b"4")]),
]


@pytest.mark.parametrize("compression", [0, 1, 3, 4])
def test_every_record_is_as_the_client_reads_it(compression: int) -> None:
    raw = built(RECORDS, compression=compression)
    assert by_us(raw) == by_the_client(raw)


def test_headers_of_one_length_are_told_apart() -> None:
    random, reader = Random(1), _HeaderReader()
    for _ in range(200):
        records: list[Record] = [
            (0, b"", b"", [(random.choice("ab") * random.randrange(4), random.choice([b"", b"1", b"22", None]))] * 2)
            for _ in range(20)
        ]
        raw = built(records)
        assert by_us(raw, reader) == by_the_client(raw)


def test_damaged_bytes_are_read_alike_or_given_back_to_the_client() -> None:
    random = Random(2)
    raw = built(RECORDS)
    begin = DefaultRecordBatch.HEADER_STRUCT.size
    alike = given_back = 0
    for _ in range(3000):
        damaged = bytearray(raw[: begin + 200] if random.random() < 0.2 else raw)
        damaged[random.randrange(begin, min(len(damaged), begin + 150))] = random.randrange(256)
        try:
            wanted = by_the_client(bytes(damaged))
        except (CorruptRecordError, ValueError, AssertionError):
            wanted = None
        try:
            found = by_us(bytes(damaged))
        except (_Unusual, IndexError, UnicodeDecodeError):
            given_back += 1
        else:
            assert found == wanted
            alike += 1
    assert alike > 100
    assert given_back > 100


def test_a_batch_that_is_given_back_fails_where_the_client_fails() -> None:
    raw = bytearray(built([(0, b"", b"v", [("good", b"1")]), (0, b"", b"v", [("name", b"2")])]))
    raw[raw.index(b"name")] = 0xFF
    read = iter(_records(DefaultRecordBatch(bytes(raw)), _HeaderReader().read))
    assert next(read).headers == (("good",), (b"1",))
    with pytest.raises(CorruptRecordError):
        next(read)
