"""Durations: shown where the published numbers alone tell that the group is large, and telling nothing of its size."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.kpi.samples import DIRECTORY, MONTH, RULES
from tests.unit.kpi.test_tables import made, random_figures

from meilenstein.kpi.columns import DECIDED, columns_of
from meilenstein.kpi.durations import quantile, share_of
from meilenstein.kpi.figures import Durations, Figures
from meilenstein.kpi.protection import class_of

BODY, DISTRICT = "hwk-dresden", "14612"
FAST = "FAST_TRACK_81A"


def took(number, within=None):
    return Durations(days=Counter({90: number}), within=number if within is None else within)


def month_of(ended, *, clocks=("C03",), route="REGULAR", **columns):
    """Return figures of one body in one district, in which each of the clocks stopped so often."""
    figures = Figures(MONTH, DIRECTORY, RULES)
    groups = {"REGION": DISTRICT, "BODY": BODY, "TRAINING": "THIRD_STATE", "ROUTE": route}
    for breakdown, group in groups.items():
        figures.procedures.update({(breakdown, group, column): n for column, n in columns.items()})
        cell = ("AGENCY" if breakdown == "BODY" else breakdown, group)
        for clock in clocks:
            figures.durations.setdefault(clock, {})[cell] = took(ended)
    return figures


def referred(ended, clock, **columns):
    """Return figures of the referrals from the service desk to one body."""
    figures = Figures(MONTH, DIRECTORY, RULES)
    agency = BODY if clock == "S01" else "zefas"
    for breakdown, group in (("REGION", DISTRICT), ("SENDER", "zefas"), ("TARGET", BODY)):
        figures.referrals.update({(breakdown, group, column): n for column, n in columns.items()})
    for cell in (("REGION", DISTRICT), ("AGENCY", agency)):
        figures.durations.setdefault(clock, {})[cell] = took(ended)
    return figures


def shown(figures, minimum=10):
    return {(row["clock"], row["level"], row["key"]) for row in made(figures, minimum)["durations"].rows}


def test_two_outcomes_of_two_are_not_told_by_how_often_their_clock_stopped():
    """3 and 3 under `decisions` of 6 may be anything; nothing of the durations is counted any more."""
    figures = month_of(4, full_equivalence=2, negative=2)
    assert made(figures)["durations"].rows == []
    assert not {"ended", "within"} & set(columns_of("durations"))


@pytest.mark.parametrize(("outcomes", "are"), [((5, 4), False), ((4, 4), False), ((5, 5), True), ((7, 7), True)])
def test_a_body_shows_durations_where_its_outcomes_alone_tell_that_it_is_large(outcomes, are):
    """5 and 5 are published as 6 and 6, which are 10 at least; 5 and 4 as 6 and 3."""
    figures = month_of(sum(outcomes), full_equivalence=outcomes[0], negative=outcomes[1])
    assert (("C03", "AGENCY", BODY) in shown(figures)) is are


@pytest.mark.parametrize("outcomes", [(4, 4, 4), (3, 4, 3)])
def test_a_group_that_is_large_but_does_not_look_it_shows_none(outcomes):
    names = ("full_equivalence", "negative", "partial_access")
    assert shown(month_of(sum(outcomes), **dict(zip(names, outcomes, strict=True)))) == set()


def test_a_group_of_which_the_clock_stopped_seldom_shows_none():
    assert shown(month_of(9, full_equivalence=60)) == set()


@pytest.mark.parametrize(("ended", "are"), [(10, False), (11, True)])
@pytest.mark.parametrize("clock", ["C01"])
def test_ten_receipts_show_none_because_they_are_published_as_nine(clock, ended, are):
    figures = month_of(ended, clocks=(clock,), receipts_confirmed=ended)
    assert (("C01", "AGENCY", BODY) in shown(figures)) is are


def test_the_answers_to_referrals_stand_at_their_target_and_the_first_answer_to_an_inquiry_at_its_sender():
    answers = referred(10, "S01", accepted=5, declined=5)
    assert shown(answers) == {
        ("S01", "LAND", "SN"), ("S01", "DIREKTIONSBEZIRK", "DRESDEN"), ("S01", "DISTRICT", DISTRICT),
        ("S01", "AGENCY", BODY),
    }  # fmt: skip
    assert shown(referred(10, "S01", accepted=4, declined=6)) == set()
    assert ("S02", "AGENCY", "zefas") in shown(referred(11, "S02", sent=11))
    assert shown(referred(10, "S02", sent=10)) == set(), "beside `sent` of 9 that would tell that it is 10"


def test_a_clock_that_ends_by_nothing_that_is_counted_needs_its_true_minimum_only():
    assert ("C10", "AGENCY", BODY) in shown(month_of(10, clocks=("C10",)))
    assert shown(month_of(9, clocks=("C10",))) == set()


def test_two_clocks_that_end_by_the_same_numbers_are_shown_only_where_these_tell_twice_the_minimum():
    """Two outcomes of 9 and two clocks of 10 would be exactly 10 each."""
    assert shown(month_of(10, clocks=("C03", "C04"), full_equivalence=10, negative=10)) == {
        ("C03", level, key)
        for level, key in (
            ("LAND", "SN"), ("DIREKTIONSBEZIRK", "DRESDEN"), ("DISTRICT", DISTRICT), ("AGENCY", BODY),
        )
    }  # fmt: skip
    both = month_of(11, clocks=("C03", "C04"), full_equivalence=11, negative=11)
    assert {clock for clock, level, _ in shown(both) if level == "AGENCY"} == {"C03", "C04"}


def test_a_clock_of_one_route_needs_the_minimum_in_the_numbers_of_that_route():
    """C02 runs on the fast track only: shown beside 9 receipts of that route it would tell that they are 10."""
    for number, are in ((10, False), (11, True)):
        figures = month_of(number, clocks=("C02",), route=FAST, receipts_confirmed=number)
        for breakdown, group in (("REGION", DISTRICT), ("BODY", BODY), ("TRAINING", "THIRD_STATE")):
            figures.procedures[breakdown, group, "receipts_confirmed"] = 60
        figures.procedures["ROUTE", "REGULAR", "receipts_confirmed"] = 60 - number
        assert (("C02", "LAND", "SN") in shown(figures), ("C02", "ROUTE", FAST) in shown(figures)) == (are, are)
    small = month_of(20, clocks=("C02",), route=FAST, receipts_confirmed=20)
    assert shown(small) == set(), "a Land of 20 has no routes"


@given(st.integers(min_value=0, max_value=10_000), st.sampled_from([40, 400, 3000]), st.sampled_from([5, 10, 25]))
@settings(max_examples=15, deadline=None)
def test_every_group_that_shows_durations_is_large_by_its_published_numbers(seed, cases, minimum):
    figures = random_figures(seed, cases)
    tables = made(figures, minimum)
    cells = {(row["level"], row["key"]): row for row in tables["procedures"].rows}
    for row in tables["durations"].rows:
        level = {"AGENCY": "BODY"}.get(row["level"], row["level"])
        if level in {"LAND", "DIREKTIONSBEZIRK"}:
            continue
        published = [cells[level, row["key"]][outcome] for outcome in DECIDED]
        assert sum(class_of(count)[0] for count in published if count is not None) >= minimum
        true = figures.durations[row["clock"]]["REGION" if level == "DISTRICT" else row["level"], row["key"]]
        assert true.days.total() >= minimum
        assert None not in [row[name] for name in ("share_within", "days_q1", "days_median", "days_q3")]


@pytest.mark.parametrize("ended", [(2, 2, 5), (3, 3, 5), (4, 4, 7)])
def test_a_region_shows_no_durations_where_that_would_tell_the_true_numbers_of_its_districts(ended):
    figures = Figures(MONTH, DIRECTORY, RULES)
    for district, count in zip(("14713", "14729", "14730"), ended, strict=True):
        figures.procedures["REGION", district, "full_equivalence"] = count
        figures.durations.setdefault("C03", {})["REGION", district] = took(count)
    assert ("C03", "DIREKTIONSBEZIRK", "LEIPZIG") not in shown(figures)


def test_the_land_shows_durations_where_one_of_its_breakdowns_tells_that_it_is_large():
    figures = Figures(MONTH, DIRECTORY, RULES)
    for district in tuple(DIRECTORY.districts)[:10]:
        figures.procedures["REGION", district, "full_equivalence"] = 3
        figures.durations.setdefault("C03", {})["REGION", district] = took(3)
    assert shown(figures, minimum=25) == set(), "ten times 2 at least"
    figures.procedures["BODY", "hwk-leipzig", "full_equivalence"] = 30
    assert shown(figures, minimum=25) == {("C03", "LAND", "SN")}


@pytest.mark.parametrize("minimum", [5, 9, 10, 19, 20, 1000])
def test_a_share_tells_nothing_of_the_size_of_its_group(minimum):
    """Every share that a group can have, any larger group can have as well: 0.95 would need 13 of 14."""
    shares = {share_of(within, minimum, minimum) for within in range(minimum + 1)}
    for size in range(minimum, minimum + 60):
        assert {share_of(within, size, minimum) for within in range(size + 1)} == shares


def test_the_share_is_the_true_one_to_the_nearest_step():
    assert [share_of(19, 21, minimum) for minimum in (20, 10, 5)] == [0.9, 0.9, 1.0]
    assert [share_of(18, 21, minimum) for minimum in (20, 10, 5)] == [0.85, 0.9, 0.8]
    (row,) = [row for row in made(month_of(21, full_equivalence=21))["durations"].rows if row["level"] == "AGENCY"]
    assert (row["share_within"], row["days_q1"], row["days_median"], row["days_q3"]) == (1.0, 90, 90, 90)
    assert row["clock_de"] == "Entscheidung über die Gleichwertigkeit"


def test_the_share_of_a_region_is_that_of_its_districts_together():
    figures = month_of(30, full_equivalence=30)
    figures.procedures["REGION", "14713", "full_equivalence"] = 30
    figures.durations["C03"]["REGION", "14713"] = took(30, within=0)
    shares = {row["key"]: row["share_within"] for row in made(figures)["durations"].rows}
    assert (shares["14612"], shares["14713"], shares["SN"]) == (1.0, 0.0, 0.5)


@given(st.lists(st.integers(min_value=0, max_value=400), min_size=1, max_size=60))
def test_quantiles_lie_within_what_was_counted_and_in_order(values):
    days = Counter(values)
    low, middle, high = (quantile(days, share) for share in (0.25, 0.5, 0.75))
    assert min(values) <= low <= middle <= high <= max(values)


def test_quantiles_are_those_of_the_textbook():
    days = Counter([1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert [quantile(days, share) for share in (0.25, 0.5, 0.75)] == [3, 5, 7]
    assert quantile(Counter([1, 2]), 0.5) == 2
