"""The canonical form of an audit entry: fixed for ever, whatever anybody types."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meilenstein.audit import verifier
from meilenstein.audit.chain import GENESIS, canonical, entry_hash, head, instant
from meilenstein.audit.export import export_line
from meilenstein.store.audit import AuditRow
from meilenstein_schemas.visible import visible

AT = dt.datetime(2026, 11, 21, 13, 5, 0, 42, tzinfo=dt.timezone(dt.timedelta(hours=1)))
ENTRY = {
    "seq": 1,
    "prev_hash": GENESIS,
    "at": AT,
    "actor": "a.müller",
    "act": "quarantine.release",
    "subject": "item:17",
    "outcome": "DONE",
    "reason": 'checked\n"twice"\x7f\u2028',
    "digest": "ab" * 32,
}
FORM = (
    b'{"act":"quarantine.release","actor":"a.m\\u00fcller","at":"2026-11-21T12:05:00.000042Z",'
    b'"digest":"abababababababababababababababababababababababababababababababab","object":"item:17",'
    b'"outcome":"DONE","prev_hash":"0000000000000000000000000000000000000000000000000000000000000000",'
    b'"reason":"checked\\n\\"twice\\"\\u007f\\u2028","seq":1}'
)
HASH = "683e112e83a1091c0a956211148b319f38bd260235ccc1658faed9442d13bb97"

texts = st.text(max_size=40)
rows = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 10**12),
        "prev_hash": st.binary(min_size=32, max_size=32),
        "at": st.datetimes(min_value=dt.datetime(1970, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
        **dict.fromkeys(("actor", "act", "subject", "outcome", "reason"), texts),
        "digest": st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
    }
)


def test_the_form_and_the_hash_of_an_entry_never_change() -> None:
    assert canonical(**ENTRY) == FORM
    assert entry_hash(FORM).hex() == HASH == hashlib.sha256(FORM).hexdigest()
    assert head(seq=1, hash_=entry_hash(FORM), at=AT) == (
        f'{{"at":"2026-11-21T12:05:00.000042Z","hash":"{HASH}","seq":1}}'.encode()
    )


@given(rows)
def test_any_entry_is_one_line_of_printable_ascii(row: dict[str, object]) -> None:
    form = canonical(**row).decode("ascii")
    assert form.isprintable()
    assert json.loads(form)["object"] == row["subject"]


@given(rows)
def test_the_verifier_hashes_an_exported_entry_as_the_chain_does(row: dict[str, object]) -> None:
    hashed = entry_hash(canonical(**row))
    line = export_line(AuditRow(**row, hash=hashed))
    assert verifier.canonical(json.loads(line)) == line.encode()
    assert verifier._hash(json.loads(line)) == hashed.hex()


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        instant(dt.datetime(2026, 1, 1))  # noqa: DTZ001


def test_what_could_break_a_line_or_not_be_stored_is_made_visible() -> None:
    assert visible("a\nb\x00c\x1b[31m\u202e\ud800ü") == "a\\u000ab\\u0000c\\u001b[31m\\u202e\\ud800ü"
