"""Options by which commands choose quarantined items, checked before anything is opened."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

import typer

from meilenstein.cli.arguments import check_decision, near_words, require_agency
from meilenstein.errors import ConfigurationError
from meilenstein.reports.reason_texts import reason_codes
from meilenstein.stewardship.acts import Decider
from meilenstein.store.quarantine import STATES, Selection
from meilenstein_expectations import load_suites

__all__ = [
    "AgencyOption",
    "CodeOption",
    "ReadReasonOption",
    "StateOption",
    "YoungerOption",
    "check_number",
    "decider",
    "require_code",
    "selected",
]

StateOption = Annotated[str, typer.Option("--state", help="OPEN, RELEASED, CORRECTED, REJECTED or ALL.")]
CodeOption = Annotated[str | None, typer.Option("--code", help="Reason code, for instance CONFLICT or RULE:E-002.")]
AgencyOption = Annotated[str | None, typer.Option("--agency", help="Sender or publisher.")]
ReadReasonOption = Annotated[
    str,
    typer.Option(
        "--reason",
        help="Why; the sender reads it, so it must hold no names of people. Recorded with your name for ever.",
    ),
]
YoungerOption = Annotated[
    int, typer.Option("--younger-than", min=1, max=36_500, help="Only what was quarantined in the last so many days.")
]

_LARGEST = 2**63
_RULE = re.compile(r"RULE:[A-Z]{1,3}-[0-9]{3}")


def check_number(what: str, number: int) -> None:
    """Refuse a number that the store cannot look up: it names nothing."""
    if not 0 < number < _LARGEST:
        raise ConfigurationError(f"there is no {what} {number}; numbers go from 1 on")


def decider(actor: str | None, reason: str) -> Decider:
    """Return who decides and why; a blank, overlong or unprintable text is a ConfigurationError."""
    name, why = check_decision(actor, reason)
    return Decider(actor=name, reason=why)


def require_code(code: str | None) -> None:
    """Raise ConfigurationError for what is no reason code; a rule that was once in force may still be meant."""
    if code is None or _RULE.fullmatch(code):
        return
    known = reason_codes(load_suites())
    if code not in known:
        raise ConfigurationError(f"--code {code!r} is no reason code; {near_words(code, known)}")


def selected(*, state: str, code: str | None, agency: str | None, since: dt.datetime | None = None) -> Selection:
    """Return the selection; a state, a code or an agency that does not exist is a ConfigurationError."""
    if state not in {*STATES, "ALL"}:
        raise ConfigurationError(f"--state {state!r}: use {', '.join(STATES)} or ALL")
    require_agency(agency)
    require_code(code)
    return Selection(state=None if state == "ALL" else state, code=code, agency=agency, since=since)
