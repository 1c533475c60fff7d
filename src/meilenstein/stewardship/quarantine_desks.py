"""The parts that work on quarantine, put together over one connection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from meilenstein.audit.trail import AuditTrail
from meilenstein.reconciliation.fold import Fold
from meilenstein.stewardship.acts import Acts
from meilenstein.stewardship.bulk import BulkWork
from meilenstein.stewardship.export import Exporter
from meilenstein.stewardship.quarantine import QuarantineDesk
from meilenstein.stewardship.revalidation import PAGE, Revalidation
from meilenstein.store.bulk import BulkStore
from meilenstein.store.database import Connection
from meilenstein.store.decisions import DecisionStore
from meilenstein.store.quarantine import QuarantineStore
from meilenstein.validation.reading import Lookup, Registry
from meilenstein.validation.registry_check import RegistryCheck
from meilenstein.validation.validate import Judge
from meilenstein_expectations import load_suites

__all__ = ["Judging", "QuarantineParts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What judging again needs; each is asked for only then, because it opens or imports something."""

    scratch: Callable[[], Connection]
    judge: Callable[[], Judge]
    registry: Callable[[], Registry]
    check: Callable[[], RegistryCheck]


class QuarantineParts:
    """Makes each part as it is asked for."""

    def __init__(
        self, connection: Connection, *, judging: Judging, fold: Fold, clock: Callable[[], dt.datetime]
    ) -> None:
        self._connection = connection
        self._judging = judging
        self._fold = fold
        self._clock = clock
        self.trail = AuditTrail(connection, clock)
        self.items = QuarantineStore(connection)
        self.decisions = DecisionStore(connection)
        self.jobs = BulkStore(connection)

    def desk(self) -> QuarantineDesk:
        """Return what decides about single items."""
        return QuarantineDesk(
            self._connection,
            trail=self.trail,
            acts=self._acts(),
            book=self._fold.book,
            directory=self._fold.directory,
        )

    def exporter(self) -> Exporter:
        """Return what writes selections to files."""
        return Exporter(self._connection, trail=self.trail, book=self._fold.book)

    def revalidation(self) -> Revalidation:
        """Return what judges again."""
        scratch = self._judging.scratch()
        patience = self._judging.check().patience
        return Revalidation(
            self._connection,
            scratch,
            judge=self._judging.judge(),
            lookup=Lookup(scratch, self._fold.book, self._judging.registry(), patience),
            acts=self._acts(),
            book=self._fold.book,
            directory=self._fold.directory,
            clock=self._clock,
        )

    def bulk(self, *, page: int = PAGE) -> BulkWork:
        """Return what makes and runs bulk jobs."""
        return BulkWork(
            self._connection,
            trail=self.trail,
            acts=self._acts(),
            revalidation=self.revalidation,
            clock=self._clock,
            page=page,
        )

    def _acts(self) -> Acts:
        return Acts(
            self._connection,
            book=self._fold.book,
            directory=self._fold.directory,
            rules=load_suites().rules,
            probe=self._probe,
            clock=self._clock,
        )

    def _probe(self, file_ids: Collection[int]) -> None:
        self._fold.settle(self._fold.load(self._connection, file_ids, note=False))
