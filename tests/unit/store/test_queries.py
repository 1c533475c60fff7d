"""Query files: blocks by name, each of ours complete."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from meilenstein.store.queries import load_queries, parse_queries

FOLDER = files("meilenstein.store") / "sql"
AGGREGATES = sorted(path.name.removesuffix(".sql") for path in FOLDER.iterdir() if path.name.endswith(".sql"))
STATEMENTS = {"select", "insert", "update", "delete", "with", "copy", "create", "drop", "set"}


def test_a_file_is_split_at_its_headings() -> None:
    text = "-- a remark\n\n-- name: first\nselect 1\n-- within\nfrom x\n\n-- name: second_2\nselect 2\n"
    assert parse_queries(text) == {"first": "select 1\n-- within\nfrom x", "second_2": "select 2"}


def test_a_file_without_headings_has_no_queries() -> None:
    assert parse_queries("select 1") == {}


def test_a_heading_inside_a_line_is_no_heading() -> None:
    assert parse_queries("-- name: only\nselect '-- name: other'") == {"only": "select '-- name: other'"}


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice: same"):
        parse_queries("-- name: same\nselect 1\n-- name: other\nselect 2\n-- name: same\nselect 3")


def test_every_query_file_of_the_store_can_be_loaded_and_holds_whole_statements() -> None:
    assert len(AGGREGATES) >= 8
    for aggregate in AGGREGATES:
        queries = load_queries(aggregate)
        assert queries, aggregate
        for name, text in queries.items():
            query = re.sub(r"--.*", "", text)
            assert query.split()[0] in STATEMENTS, f"{aggregate}.{name}"
            assert ";" not in query, f"{aggregate}.{name}: one statement each"
