"""What recipients are told: only changes of their own view, versions that grow, and what kind of change it was."""

from __future__ import annotations

import uuid

import orjson
import pytest

from meilenstein.reconciliation.feeds import CaseNews, changed_paths, strongest_change, tell
from meilenstein.store.cases import Feed

CASE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def told(views, change="PROGRESS", case_id=CASE):
    return CaseNews(
        case_id=case_id,
        change=change,
        views={agency: orjson.dumps(view) for agency, view in views.items()},
        parts={agency: tuple(view) for agency, view in views.items()},
        own_references={"zefas": ({"agency": "zefas", "kind": "CASE", "reference": "Z-1"},)},
    )


def feed(view, *, version=3, state="ACTIVE", recipient="zefas", case_id=CASE):
    return Feed(
        recipient=recipient,
        case_id=case_id,
        key=uuid.UUID(int=9),
        version=version,
        state=state,
        view=None if view is None else orjson.dumps(view),
    )


def values(news):
    return [orjson.loads(message.value) for _, message in news]


def test_a_new_recipient_gets_version_one_under_a_random_key():
    ((row, message),) = tell([told({"zefas": {"own": 1}})], [], [])
    assert (message.topic, message.recipient, message.key) == ("cases.zefas", "zefas", str(row.key))
    assert orjson.loads(message.value) == {
        "version": 1, "state": "ACTIVE", "change": "PROGRESS", "changed": ["own"],
        "references": [{"agency": "zefas", "kind": "CASE", "reference": "Z-1"}], "view": {"own": 1},
    }  # fmt: skip


def test_an_unchanged_view_is_not_told_again():
    assert list(tell([told({"zefas": {"own": 1}})], [], [feed({"own": 1})])) == []


def test_a_changed_view_keeps_its_key_and_names_what_changed():
    ((row, message),) = tell(
        [told({"zefas": {"own": 1, "entry": 2}}, "CORRECTION")], [], [feed({"own": 1, "outcome": 3})]
    )
    assert (row.version, row.key) == (4, uuid.UUID(int=9))
    value = orjson.loads(message.value)
    assert (value["change"], value["changed"]) == ("CORRECTION", ["entry", "outcome"])


def test_a_view_that_ends_is_revoked_without_facts():
    ((row, message),) = tell([told({})], [], [feed({"own": 1})])
    assert (row.state, row.version, row.view) == ("REVOKED", 4, None)
    assert orjson.loads(message.value) == {
        "version": 4, "state": "REVOKED", "change": "PROGRESS", "changed": [], "references": [], "view": None,
    }  # fmt: skip
    assert list(tell([told({})], [], [row])) == [], "a revocation is told once"


def test_a_revoked_view_that_comes_back_goes_on_counting():
    ((row, _),) = tell([told({"zefas": {"own": 1}}, "UNMERGE")], [], [feed(None, version=4, state="REVOKED")])
    assert (row.version, row.state) == (5, "ACTIVE")


def test_the_losing_side_of_a_merge_is_revoked_for_all_who_knew_it():
    known = [feed({"own": 1}), feed({"own": 2}, recipient="lds", case_id=OTHER)]
    news = list(tell([told({"zefas": {"own": 1}}, "MERGE")], [OTHER], known))
    assert [(row.recipient, row.case_id, row.state) for row, _ in news] == [("lds", OTHER, "REVOKED")]
    assert values(news)[0]["change"] == "MERGE"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ([], "RECALCULATION"),
        (["PROGRESS", "RECALCULATION"], "PROGRESS"),
        (["PROGRESS", "CORRECTION", "RETRACTION"], "RETRACTION"),
        (["RULE_CHANGE", "RECALCULATION"], "RULE_CHANGE"),
    ],
)
def test_the_change_that_explains_most_is_named(changes, named):
    assert strongest_change(changes) == named


def test_changed_paths_are_the_parts_that_differ():
    assert changed_paths(b'{"a":1}', b'{"b":1,"a":1}') == ["b"]
    assert changed_paths(b'{"a":1,"b":2}', b'{"a":1,"b":3}') == ["b"]
