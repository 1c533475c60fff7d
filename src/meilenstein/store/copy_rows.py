"""Journal rows in PostgreSQL's binary COPY format, packed here: the driver's way costs four times as much a row.

What most rows of a batch share (topic, states, names of headers, schema) is packed once.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from meilenstein.store.copy_format import BYTEA, INT8, NULL, TEXT, pack_array, pack_bytes
from meilenstein.store.journal_row import JournalRow

__all__ = ["JournalPacker"]

_HEAD = struct.Struct(">hiq").pack
_COLUMNS = 17
_EPOCH = 946_684_800_000
"""2000-01-01, from which PostgreSQL counts, in milliseconds since 1970."""
_MOST_KEPT = 2000


class JournalPacker:
    """Packs the rows of one batch; journal ids count up from `first_id`."""

    def __init__(self, first_id: int) -> None:
        self._next_id = first_id
        self._packer = _Packer()

    def pack(self, rows: Sequence[JournalRow]) -> bytes:
        """Return the next part of the stream."""
        part: list[bytes] = []
        for row in rows:
            self._packer.add(part, self._next_id, row)
            self._next_id += 1
        return b"".join(part)


class _Packer:
    """Packs rows; keeps what was packed before."""

    def __init__(self) -> None:
        self._texts: dict[str | None, bytes] = {}
        self._names: dict[tuple[str, ...], bytes] = {}
        self._values_of: dict[tuple[int, ...], tuple[list[Any], Callable[..., bytes]]] = {}
        self._places: dict[tuple[str, int], bytes] = {}
        self._states: dict[tuple[int | None, str, str | None, str | None, str | None], bytes] = {}

    def add(self, part: list[bytes], journal_id: int, row: JournalRow) -> None:
        """Append the pieces of one row, in the order of the columns of `copy` in journal.sql."""
        raw, event_id = row.raw, row.event_id
        part += (
            _HEAD(_COLUMNS, 8, journal_id),
            self._place(row.topic_id, row.partition),
            INT8(8, row.offset),
            self._text(row.topic),
            _time(row.record_time),
            pack_bytes(row.key),
            self._headers(row.headers),
            pack_bytes(raw),
            self._state(row),
            self._text(row.publisher),
            pack_bytes(None if event_id is None else event_id.encode()),
        )

    def _place(self, topic_id: str, partition: int) -> bytes:
        known = self._places.get((topic_id, partition))
        if known is None:
            known = self._text(topic_id) + struct.pack(">ii", 4, partition)
            self._places[topic_id, partition] = known
        return known

    def _text(self, text: str | None) -> bytes:
        known = self._texts.get(text)
        if known is None:
            known = pack_bytes(None if text is None else text.encode())
            if len(self._texts) < _MOST_KEPT:
                self._texts[text] = known
        return known

    def _state(self, row: JournalRow) -> bytes:
        key = (row.schema_id, row.decode_state, row.refusal_code, row.refusal_detail, row.event_type)
        known = self._states.get(key)
        if known is None:
            known = NULL if row.schema_id is None else INT8(8, row.schema_id)
            known += b"".join(self._text(text) for text in key[1:])
            if len(self._states) < _MOST_KEPT:
                self._states[key] = known
        return known

    def _headers(self, headers: tuple[Sequence[str], Sequence[bytes | None]] | tuple[()]) -> bytes:
        """Return the columns of names and values."""
        if not headers or not headers[0]:
            return NULL + NULL
        names, values = tuple(headers[0]), headers[1]
        known = self._names.get(names)
        if known is None:
            texts = [name.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode() for name in names]
            known = pack_array(TEXT, texts)
            if len(self._names) < _MOST_KEPT:
                self._names[names] = known
        return known + self._values(values)

    def _values(self, values: Sequence[bytes | None]) -> bytes:
        if None in values:
            return pack_array(BYTEA, values)
        sizes = tuple(map(len, values))  # type: ignore[arg-type]  # none of them is None
        known = self._values_of.get(sizes)
        if known is None:
            known = _values_packer(sizes)
            if len(self._values_of) < _MOST_KEPT:
                self._values_of[sizes] = known
        fixed, pack = known
        fixed[1::2] = values
        return pack(*fixed)


def _values_packer(sizes: Sequence[int]) -> tuple[list[Any], Callable[..., bytes]]:
    """Return the pieces of an array of values of these sizes, with room for the values, and what joins them."""
    whole = pack_array(BYTEA, [bytes(size) for size in sizes])
    form, pieces, at = "", [], 0
    place = len(whole) - sum(sizes) - 4 * len(sizes)
    for size in sizes:
        place += 4
        form += f"{place - at}s{size}s"
        pieces += [whole[at:place], b""]
        at = place = place + size
    return pieces, struct.Struct(form).pack


def _time(milliseconds: int | None) -> bytes:
    return NULL if milliseconds is None else INT8(8, (milliseconds - _EPOCH) * 1000)
