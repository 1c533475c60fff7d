"""Giving out case numbers, and looking one up that a person read to another.

Look-ups that fail are limited and recorded, so that nobody tries numbers until one fits. They are counted in the audit
trail itself: the limit holds for all processes together.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from meilenstein.audit.trail import AuditTrail
from meilenstein.cases.calendar import berlin_date
from meilenstein.errors import PermanentError, RetryableError
from meilenstein.store.audit import AuditStore
from meilenstein.store.case_numbers import CaseNumberStore, FoundNumber
from meilenstein.store.database import Connection, retryable
from meilenstein.store.schema_book import SchemaBook
from meilenstein_schemas.case_number import CHOICES, make_case_number, read_case_number

__all__ = ["FAILURES", "LIMITED_FOR", "MOST_AT_ONCE", "Looked", "NumberDesk", "Reserved", "state_of"]

FAILURES, LIMITED_FOR = 5, dt.timedelta(minutes=10)
"""So many look-ups of one person may fail within this time."""
MOST_AT_ONCE = 10_000
_CHECK, _RESERVE = "number.check", "number.reserve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Numbers that were given out to an agency."""

    agency: str
    numbers: tuple[str, ...]
    expires_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is known of a number that a person typed."""

    state: str
    """UNUSED, USED, EXPIRED; NOT_RESERVED: events name it, it was not given out here; UNKNOWN; MISTYPED."""
    number: str | None
    """As it is written; None where it is mistyped."""
    reserved: FoundNumber | None = None
    used_by: tuple[str, ...] = ()
    first: dict[str, Any] | None = None
    """`publisher`, `event_type` and `received_at` of the first accepted event that names it."""

    @property
    def known(self) -> bool:
        """Whether the look-up succeeded."""
        return self.state not in {"UNKNOWN", "MISTYPED"}

    def as_json(self) -> dict[str, Any]:
        """Return what was found as plain values."""
        given = self.reserved
        return {
            "number": self.number,
            "state": self.state,
            "agency": given.agency if given else None,
            "reserved_at": given.reserved_at if given else None,
            "expires_on": given.expires_on if given else None,
            "used_by": list(self.used_by),
            "used": self.first,
        }


class NumberDesk:
    """Case numbers on one connection, which must not be in autocommit."""

    def __init__(
        self,
        connection: Connection,
        *,
        trail: AuditTrail,
        book: SchemaBook,
        clock: Callable[[], dt.datetime],
        draw: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        """`draw` returns an unpredictable number below the one it is given."""
        self._connection = connection
        self._trail = trail
        self._book = book
        self._clock = clock
        self._draw = draw
        self._store = CaseNumberStore(connection)

    def reserve(self, agency: str, count: int, *, days: int, actor: str) -> Reserved:
        """Give out `count` numbers that nobody has; those that no event names within `days` expire."""
        if not 1 <= count <= MOST_AT_ONCE:
            raise PermanentError(f"number: {count} numbers at once; 1 to {MOST_AT_ONCE:,} can be reserved")
        now = self._clock()
        expires_on = berlin_date(now) + dt.timedelta(days=days)
        with retryable("number reserve"):
            numbers: list[str] = []
            while len(numbers) < count:
                drawn = {make_case_number(self._draw(CHOICES)) for _ in range(count - len(numbers))}
                numbers += self._store.reserve(sorted(drawn), agency=agency, reserved_at=now, expires_on=expires_on)
            subject = f"numbers:{agency}"
            self._trail.record(actor=actor, act=_RESERVE, subject=subject, outcome="DONE", reason=f"{count} numbers")
            self._connection.commit()
        return Reserved(agency=agency, numbers=tuple(numbers), expires_on=expires_on)

    def check(self, typed: str, *, actor: str) -> Looked:
        """Return what is known of a number as somebody typed it.

        After FAILURES failed look-ups of the actor within LIMITED_FOR this is a RetryableError, whatever the number.
        The trail records what failed, never the number.
        """
        with retryable("number check"):
            # One after the other for all processes: two that fail at once are counted as two.
            AuditStore(self._connection).lock()
            self._refuse_many(actor)
            looked = self._look(read_case_number(typed))
            if looked.known:
                self._connection.rollback()
            else:
                self._fail(actor, looked.state)
        return looked

    def _refuse_many(self, actor: str) -> None:
        count, first = self._store.failed(actor, since=self._clock() - LIMITED_FOR, most=FAILURES)
        if count >= FAILURES and first is not None:
            self._fail(actor, "LIMITED")
            raise RetryableError(
                f"number: {count} look-ups of {actor} failed within {LIMITED_FOR.seconds // 60} minutes; "
                f"try again after {first + LIMITED_FOR:%H:%M:%S} UTC",
                audit_line="LIMITED",
            )

    def _fail(self, actor: str, why: str) -> None:
        self._trail.record(actor=actor, act=_CHECK, subject="case number", outcome="REFUSED", reason=why)
        self._connection.commit()

    def _look(self, number: str | None) -> Looked:
        if number is None:
            return Looked(state="MISTYPED", number=None)
        today = berlin_date(self._clock())
        if found := self._store.search(today=today, number=number, limit=1):
            (given,) = found
            used_by, first = tuple(given.used_by), self._first(number) if given.used_by else None
            return Looked(state=state_of(given, today), number=number, reserved=given, used_by=used_by, first=first)
        if unreserved := self._store.not_reserved(number=number, limit=1):
            used_by = tuple(unreserved[0].used_by)
            return Looked(state="NOT_RESERVED", number=number, used_by=used_by, first=self._first(number))
        return Looked(state="UNKNOWN", number=number)

    def _first(self, number: str) -> dict[str, Any] | None:
        self._book.refresh(self._connection)
        for event in self._store.events_of(number):
            _, body = self._book.read(event.raw)
            if body["case_number"] == number:
                return {
                    "publisher": event.publisher, "event_type": event.event_type, "received_at": event.received_at,
                }  # fmt: skip
        return None


def state_of(given: FoundNumber, today: dt.date) -> str:
    """Return USED, EXPIRED or UNUSED."""
    if given.used_by:
        return "USED"
    return "EXPIRED" if given.expires_on < today else "UNUSED"
