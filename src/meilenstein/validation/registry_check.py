"""Do the registry's ids still mean what they meant? Compared at the start of a process and every ten minutes."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable

from meilenstein.store.schema_book import SchemaBook
from meilenstein.validation.patience import Patience
from meilenstein.validation.reading import Registry
from meilenstein_connectors.errors import RegistryUnavailable, UnknownSchema

__all__ = ["RegistryCheck"]

_EVERY_SECONDS = 600.0
_log = logging.getLogger(__name__)


class RegistryCheck:
    """Keeps the book from reading with ids that the registry has given to another schema."""

    def __init__(
        self, *, registry: Registry, book: SchemaBook, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._registry = registry
        self._book = book
        self._monotonic = monotonic
        self.patience = Patience(monotonic)
        """To be shared by whoever asks the same registry."""
        self._compared_at: float | None = None
        self.mismatched: tuple[int, ...] = ()
        """Ids that mean something else in the registry than in the archive; records with them wait."""

    def run(self) -> None:
        """Compare if it is time; a registry that does not answer proves nothing and is asked again later.

        An id that the registry has lost is no mismatch: what it meant is in the archive.
        """
        now = self._monotonic()
        if self._compared_at is not None and now - self._compared_at < _EVERY_SECONDS:
            return
        try:
            self.mismatched = tuple(
                schema_id for schema_id, text in sorted(self._book.texts().items()) if self._differs(schema_id, text)
            )
        except RegistryUnavailable:
            return
        self._compared_at = now
        self._book.distrust(self.mismatched)
        if self.mismatched:
            _log.error(
                "schema ids %s mean something else in the registry than in the archive: records with them wait; "
                "restore the registry's ids from its backup",
                ", ".join(map(str, self.mismatched)),
            )

    def _differs(self, schema_id: int, text: str) -> bool:
        try:
            with self.patience.asking():
                found = self._registry.schema_text(schema_id)
        except UnknownSchema:
            return False
        try:
            return found != text and json.loads(found) != json.loads(text)
        except (ValueError, RecursionError):
            return True
