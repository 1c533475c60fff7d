"""The day a case is computed for, and which agencies' feeds are alive then: the fold's only view of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["GAPS", "LIVE", "SILENT", "Tick"]

LIVE = "LIVE"
SILENT = "SILENT"
GAPS = "GAPS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One row of the append-only table of ticks."""

    as_of: dt.date
    feed_health: Mapping[str, str] = field(default_factory=dict)
    """LIVE, SILENT or GAPS (events of it are missing) by publisher; an agency that is not named is LIVE."""

    def live(self, publisher: str | None) -> bool:
        """Say whether silence of this agency means anything."""
        return publisher is None or self.health(publisher) == LIVE

    def health(self, publisher: str) -> str:
        """Return how it stands with the feed of an agency."""
        return self.feed_health.get(publisher, LIVE)
