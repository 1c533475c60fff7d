"""How a partner's sending stands: what waits, which numbers were given out, and how far the hub has them all."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from meilenstein_connectors.inbox import Inbox
from meilenstein_connectors.outbox import Outbox
from meilenstein_connectors.state import StateFile

__all__ = ["standing"]


def standing(inbox: Inbox, outbox: Path) -> tuple[list[str], dict[str, Any]]:
    """Return how it stands as lines for people and as plain values, by what the files hold (see `Inbox.refresh`)."""
    complete, state = inbox.complete_to(), StateFile(outbox)
    try:
        kept = Outbox(state)
        counts, numbers = kept.counts(), kept.last_numbers()
    finally:
        state.close()
    lines = [f"{counts.waiting} events wait, {counts.acknowledged} are confirmed by the broker"]
    for publisher, epoch, last in numbers:
        lines.append(f"last number given out for {publisher}{_epoch(epoch)}: {last}")
    for one in complete:
        source = f"{one.publisher}, {one.source_system}{_epoch(one.source_epoch)}"
        lines.append(f"complete at the hub for {source}: up to {one.sequence}")
    given = [{"publisher": publisher, "source_epoch": epoch, "sequence": last} for publisher, epoch, last in numbers]
    return lines, {**asdict(counts), "last": given, "complete_to": [asdict(one) for one in complete]}


def _epoch(epoch: int | None) -> str:
    return "" if epoch is None else f" (epoch {epoch})"
