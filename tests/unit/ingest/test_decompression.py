"""What a batch unpacks to is bounded, alone and together with the others of one poll."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import lz4.frame
import pytest
import zstandard
from kafka.record import default_records

from meilenstein.ingest import decompression
from meilenstein.ingest.decompression import BatchTooLargeError, PollFullError, bound_decompression, one_poll

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip_decode": gzip.compress,
    "lz4_decode": lz4.frame.compress,
    "zstd_decode": zstandard.ZstdCompressor().compress,
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompression, "MOST_BYTES", 1000)
    for name in PACK:
        monkeypatch.setattr(default_records, name, None)  # put back afterwards
    bound_decompression()


def unpack(name: str, data: bytes) -> bytes:
    found: bytes = getattr(default_records, name)(memoryview(PACK[name](data)))
    return found


@pytest.mark.parametrize("name", PACK)
def test_up_to_the_bound_a_batch_unpacks_to_what_was_packed(name: str) -> None:
    for data in (b"", b"abc" * 100, bytes(1000)):
        assert unpack(name, data) == data


@pytest.mark.parametrize("name", PACK)
def test_one_byte_more_is_refused(name: str) -> None:
    with pytest.raises(BatchTooLargeError):
        unpack(name, bytes(1001))
    with pytest.raises(BatchTooLargeError):
        unpack(name, bytes(10_000_000))


@pytest.mark.parametrize("name", PACK)
def test_bytes_that_do_not_unpack_are_refused_as_well(name: str) -> None:
    with pytest.raises(BatchTooLargeError):
        getattr(default_records, name)(b"nonsense that no program packed")


def test_several_parts_in_one_stream_are_bounded_together() -> None:
    parts = gzip.compress(b"a" * 400) + gzip.compress(b"b" * 400)
    assert default_records.gzip_decode(parts) == b"a" * 400 + b"b" * 400  # type: ignore[attr-defined]
    with pytest.raises(BatchTooLargeError):
        default_records.gzip_decode(parts + gzip.compress(b"c" * 400))  # type: ignore[attr-defined]
    frames = PACK["zstd_decode"](b"a" * 600) * 2
    with pytest.raises(BatchTooLargeError):
        default_records.zstd_decode(frames)  # type: ignore[attr-defined]


def test_a_truncated_stream_is_refused() -> None:
    with pytest.raises(BatchTooLargeError):
        default_records.gzip_decode(gzip.compress(b"abc" * 100)[:-20])  # type: ignore[attr-defined]


def test_the_batches_of_one_poll_are_bounded_together_but_the_first_always_passes() -> None:
    with one_poll():
        assert len(unpack("zstd_decode", bytes(1000))) == 1000
        with pytest.raises(PollFullError):
            unpack("gzip_decode", bytes(1))
    with one_poll():
        unpack("gzip_decode", bytes(600))
        unpack("gzip_decode", bytes(400))
        with pytest.raises(PollFullError):
            unpack("gzip_decode", bytes(1))
    for _ in range(3):
        unpack("gzip_decode", bytes(1000))  # outside of a poll each batch stands for itself
