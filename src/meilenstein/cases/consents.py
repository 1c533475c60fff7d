"""Consents: who may know what of a case, from when, until when.

A consent is named by (the agency that took it, consent_id). The last statement of an id stands. It covers the facts of
every publisher in the case. Without `valid_from` it is valid at once; an explicit `valid_from` later than the tick's
day makes it not yet valid; `valid_until` is the last day. A withdrawal ends it at once, whatever its date, and for
good: a new consent needs a new id. A withdrawal taken by another agency of the case ends every consent with that id
there, because the person may withdraw at any counter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meilenstein.cases.authority import AUTHORITATIVE
from meilenstein.cases.calendar import plus_days
from meilenstein.cases.events import Event

__all__ = ["Consent", "Consents", "consents_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One consent as last stated."""

    owner: str
    consent_id: str
    purposes: tuple[str, ...]
    recipients: tuple[str, ...]
    given_on: dt.date
    valid_from: dt.date | None
    valid_until: dt.date | None
    withdrawn_on: dt.date | None

    def in_force(self, as_of: dt.date) -> bool:
        """Say whether views may rest on it on the tick's day."""
        return (
            self.withdrawn_on is None
            and (self.valid_from is None or self.valid_from <= as_of)
            and (self.valid_until is None or as_of <= self.valid_until)
        )

    def covered(self, day: dt.date) -> bool:
        """Say whether it allowed something done on `day`; a withdrawal of the same day leaves that day covered."""
        return (
            (self.valid_from or self.given_on) <= day
            and (self.valid_until is None or day <= self.valid_until)
            and (self.withdrawn_on is None or day <= self.withdrawn_on)
        )

    def changes(self) -> Iterable[dt.date]:
        """Yield the days on which it begins or ceases to be in force by the mere passing of time."""
        if self.withdrawn_on is None:
            if self.valid_from is not None:
                yield self.valid_from
            if self.valid_until is not None:
                yield plus_days(self.valid_until, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """All consents of one case."""

    given: tuple[Consent, ...]
    """By agency and id."""
    by_id: Mapping[str, tuple[Consent, ...]]

    def named(self, publisher: str, consent_id: str | None) -> tuple[Consent, ...]:
        """Return the consents an agency means by an id: its own, else those of the other agencies of the case."""
        same = self.by_id.get(consent_id or "", ())
        return tuple(consent for consent in same if consent.owner == publisher) or same

    def purposes_for(self, recipient: str, as_of: dt.date) -> frozenset[str]:
        """Return the purposes in force that name the recipient."""
        return frozenset(
            purpose
            for consent in self.given
            if recipient in consent.recipients and consent.in_force(as_of)
            for purpose in consent.purposes
        )


def consents_of(events: Iterable[Event], standings: Mapping[tuple[str, str], str]) -> Consents:
    """Return the consents of one case from its facts in force, in canonical order."""
    given: dict[tuple[str, str], Event] = {}
    owners: dict[str, set[str]] = {}
    withdrawals: list[Event] = []
    for event in events:
        name = event.consent_id
        if name is None:
            continue
        if event.event_type == "ConsentGiven" and standings[event.key] == AUTHORITATIVE:
            given[event.publisher, name] = event  # the last statement stands
            owners.setdefault(name, set()).add(event.publisher)
        elif event.event_type == "ConsentWithdrawn":
            withdrawals.append(event)
    withdrawn: dict[tuple[str, str], dt.date] = {}
    for event in withdrawals:
        name = event.consent_id or ""
        meant = owners.get(name, set())
        for owner in {event.publisher} if event.publisher in meant else meant:
            withdrawn.setdefault((owner, name), event.occurred_on)
    consents = tuple(_consent(key, given[key], withdrawn.get(key)) for key in sorted(given))
    by_id: dict[str, tuple[Consent, ...]] = {}
    for consent in consents:
        by_id[consent.consent_id] = (*by_id.get(consent.consent_id, ()), consent)
    return Consents(given=consents, by_id=by_id)


def _consent(key: tuple[str, str], event: Event, withdrawn_on: dt.date | None) -> Consent:
    facts = event.facts
    return Consent(
        owner=key[0],
        consent_id=key[1],
        purposes=tuple(sorted(set(facts.get("purposes") or ()) - {"UNKNOWN"})),
        recipients=tuple(sorted(set(facts.get("recipients") or ()))),
        given_on=event.occurred_on,
        valid_from=facts.get("valid_from"),
        valid_until=facts.get("valid_until"),
        withdrawn_on=withdrawn_on,
    )
