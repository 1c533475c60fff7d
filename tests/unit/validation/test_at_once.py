"""Rows that are judged together are alike in all that their rules look at, and none is left out."""

from __future__ import annotations

import random
from typing import Any, Self

import pyarrow as pa
import pytest
from psycopg import sql
from tests.unit.validation.test_column_filing import sheet_of

from meilenstein.bench.events import bench_events
from meilenstein.validation.abreast import Abreast, Lot
from meilenstein.validation.at_once import divide, rules_alike
from meilenstein.validation.column_part import ColumnPart
from meilenstein.validation.copy_columns import copy_stream
from meilenstein.validation.judgement import JudgeFailed
from meilenstein.validation.parts import RowPart
from meilenstein_expectations import load_suites
from meilenstein_expectations.projection import columns

SUITES = load_suites()
COLUMNS = SUITES.common_columns()
ODD = ({"sent_by": "x"}, {"district_ags": "1"}, {"source_system": ""}, {"recorded_at": None}, {"district_ags": None})


def part_of(event_type: str, count: int, first: int = 0) -> ColumnPart:
    """Return a part of so many events, one in ten of them unusual."""
    chance = random.Random(5)
    plain = [event.body for event in bench_events(14 * count) if event.event_type == event_type][:count]
    events = [body | (chance.choice(ODD) if chance.random() < 0.1 else {}) for body in plain]
    sheet = sheet_of(event_type, events)
    group: Any = sheet.group
    return ColumnPart(group, [first + key for key in sheet.keys])


def test_every_row_stands_behind_exactly_one_that_is_alike_in_the_columns_of_the_rules() -> None:
    part = part_of("InquiryReceived", 200)
    looked_at = divide(SUITES.common)[1].columns(COLUMNS)
    alike = part.alike(looked_at)
    assert len(alike.keys) < len(part.keys) / 2
    assert sorted(member for key in alike.keys for member in alike.members(key)) == sorted(part.keys)
    kinds = set()
    for key in alike.keys:
        members = alike.members(key)
        assert members[0] == key
        (kind,) = {tuple(row[name] for name in looked_at) for row in part.rows(members, list(looked_at))}
        kinds.add(kind)
    assert len(kinds) == len(alike.keys), "two rows stand for the same kind"
    found = [column.to_pylist() for _, column in alike.cells()]
    rows = [dict(zip(looked_at, row, strict=True)) for row in zip(*found, strict=True)]
    assert rows == part.rows(alike.keys, list(looked_at))


def test_every_rule_is_in_exactly_one_piece_and_those_on_identifiers_see_every_row() -> None:
    each, kinds = divide(SUITES.common)
    assert sorted(rule.id for rule in each.rules + kinds.rules) == sorted(rule.id for rule in SUITES.common.rules)
    assert {"event_id", "case_reference", "sequence"} <= {name for rule in each.rules for name in rule.columns}
    assert len(kinds.rules) > len(each.rules)


class Sink:
    """Takes the place of the connection and of its cursor and stream."""

    def __init__(self) -> None:
        self.stream = b""

    def cursor(self) -> Sink:
        return self

    def copy(self, _: Any) -> Sink:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, piece: bytes) -> None:
        self.stream += piece


def test_rows_side_by_side_stand_for_the_events_of_their_own_lot() -> None:
    few, many = part_of("ConsentWithdrawn", 3, first=100), part_of("EntryReported", 5, first=200)
    table = abreast(few, many)
    assert list(table.keys) == [0, 1, 2, 3, 4]
    assert list(table.columns) == ["l0_consent_id", "l1_references_count", "l1_district_ags"]
    assert [(rule.id, rule.kwargs["column"]) for rule in table.rules] == [
        ("CW-001", "l0_consent_id"), ("ER-001", "l1_district_ags"), ("ER-002", "l1_references_count")
    ]  # fmt: skip
    assert table.violating("CW-001", [0, 2, 3, 4]) == {"CW-001": [few.keys[0], few.keys[2]]}, "what fills up is nobody"
    assert table.violating("ER-001", [4]) == {"ER-001": [many.keys[4]]}
    assert table.violating("ER-001", ()) == {"ER-001": []}
    with pytest.raises(JudgeFailed, match="ER-001: rows are named that are not in the batch"):
        table.violating("ER-001", [5])


def test_what_rules_say_alike_of_several_types_is_evaluated_once_and_told_under_the_id_of_each() -> None:
    parts = {
        "DocumentsComplete": part_of("DocumentsComplete", 4),
        "ApplicationReceived": part_of("ApplicationReceived", 3, first=200),
    }
    groups = list(rules_alike(SUITES, {name: [part] for name, part in parts.items()}))
    assert sum(len(alike) for alike in groups) == sum(len(SUITES.own[name].rules) for name in parts)
    (both,) = [alike for alike in groups if {rule.id for rule, _ in alike} == {"DC-001", "AR-001"}]
    lot = Lot.of_rules_alike(both)
    assert [list(rule.columns) for rule in lot.rules] == [["c0"]]
    assert len(lot.rows) == 7
    (rule,) = lot.rules
    complete, received = parts["DocumentsComplete"].keys, parts["ApplicationReceived"].keys
    assert {name: sorted(keys) for name, keys in lot.violating(rule, range(7)).items()} == {
        "DC-001": sorted(complete), "AR-001": sorted(received),
    }  # fmt: skip
    told = [one for one, keys in lot.violating(rule, [5]).items() if keys]
    assert len(told) == 1, "a row is told under the id of its own type"


def abreast(withdrawn: ColumnPart, entries: ColumnPart) -> Abreast:
    return Abreast(
        [
            Lot.of_suite(SUITES.own[name].rules, SUITES.own[name].columns(COLUMNS), [part])
            for name, part in (("ConsentWithdrawn", withdrawn), ("EntryReported", entries))
        ]
    )


def test_a_short_lot_is_filled_up_with_what_breaks_no_rule_by_itself() -> None:
    table = abreast(part_of("ConsentWithdrawn", 5), few := part_of("EntryReported", 3))
    sink: Any = Sink()
    table.load(sink, sql.Identifier("x"), table.columns)
    consent = [f"C-{number:07d}" for number in range(5)]
    counts, ags = ([row[name] for row in few.rows(few.keys, [name])] for name in ("references_count", "district_ags"))
    expected = [
        ("bigint", pa.array(range(5))),
        ("text", pa.array(consent)),
        ("bigint", pa.array([*counts, None, None], pa.int64())),
        ("text", pa.array([*ags, ags[-1], ags[-1]])),
    ]
    assert sink.stream == b"".join(copy_stream(expected))


def test_single_rows_make_the_same_columns() -> None:
    part = part_of("ConsentWithdrawn", 20)
    wanted = columns("ConsentWithdrawn")
    everything = part.rows(part.keys, list({**COLUMNS, **wanted}))
    rows = RowPart(list(zip(part.keys, everything, strict=True)))
    assert [one.to_pylist() for _, one in rows.columns(wanted)] == [one.to_pylist() for _, one in part.columns(wanted)]
    assert rows.alike(COLUMNS).keys == part.alike(COLUMNS).keys
