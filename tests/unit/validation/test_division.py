"""Rows that are judged together are alike in all that their rules look at, and none is left out."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from tests.unit.validation.test_column_filing import sheet_of

from meilenstein.bench.events import bench_events
from meilenstein.validation.column_part import AlikePart, ColumnPart
from meilenstein.validation.division import divided
from meilenstein.validation.parts import RowPart
from meilenstein_expectations import load_suites

SUITES = load_suites()
COLUMNS = SUITES.common_columns()
ODD = ({"sent_by": "x"}, {"district_ags": "1"}, {"source_system": ""}, {"recorded_at": None}, {"district_ags": None})


def part_of(count: int) -> ColumnPart:
    """Return a part of so many inquiries, one in ten of them unusual."""
    chance = random.Random(5)
    plain = [event.body for event in bench_events(14 * count) if event.event_type == "InquiryReceived"][:count]
    sheet = sheet_of(
        "InquiryReceived", [body | (chance.choice(ODD) if chance.random() < 0.1 else {}) for body in plain]
    )
    group: Any = sheet.group
    return ColumnPart(group, sheet.keys)


def test_every_row_stands_behind_exactly_one_that_is_alike_in_the_columns_of_the_rules() -> None:
    part = part_of(2000)
    (_, whole), (shared, (alike,)) = divided(SUITES.common, COLUMNS, [part])
    assert whole == [part]
    assert isinstance(alike, AlikePart)
    assert len(alike.keys) < len(part.keys) / 4
    assert sorted(member for key in alike.keys for member in alike.members(key)) == sorted(part.keys)
    columns = shared.columns(COLUMNS)
    kinds = set()
    for key in alike.keys:
        members = alike.members(key)
        assert members[0] == key
        (kind,) = {tuple(part.row(member)[name] for name in columns) for member in members}
        kinds.add(kind)
    assert len(kinds) == len(alike.keys), "two rows stand for the same kind"


def test_every_rule_is_in_exactly_one_piece_and_those_on_identifiers_see_every_row() -> None:
    (own, whole), (shared, alike) = divided(SUITES.common, COLUMNS, [part_of(2000)])
    assert sorted(rule.id for rule in own.rules + shared.rules) == sorted(rule.id for rule in SUITES.common.rules)
    assert {"event_id", "case_reference", "sequence"} <= {name for rule in own.rules for name in rule.columns}
    assert sum(len(part.keys) for part in whole) == 2000
    assert len(alike) == 1


def test_few_rows_and_rules_in_sql_are_judged_whole() -> None:
    few = [part_of(100)]
    assert list(divided(SUITES.common, COLUMNS, few)) == [(SUITES.common, few)]
    rule = replace(SUITES.common.rules[1], kwargs={"unexpected_rows_query": "select jid from {batch} where false"})
    many, suite = [part_of(2000)], replace(SUITES.common, rules=(rule,))
    assert list(divided(suite, COLUMNS, many)) == [(suite, many)]


def test_rows_that_were_projected_one_by_one_stand_for_themselves() -> None:
    rows = RowPart([(3, {"sent_by": "x"}), (4, {"sent_by": "x"})])
    assert rows.alike({"sent_by": "text"}) is rows
    assert [list(rows.members(key)) for key in rows.keys] == [[3], [4]]
