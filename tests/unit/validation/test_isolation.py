"""Rows that break a rule are found by halving, and a rule that breaks everywhere is at fault itself."""

from __future__ import annotations

import pytest

from meilenstein.validation.isolation import TooManyBroken, isolate


def rule(*, violating=(), breaking=()):
    """A rule that cannot be evaluated as soon as one of some rows is among those it is run on."""
    runs = []

    def evaluate(part):
        runs.append(len(part))
        return None if set(part) & set(breaking) else [key for key in part if key in violating]

    return evaluate, runs


def test_only_the_rows_that_break_the_rule_alone_are_named():
    evaluate, _ = rule(violating={3, 40, 77}, breaking={5, 41})
    assert isolate(evaluate, range(100), most=10) == ([3, 40, 77], [5, 41])


def test_a_rule_that_recovers_is_simply_judged():
    evaluate, runs = rule(violating={1})
    assert isolate(evaluate, range(100), most=10) == ([1], [])
    assert runs == [100]


def test_one_broken_row_among_thousands_costs_a_few_runs():
    evaluate, runs = rule(breaking={1234})
    assert isolate(evaluate, range(4096), most=10) == ([], [1234])
    assert len(runs) == 25


def test_a_single_row_may_break_a_rule():
    evaluate, _ = rule(breaking={0})
    assert isolate(evaluate, [0], most=10) == ([], [0])


@pytest.mark.parametrize("breaking", [range(2), range(11)])
def test_a_rule_that_breaks_on_every_row_or_too_many_is_at_fault_itself(breaking):
    evaluate, _ = rule(breaking=set(breaking))
    keys = range(2) if len(breaking) == 2 else range(1000)
    with pytest.raises(TooManyBroken):
        isolate(evaluate, keys, most=10)
