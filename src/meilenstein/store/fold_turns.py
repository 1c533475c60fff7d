"""Who may fold: many workers at once, each its own files; one alone where the whole store must stand still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["FoldTurns"]


class FoldTurns:
    """The locks of folding on one connection; all but the turn of `taking` last until its transaction ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("fold_turns")

    def join(self) -> bool:
        """Fold beside others; False while somebody folds alone."""
        return self._try("join")

    def alone(self) -> bool:
        """Keep everybody else from folding; False while anybody folds."""
        return self._try("stop_all")

    def wait_until_alone(self) -> None:
        """The same, after those who fold now have committed."""
        self._connection.execute(self._sql["wait_for_all"])

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Take files one worker after the other: two that looked at once would take parts of the same cases.

        A fault inside rolls the transaction back.
        """
        self._connection.execute(self._sql["take"])
        try:
            yield
        except BaseException:
            self._connection.rollback()  # a failed transaction could not even end the turn
            raise
        finally:
            self._connection.execute(self._sql["give"])

    def _try(self, name: str) -> bool:
        (got,) = self._connection.execute(self._sql[name]).fetchone() or (False,)
        return bool(got)
