"""Decompression with bounds, for a client that has none.

kafka-python unpacks whatever a batch holds, while the broker's size limit counts compressed bytes only: 870 KB on the
wire can be 900 MB in memory, and one such record would end every worker that meets it. Here a batch may unpack to
MOST_BYTES, and all batches of one poll together as well.
"""

from __future__ import annotations

import io
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import lz4.frame  # type: ignore[import-untyped]
import zstandard
from kafka.record import default_records

__all__ = ["MOST_BYTES", "BatchTooLargeError", "PollFullError", "bound_decompression", "one_poll"]

MOST_BYTES = 32 * 2**20
"""Far above what a producer puts into one batch: 1 MiB, by the topic's limit, if it does not compress."""

_ERRORS = (zlib.error, zstandard.ZstdError, EOFError, OSError, RuntimeError)
_poll = threading.local()


class BatchTooLargeError(ValueError):
    """A batch unpacks to more than MOST_BYTES, or does not unpack."""


class PollFullError(Exception):
    """What was unpacked in this poll is enough; the batch must be read again in another one."""


@contextmanager
def one_poll() -> Iterator[None]:
    """Bound what this thread unpacks inside; the first batch is always let through."""
    _poll.left = MOST_BYTES
    try:
        yield
    finally:
        _poll.left = None


def bound_decompression() -> None:
    """Make kafka-python unpack batches through this module, in the whole process; safe to repeat."""
    for name, unpack in (("gzip_decode", _gzip), ("lz4_decode", _lz4), ("zstd_decode", _zstd)):
        setattr(default_records, name, _bounded(unpack))


def _bounded(unpack: Callable[[bytes], bytes]) -> Callable[[Any], bytes]:
    def decode(payload: Any) -> bytes:
        try:
            found = unpack(bytes(payload))
        except _ERRORS as error:
            raise BatchTooLargeError(f"a batch does not unpack ({type(error).__name__})") from None
        size, left = len(found), getattr(_poll, "left", None)
        if size > MOST_BYTES:
            found = b""  # the error would hold it, through its trace, until somebody looks at it
            raise BatchTooLargeError(f"a batch unpacks to more than {MOST_BYTES} bytes")
        if left is not None:
            if size > left < MOST_BYTES:
                found = b""
                raise PollFullError
            _poll.left = left - size
        return found

    return decode


def _gzip(payload: bytes) -> bytes:
    found, rest = b"", payload
    while rest and len(found) <= MOST_BYTES:
        member = zlib.decompressobj(wbits=31)
        found += member.decompress(rest, MOST_BYTES + 1 - len(found))
        if not member.eof and len(found) <= MOST_BYTES:
            raise EOFError
        rest = member.unused_data
    return found


def _lz4(payload: bytes) -> bytes:
    found: bytes = lz4.frame.LZ4FrameDecompressor().decompress(payload, max_length=MOST_BYTES + 1)
    return found


def _zstd(payload: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(payload), read_across_frames=True) as reader:
        return reader.read(MOST_BYTES + 1)
