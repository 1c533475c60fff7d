"""What becomes of the rows of one batch, gathered before it is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from meilenstein.store.stored_rows import StoredRecord
from meilenstein.validation.reading import Candidate, Place, Reading
from meilenstein.validation.reasons import Reason
from meilenstein.validation.repeats import First

__all__ = ["Fates"]


@dataclass(slots=True)
class Fates:
    """The fates of the rows of a batch as they are found. Accepted is what is readable and stands in neither list."""

    reading: Reading
    inserted: int = 0
    """How many events the store has taken."""
    duplicates: list[tuple[Candidate, First]] = field(default_factory=list)
    refused: list[tuple[StoredRecord, tuple[str | None, str | None], list[Reason]]] = field(default_factory=list)
    """Records with event type and event id, as far as they could be read, and what speaks against them."""

    def refuse(self, candidate: Candidate, reasons: Sequence[Reason]) -> None:
        """Note that a candidate is not accepted."""
        event = (candidate.event_type, candidate.body["event_id"])
        self.refused.append((candidate.record, event, list(reasons)))

    def accepted(self) -> list[Place]:
        """Return what is accepted."""
        others = {record.id for record, _, _ in self.refused}
        others.update(candidate.record.id for candidate, _ in self.duplicates)
        places = [place for sheet in self.reading.candidates.sheets for place in sheet.places()]
        return [place for place in places if place[0] not in others] if others else places

    def in_force(self, keys: Collection[int]) -> list[Candidate]:
        """Return those of the journal ids that are accepted now, or were before in the same words."""
        refused = {record.id for record, _, _ in self.refused}
        return [one for one in self.reading.candidates.of(keys) if one.record.id not in refused]

    def count(self) -> int:
        """Return how many rows have a fate; of the accepted ones, how many events the store has taken."""
        return self.inserted + len(self.duplicates) + len(self.refused)
