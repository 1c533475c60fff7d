"""The case number: every slip that the check character promises to notice is tried, in every place."""

from __future__ import annotations

import math
import random
from itertools import combinations, permutations

import pytest

from meilenstein_schemas.case_number import ALPHABET, CHOICES, is_case_number, make_case_number, read_case_number

DRAW = random.Random(5)
SOME = [make_case_number(number) for number in (0, CHOICES - 1, *(DRAW.randrange(CHOICES) for _ in range(40)))]


def grouped(letters: str) -> str:
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"


def holding(places: dict[int, str]) -> str:
    """Return the letters of a case number that has these letters in these of its ten places."""
    free = next(place for place in range(10) if place not in places)
    letters = [places.get(place, DRAW.choice(ALPHABET)) for place in range(10)]
    for letter in ALPHABET:
        letters[free] = letter
        if is_case_number(grouped("".join(letters))):
            return "".join(letters)
    raise AssertionError("one letter of the 23 must fit")


def test_a_number_has_ten_letters_of_which_nine_are_random() -> None:
    assert len(set(ALPHABET)) == 23 == len(ALPHABET)
    assert math.log2(CHOICES) > 40
    assert not set("01OIZSGBNDAEU") & set(ALPHABET)
    assert all(is_case_number(number) and len(number) == 12 for number in SOME)
    assert len({make_case_number(number) for number in range(20_000)}) == 20_000


@pytest.mark.parametrize("drawn", [-1, CHOICES])
def test_only_numbers_of_the_range_can_be_drawn(drawn: int) -> None:
    with pytest.raises(ValueError, match="not in range"):
        make_case_number(drawn)


def test_every_single_wrong_letter_is_noticed() -> None:
    for place in range(10):
        for right, wrong in permutations(ALPHABET, 2):
            letters = holding({place: right})
            assert not is_case_number(grouped(letters[:place] + wrong + letters[place + 1 :]))


def test_every_swap_of_two_letters_is_noticed_not_only_of_neighbours() -> None:
    for place, other in combinations(range(10), 2):
        for one, two in permutations(ALPHABET, 2):
            swapped = list(holding({place: one, other: two}))
            swapped[place], swapped[other] = two, one
            assert not is_case_number(grouped("".join(swapped)))


def test_every_doubled_letter_typed_as_another_doubled_one_is_noticed() -> None:
    for place in range(9):
        for right, wrong in permutations(ALPHABET, 2):
            letters = holding({place: right, place + 1: right})
            assert not is_case_number(grouped(letters[:place] + 2 * wrong + letters[place + 2 :]))


def test_of_other_slips_one_in_23_passes() -> None:
    tries = [grouped("".join(DRAW.choices(ALPHABET, k=10))) for _ in range(23_000)]
    assert 850 < sum(map(is_case_number, tries)) < 1150


@pytest.mark.parametrize("number", SOME[:5])
def test_events_hold_the_number_in_one_form_only(number: str) -> None:
    others = [number.lower(), number.replace("-", ""), f" {number}", f"{number}\n", number.replace("-", "\u2011"), ""]
    assert not any(map(is_case_number, others))


@pytest.mark.parametrize("number", SOME[:5])
def test_a_person_may_type_it_in_any_form(number: str) -> None:
    plain = number.replace("-", "")
    for typed in (number.lower(), plain, " ".join(plain), f"  {number} ", number.replace("-", " \u2013 "), number):
        assert read_case_number(typed) == number
    assert read_case_number(plain[:-1]) is None
    assert read_case_number(plain + "2") is None
    assert read_case_number(plain[1] + plain[0] + plain[2:]) is None or plain[0] == plain[1]


@pytest.mark.parametrize(
    "typed", ["", "222-222-2222", "MS-7K3Q-92XF-4", "ßßßßß", "\u0663" * 10, "2" * 10_000, "O22-222-2222"]
)
def test_anything_else_is_mistyped_and_no_fault(typed: str) -> None:
    assert read_case_number(typed) is None
    assert not is_case_number(typed)
