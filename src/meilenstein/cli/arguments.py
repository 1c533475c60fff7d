"""What people type: dates, agency keys, who decides and why; checked before anything is opened."""

from __future__ import annotations

import datetime as dt
import difflib
import getpass
from collections.abc import Iterable
from typing import Annotated

import typer

from meilenstein.cases.calendar import EARLIEST, LATEST
from meilenstein.errors import ConfigurationError
from meilenstein_schemas.agencies import load_directory

__all__ = [
    "ActorOption", "ReasonOption", "check_actor", "check_decision", "near_words", "parse_counting_day", "parse_day",
    "require_agency",
]  # fmt: skip

ActorOption = Annotated[
    str | None, typer.Option("--actor", envvar="MEILENSTEIN_ACTOR", help="Who decides; default your login name.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; recorded with your name for ever.")]

_LONGEST_ACTOR = 100
_LONGEST_REASON = 500


def check_decision(actor: str | None, reason: str) -> tuple[str, str]:
    """Return who decides and why, as they are recorded: without outer spaces, the login name where none was given.

    A blank, overlong or unprintable text is a ConfigurationError.
    """
    return check_actor(actor), _line("--reason", reason, _LONGEST_REASON)


def check_actor(actor: str | None) -> str:
    """Return who acts, as it is recorded: without outer spaces, the login name where none was given."""
    if actor is None:
        try:
            actor = getpass.getuser()
        except (KeyError, OSError):
            raise ConfigurationError("this process has no login name; say who decides with --actor") from None
    return _line("--actor", actor, _LONGEST_ACTOR)


def _line(option: str, text: str, longest: int) -> str:
    clean = text.strip()
    if not clean:
        raise ConfigurationError(f"{option} is empty; a decision is recorded with who made it and why")
    if len(clean) > longest:
        raise ConfigurationError(f"{option} has {len(clean)} characters; at most {longest} are recorded")
    if not clean.isprintable():
        raise ConfigurationError(f"{option} holds a line end or another character that cannot be shown; leave it out")
    return clean


def parse_day(text: str, option: str | None = None) -> dt.date:
    """Return the date; anything but YYYY-MM-DD is a ConfigurationError, which names the option if one is given."""
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        place = f"{option}: " if option else ""
        raise ConfigurationError(f"{place}{text!r} is no date; write YYYY-MM-DD, for instance 2026-03-31") from None


def parse_counting_day(text: str, option: str) -> dt.date:
    """Return a date for which periods can be counted; any other is a ConfigurationError that names the option."""
    day = parse_day(text, option)
    if not EARLIEST <= day <= LATEST:
        raise ConfigurationError(f"{option} {text}: periods are counted between {EARLIEST} and {LATEST}")
    return day


def near_words(word: str, known: Iterable[str]) -> str:
    """Return the known words that are near to what was typed; all of them, where none is."""
    words = sorted(known)
    folded = {one.casefold(): one for one in words}
    near = difflib.get_close_matches(word.casefold(), folded, n=5, cutoff=0.5)
    return f"near: {', '.join(folded[one] for one in near)}" if near else f"known: {', '.join(words)}"


def require_agency(key: str | None) -> None:
    """Raise ConfigurationError for a key that the directory does not have; None names no agency."""
    if key is not None and key not in load_directory().agencies:
        raise ConfigurationError(f"agency {key!r} is not in the directory (schemas/meilenstein_schemas/data)")
