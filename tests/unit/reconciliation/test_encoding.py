"""The faster encoder writes the bytes of the reference, whatever a case can hold."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meilenstein.cases import canonical
from meilenstein.cases.events import FileKey, Identifier
from meilenstein.reconciliation.encoding import encode

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SINGLE = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | TEXTS
    | st.dates()
    | st.datetimes(timezones=st.just(dt.UTC))
    | st.builds(Identifier, TEXTS, TEXTS, TEXTS)
    | st.builds(FileKey, TEXTS, TEXTS, st.booleans())
    | st.frozensets(TEXTS, max_size=4)
)
VALUES = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(TEXTS, inner, max_size=4),
)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_every_value_has_the_bytes_of_the_reference(value: object) -> None:
    assert encode(value) == canonical.encode(value)


def test_every_character_has_the_bytes_of_the_reference() -> None:
    text = "".join(map(chr, [*range(0x3000), 0xFEFF, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF]))
    assert encode({text: text}) == canonical.encode({text: text})


def test_keys_are_sorted_as_by_the_reference_beyond_the_basic_plane_as_well() -> None:
    keys = {chr(code): code for code in (0x7F, 0xE000, 0xFFFF, 0x10000, 0x10FFFF, 0x41)}
    assert encode(keys) == canonical.encode(keys)


@pytest.mark.parametrize("value", [b"bytes", object(), 1j])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    for encoder in (encode, canonical.encode):
        with pytest.raises(TypeError):
            encoder({"a": value})
