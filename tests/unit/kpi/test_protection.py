"""No published number tells a true one more exactly than its class of three, alone or beside its totals."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from meilenstein.kpi.protection import Relation, class_of, fits, least, rounded, settle, total_beside

counts = st.integers(min_value=0, max_value=10_000)


@given(counts)
def test_a_count_is_published_as_the_nearest_multiple_of_three_and_always_as_the_same(count):
    published = rounded(count)
    assert published % 3 == 0
    assert abs(published - count) <= 1
    assert count in class_of(published)
    assert rounded(published) == published
    assert {rounded(other) for other in class_of(published)} == {published}


def test_a_published_zero_may_be_one():
    assert list(class_of(0)) == [0, 1]
    assert list(class_of(3)) == [2, 3, 4]


def test_the_example_of_the_official_table_does_not_add_up():
    """The table of 2023 that names the classes: a total of 945 above cells that add up to 948."""
    cells = {"full": 525, "measure": 311, "partial": 50, "access": 2, "negative": 20, "none": 9, "pending": 28}
    published = settle(cells, [Relation(total="all", parts=tuple(cells))]).published
    assert [published[name] for name in cells] == [525, 312, 51, 3, 21, 9, 27]
    assert (sum(cells.values()), published["all"]) == (945, 945)


def every_vector(published):
    """Yield all true cells that are published like this."""
    return itertools.product(*(class_of(part) for part in published))


def line(cells):
    """Return what is published of the cells, and of their total."""
    published = settle(dict(enumerate(cells)), [Relation(total="total", parts=tuple(range(len(cells))))]).published
    return tuple(published[number] for number in range(len(cells))), published["total"]


@given(st.lists(st.integers(min_value=0, max_value=9), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_total_narrows_no_cell_even_for_who_knows_the_rule(cells):
    """Everything that would have been published just so is possible: every cell has its whole class among it."""
    parts, total = line(cells)
    possible = [vector for vector in every_vector(parts) if line(vector) == (parts, total)]
    assert tuple(cells) in possible
    for place, part in enumerate(parts):
        assert {vector[place] for vector in possible} == set(class_of(part))


@given(st.lists(st.integers(min_value=0, max_value=9), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_total_narrows_no_cell_for_who_takes_every_number_for_rounded(cells):
    parts, total = line(cells)
    possible = [vector for vector in every_vector(parts) if sum(vector) in class_of(total)]
    for place, part in enumerate(parts):
        assert {vector[place] for vector in possible} == set(class_of(part))
    assert {sum(vector) for vector in possible} == set(class_of(total))


@given(st.lists(counts, min_size=1, max_size=40))
def test_a_total_is_the_rounded_true_total_wherever_that_fits(cells):
    parts, total = line(cells)
    natural = rounded(sum(cells))
    assert total % 3 == 0
    assert fits(total, parts)
    assert total == natural or not fits(natural, parts)
    assert abs(total - sum(cells)) <= 4


def test_two_ones_are_not_betrayed_by_their_total():
    assert line([1, 1]) == ((0, 0), 0)
    assert line([1, 1, 1, 1]) == ((0, 0, 0, 0), 3)
    assert line([2, 2, 2]) == ((3, 3, 3), 9), "6 would say that each is 2 or 3"


def square(rows, columns):
    """Return the relations of a table with totals of rows and columns."""
    return [
        *(Relation(total=(row, "all"), parts=tuple((row, column) for column in columns)) for row in rows),
        *(Relation(total=("all", column), parts=tuple((row, column) for row in rows)) for column in columns),
        Relation(total=("all", "all"), parts=tuple((row, "all") for row in rows)),
        Relation(total=("all", "all"), parts=tuple(("all", column) for column in columns)),
    ]


def values_left(total, parts):
    """Return how many values each part can have beside a published total, when every number is taken for rounded."""
    possible = [vector for vector in every_vector(parts) if sum(vector) in class_of(total)]
    return [len({vector[place] for vector in possible}) for place in range(len(parts))]


@given(st.lists(st.integers(min_value=0, max_value=6), min_size=6, max_size=6))
@settings(max_examples=25, deadline=None)
def test_the_totals_of_rows_and_columns_together_tell_no_cell_exactly_even_for_who_knows_the_rule(cells):
    """Of two rows with three columns each, everything that would have been published just so is tried."""
    names = [(row, column) for row in range(2) for column in range(3)]
    relations = square(range(2), range(3))

    def told(vector):
        return settle(dict(zip(names, vector, strict=True)), relations).published

    published = told(cells)
    possible = [vector for vector in every_vector([published[name] for name in names]) if told(vector) == published]
    assert all(len({vector[place] for vector in possible}) > 1 for place in range(6))


@given(st.lists(st.integers(min_value=0, max_value=6), min_size=12, max_size=12), st.sampled_from([(3, 4), (4, 3)]))
@settings(max_examples=200, deadline=None)
def test_every_total_of_a_table_leaves_each_of_its_parts_at_least_two_values(cells, shape):
    names = [(row, column) for row in range(shape[0]) for column in range(shape[1])]
    relations = square(range(shape[0]), range(shape[1]))
    settled = settle(dict(zip(names, cells, strict=True)), relations)
    for relation in relations:
        assert min(values_left(settled.published[relation.total], [settled.published[p] for p in relation.parts])) > 1
    assert not settled.given_up, "none of these may be withheld"


def test_where_no_total_fits_all_breakdowns_totals_are_sums_of_what_is_published():
    assert total_beside(2, [0, 0], [9]) is None
    relations = [
        Relation(total="x", parts=("a", "b")),
        Relation(total="y", parts=("c",)),
        Relation(total="t", parts=("x", "y")),
        Relation(total="t", parts=("a", "b", "c")),
    ]
    published = settle({"a": 1, "b": 1, "c": 4}, relations).published
    assert published["t"] == published["x"] + published["y"]


def test_a_breakdown_that_does_not_go_with_the_total_is_given_up_and_the_others_kept():
    parts = {"regions": ("r", "s"), "bodies": ("b", "c"), "routes": ("u", "v")}
    relations = [Relation(total="t", parts=names, optional=kind != "regions") for kind, names in parts.items()]
    settled = settle({"r": 3, "s": 3, "b": 2, "c": 4, "u": 1, "v": 5}, relations)
    assert (settled.given_up, settled.published["t"]) == ([], 6)
    settled = settle({"r": 3, "s": 3, "b": 2, "c": 4, "u": 0, "v": 0}, relations)
    assert [relation.parts for relation in settled.given_up] == [("u", "v")]
    settled = settle({"r": 3, "s": 3, "b": 9, "c": 9, "u": 0, "v": 0}, relations)
    assert [relation.parts for relation in settled.given_up] == [("b", "c"), ("u", "v")]
    assert settled.published["t"] == 6


def test_a_total_follows_its_parts_whatever_the_order_of_the_relations_that_name_it():
    relations = square(range(1), range(1))
    assert settle({(0, 0): 5}, relations).published["all", "all"] == 6


@given(st.lists(st.integers(min_value=0, max_value=60), min_size=1, max_size=6))
def test_the_least_of_published_cells_holds_for_whatever_is_published_like_this(cells):
    parts, total = line(cells)
    assert least(parts) == min(sum(vector) for vector in every_vector(parts)) <= sum(cells)
    assert least(parts) <= total + 1


def test_a_total_that_was_moved_does_not_count_for_what_its_parts_tell():
    """2, 2 and 5 are published as 3, 3 and 6 with a total of 12; 3, 3 and 5 are published like this as well."""
    assert line([2, 2, 5]) == line([3, 3, 5]) == ((3, 3, 6), 12)
    assert least((3, 3, 6)) == 9
