"""Whom a failed run of the pipeline concerns: the agencies whose records, cases or answers it left behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from meilenstein.store.levels import AUDIT, CORRECTIONS, Levels

__all__ = ["Affected", "left_behind"]

_MOST = 10
"""Where more agencies are affected, the fault is not about an agency."""

_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """An agency, what is the matter in one word, and the next command."""

    agency: str
    what: str
    command: str

    def as_json(self) -> dict[str, str]:
        """Return it as plain values."""
        return {"agency": self.agency, "what": self.what, "command": self.command}


def left_behind(levels: Levels, failed: Sequence[str], now: dt.datetime) -> list[Affected]:
    """Return the agencies whose work lies unfinished behind the failed steps; none if they are many."""
    with levels.reading(seconds=_SECONDS):
        agencies = {
            "validate": [row[0] for row in levels.pending_agencies(before=now, state="OPEN")],
            "reconcile": levels.touched_agencies(),
            "feedback": sorted({row.recipient for row in levels.unsent()}),
        }
    found = [
        Affected(agency=agency, what=f"{step} failed", command=f"meilenstein {step}")
        for step in failed
        for agency in agencies.get(step, ())
        if agency not in {AUDIT, CORRECTIONS}
    ]
    return found if len({one.agency for one in found}) <= _MOST else []
