"""CSV that no spreadsheet takes for formulas, and that any reader of RFC 4180 reads back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meilenstein.stewardship.export import safe_cell, write_csv

HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", '=HYPERLINK("http://x";"y")', "=1\r\n+2",
    '"=1"', ",=1",
)  # fmt: skip


def written(*cells: str) -> str:
    out = io.StringIO(newline="")
    columns = tuple(f"c{number}" for number in range(len(cells)))
    assert write_csv(out, columns, iter([dict(zip(columns, cells, strict=True))])) == 1
    return out.getvalue()


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    (_, (read, beside)) = csv.reader(io.StringIO(written(cell, "x"), newline=""))
    assert read[0] not in "=+-@\t\r\n＝＋－＠"
    assert read in (cell, f"'{cell}")
    assert beside == "x"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
def test_every_text_is_read_back_but_for_the_apostrophe(cells: list[str]) -> None:
    (_, read) = csv.reader(io.StringIO(written(*cells), newline=""))
    assert read == [safe_cell(cell) for cell in cells]
    assert [cell[1:] if cell != own else cell for cell, own in zip(read, cells, strict=True)] == cells


def test_lines_end_as_rfc_4180_has_it_and_nothing_is_a_missing_value() -> None:
    out = io.StringIO(newline="")
    rows = [{"item": 1, "codes": ["A", "B"], "event": {"a": [1]}, "of": None}]
    write_csv(out, ("item", "codes", "event", "of"), iter(rows))
    assert out.getvalue() == 'item,codes,event,of\r\n1,"A, B","{""a"":[1]}",\r\n'
