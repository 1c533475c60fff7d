"""When an agency may say what: the rights of its kind, cut by switches and by what a Welcome Center offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from meilenstein_schemas.directory_tables import HOME_LAND
from meilenstein_schemas.spans import ALWAYS, Span, common, remaining, span

if TYPE_CHECKING:
    from meilenstein_schemas.agencies import Agency, AuthorityRow, Directory

__all__ = ["RankSpan", "offered", "presence", "rank_spans"]

RankSpan = tuple[Span, str]
"""From which day to which day an agency has which rank for an event type."""


def presence(agency: Agency, directory: Directory) -> list[Span]:
    """Return the days on which the agency takes part: its own span, as far as its switch is on."""
    own = [span(agency.valid_from, agency.valid_until)]
    if agency.switch is None:
        return own
    switch = directory.switches.get(agency.switch)
    return common(own, switch.spans) if switch else []


def offered(center: str, event: str, directory: Directory) -> list[Span]:
    """Return the days on which a Welcome Center offers a service that the event type belongs to.

    A center whose offers are not listed, and an event type that belongs to no service, are not restricted.
    """
    offers = [offer for offer in directory.offers if offer.center == center]
    codes = {service.code for service in directory.services.values() if event in service.events}
    if not offers or not codes:
        return [ALWAYS]
    return [span(one.valid_from, one.valid_until) for one in offers if not one.services or codes & set(one.services)]


def rank_spans(agency: Agency, event: str, rows: Iterable[AuthorityRow], directory: Directory) -> list[RankSpan]:
    """Return the ranks of an agency for an event type; `rows` are those of its kind and that type.

    No two spans share a day. On days in no span the event type is forbidden.
    """
    present = presence(agency, directory)
    if agency.kind == "WELCOME_CENTER":
        present = common(present, offered(agency.key, event, directory))
    changes = list(_changes(agency, event, directory))
    changed = [one for one, _ in changes]
    kept = [
        (one, row.rank)
        for row in rows
        for one in remaining(common(present, [span(row.valid_from, row.valid_until)]), changed)
    ]
    begun = [one for one, begins in changes if begins]
    return [*kept, *((one, "AUTHORITATIVE") for one in common(present, begun))]


def _changes(agency: Agency, event: str, directory: Directory) -> Iterator[tuple[Span, bool]]:
    """Yield when a switch takes the event type from the agency (False) or gives it (True)."""
    if agency.land != HOME_LAND:
        return
    for switch in directory.switches.values():
        if switch.key == agency.switch:
            continue
        for change in switch.rights:
            if change.kind == agency.kind and (event in change.ends or event in change.begins):
                for one in switch.spans:
                    yield one, event in change.begins
