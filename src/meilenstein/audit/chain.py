"""The form in which an entry of the audit trail is hashed; pure, standard library only.

Canonical form: one JSON object with the nine fields below, keys sorted, no spaces, every character outside printable
ASCII written as `\\uXXXX`, so that it is one line of ASCII whatever anybody typed. hash = SHA-256 of these bytes.
`verifier.py` writes the same form by code of its own, on purpose; a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping

__all__ = ["GENESIS", "canonical", "encode", "entry_hash", "head", "instant"]

GENESIS = bytes(32)
"""What the first entry (seq 1) names as the hash before it."""


def instant(at: dt.datetime) -> str:
    """Return an instant as ISO 8601 in UTC, always with microseconds; a naive time raises ValueError."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(
    *,
    seq: int,
    prev_hash: bytes,
    at: dt.datetime,
    actor: str,
    act: str,
    subject: str,
    outcome: str,
    reason: str,
    digest: str | None,
) -> bytes:
    """Return the bytes of an entry that are hashed; `subject` stands in them as `object`."""
    return encode(
        {
            "seq": seq,
            "prev_hash": prev_hash.hex(),
            "at": instant(at),
            "actor": actor,
            "act": act,
            "object": subject,
            "outcome": outcome,
            "reason": reason,
            "digest": digest,
        }
    )


def entry_hash(form: bytes) -> bytes:
    """Return the hash of an entry's canonical form."""
    return hashlib.sha256(form).digest()


def head(*, seq: int, hash_: bytes, at: dt.datetime) -> bytes:
    """Return what is published of an entry: its number, its hash, its time, and nothing of what was done."""
    return encode({"seq": seq, "hash": hash_.hex(), "at": instant(at)})


def encode(value: Mapping[str, object]) -> bytes:
    """Return the canonical form of a JSON object."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")
