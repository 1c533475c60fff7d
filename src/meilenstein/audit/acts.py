"""The names of the acts that the trail records, `group.act` each."""

from __future__ import annotations

__all__ = ["ACTS"]

ACTS = frozenset({
    "bulk.cancel", "bulk.confirm", "bulk.done", "bulk.pause", "bulk.resume", "bulk.run", "bulk.start",
    "clocks.future",
    "cursor.resume",
    "finding.decide", "finding.reopen",
    "link.accept", "link.refuse", "link.split",
    "number.check", "number.reserve",
    "proposal.overtake", "proposal.withdraw",
    "quarantine.correct", "quarantine.export", "quarantine.reject", "quarantine.release", "quarantine.revalidate",
    "quarantine.view",
})  # fmt: skip
"""Every act; the trail of an older version may hold others."""
