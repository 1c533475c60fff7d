"""The speakable case number: ten characters that eye, ear and hand tell apart, the last of them a check character.

Written `7K3-Q9X-F2MT`. The 23 characters leave out what is taken for another one (0 and O, 1 and I, 2 and Z, 5 and S,
6 and G, 8 and B, M and N, D and T) and every vowel, so that no word comes out. Nine of them are drawn at random: 40.7
bits, so a number cannot be guessed, and says nothing about the case.

The check character makes the weighted sum of all ten divisible by 23. 23 is a prime and the weights 10 to 1 differ, so
every single wrong character, every swap of any two characters and every pair "aa" typed as "bb" is noticed. Of all
other slips one in 23 gives another well-formed number; that nobody has it is known to the hub alone.
"""

from __future__ import annotations

__all__ = ["ALPHABET", "CHOICES", "is_case_number", "make_case_number", "read_case_number"]

ALPHABET = "23456789CFHJKLMPQRTVWXY"
_DATA, _GROUPS = 9, (3, 3, 4)
_LENGTH = _DATA + 1
CHOICES = len(ALPHABET) ** _DATA - 1
"""How many case numbers there are. `222-222-2222` is none: such numbers are typed where none is known."""
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_NOT_TYPED = str.maketrans("", "", " \t\u00a0\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2212./")
_LONGEST_TYPED = 60


def make_case_number(drawn: int) -> str:
    """Return the case number of a number drawn from `range(CHOICES)`; anything else raises ValueError."""
    if not 0 <= drawn < CHOICES:
        raise ValueError(f"{drawn} is not in range({CHOICES})")
    letters, total, drawn = "", 0, drawn + 1
    for weight in range(2, _LENGTH + 1):
        drawn, value = divmod(drawn, len(ALPHABET))
        letters = ALPHABET[value] + letters
        total += weight * value
    return _grouped(letters + ALPHABET[-total % len(ALPHABET)])


def is_case_number(text: str) -> bool:
    """Say whether the text is a case number exactly as it is written: events hold it in no other form."""
    letters = text.replace("-", "")
    return len(letters) == _LENGTH and _checks(letters) and text == _grouped(letters)


def read_case_number(typed: str) -> str | None:
    """Return the case number that a person typed, or None where it is mistyped.

    Spaces, hyphens and lower case do not matter; for events use `is_case_number`.
    """
    letters = typed[:_LONGEST_TYPED].translate(_NOT_TYPED).upper()
    return _grouped(letters) if len(letters) == _LENGTH and _checks(letters) else None


def _checks(letters: str) -> bool:
    total = 0
    for weight, letter in zip(range(_LENGTH, 0, -1), letters, strict=True):
        value = _VALUES.get(letter)
        if value is None:
            return False
        total += weight * value
    return total > 0 and total % len(ALPHABET) == 0


def _grouped(letters: str) -> str:
    first, second, _ = _GROUPS
    return f"{letters[:first]}-{letters[first : first + second]}-{letters[first + second :]}"
