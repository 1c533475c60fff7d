"""Options by which commands choose quarantined items, checked before anything is opened."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from meilenstein.cli.arguments import ActorOption, ReasonOption, check_decision, require_agency
from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.acts import Decider
from meilenstein.store.quarantine import STATES, Selection

__all__ = [
    "ActorOption",
    "AgencyOption",
    "CodeOption",
    "ReasonOption",
    "StateOption",
    "YoungerOption",
    "check_number",
    "decider",
    "selected",
]

StateOption = Annotated[str, typer.Option("--state", help="OPEN, RELEASED, CORRECTED, REJECTED or ALL.")]
CodeOption = Annotated[str | None, typer.Option("--code", help="Reason code, for instance CONFLICT or RULE:E-002.")]
AgencyOption = Annotated[str | None, typer.Option("--agency", help="Sender or publisher.")]
YoungerOption = Annotated[
    int, typer.Option("--younger-than", min=1, max=36_500, help="Only what was quarantined in the last so many days.")
]

_LARGEST = 2**63


def check_number(what: str, number: int) -> int:
    """Return a number that the store can look up; any other names nothing."""
    if not 0 < number < _LARGEST:
        raise ConfigurationError(f"there is no {what} {number}; numbers go from 1 on")
    return number


def decider(actor: str | None, reason: str) -> Decider:
    """Return who decides and why; a blank, overlong or unprintable text is a ConfigurationError."""
    name, why = check_decision(actor, reason)
    return Decider(actor=name, reason=why)


def selected(*, state: str, code: str | None, agency: str | None, since: dt.datetime | None = None) -> Selection:
    """Return the selection; a state or an agency that does not exist is a ConfigurationError."""
    if state not in {*STATES, "ALL"}:
        raise ConfigurationError(f"--state {state!r}: use {', '.join(STATES)} or ALL")
    require_agency(agency)
    return Selection(state=None if state == "ALL" else state, code=code, agency=agency, since=since)
