"""The registry data as a page of the manual: actors, what each kind says, districts, bodies, offers, switches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from meilenstein_schemas.actors import PARTS, Actor, load_actors
from meilenstein_schemas.agencies import Agency, Directory, load_directory
from meilenstein_schemas.directory_tables import AGENCY_KINDS, HOME_LAND
from meilenstein_schemas.labels import load_labels
from meilenstein_schemas.registry_rows import RightChange, Switch
from meilenstein_schemas.routing import fallback_for, welcome_center_for

__all__ = ["registry_page"]

_OPEN_END = dt.date.max
"""The page shows the rows that have no last day."""

_SECTIONS = (("SN", "Saxony"), ("LAW", "Others, from acts and public pages"), ("ST", "Saxony-Anhalt and other Länder"))


def registry_page() -> str:
    """Return the page; the same data give the same text."""
    directory = load_directory()
    return "\n".join(
        chain(
            _head(directory),
            _actors(load_actors()),
            _kinds(directory),
            _districts(directory),
            _bodies(directory),
            _offers(directory),
            _switches(directory),
            _agreements(directory),
        )
    )


def _head(directory: Directory) -> Iterator[str]:
    seats = directory.keys("RECOGNITION_BODY", land=HOME_LAND)
    named = sum(directory.agencies[key].origin == "sourced" for key in seats)
    topics = 2 * len(directory.senders) + len(directory.recipients)
    yield from (
        "# Actors and agencies",
        "",
        "Who is named in the sources of the mandate or publishes, and what becomes of it here. All of it follows from",
        "`schemas/meilenstein_schemas/data/`: `actors.yaml`, `agencies.yaml`, `authority.yaml`, `districts.yaml`,",
        "`competences.yaml`, `services.yaml`, `offers.yaml`, `fallbacks.yaml`, `switches.yaml`, `agreements.yaml`.",
        "Rows that have a last day are not shown. To change them, see [Add an agency](../how-to/add-an-agency.md).",
        "",
        f"There are {len(directory.agencies)} agencies. {len(seats)} are seats of recognition bodies in Saxony:",
        f"{named} named in public sources, {len(seats) - named} examples. {len(directory.senders)} may send and have a",
        f"topic of milestones and one of replies; {len(directory.recipients)} may be told of a case and have a topic",
        f"of cases: {topics} topics.",
        "",
    )


def _actors(actors: Sequence[Actor]) -> Iterator[str]:
    yield from ("## Actors", "")
    for source, title in _SECTIONS:
        yield from (f"### {title}", "")
        rows = (
            (
                actor.name_de,
                PARTS[actor.part],
                ", ".join([*map(_code, actor.agencies), *map(_code, actor.kinds)]) or "-",
                actor.reads or "nothing",
                "; ".join(text for text in (actor.why, actor.remark) if text),
            )
            for actor in actors
            if actor.source == source
        )
        yield from _table(("actor", "part", "agency or kind", "may read", "remark"), rows)


def _kinds(directory: Directory) -> Iterator[str]:
    labels = load_labels()
    yield from (
        "## What each kind says",
        "",
        "AUTHORITATIVE facts change state, INFORMATIVE ones are shown; everything else is refused. Beside the kind it",
        "counts whose procedure, referral or title it is.",
        "",
    )

    def said(kind: str, rank: str) -> str:
        return ", ".join(
            sorted(
                {
                    row.event
                    for row in directory.authority
                    if row.kind == kind and row.rank == rank and row.valid_until is None
                }
            )
        )

    rows = (
        (
            _code(kind),
            labels.kinds[kind]["de"],
            str(len(directory.keys(kind))),
            said(kind, "AUTHORITATIVE"),
            said(kind, "INFORMATIVE"),
        )
        for kind in AGENCY_KINDS
    )
    yield from _table(("kind", "Deutsch", "agencies", "AUTHORITATIVE", "INFORMATIVE"), rows)


def _districts(directory: Directory) -> Iterator[str]:
    yield from (
        "## Districts",
        "",
        "The third digit of the AGS tells the former Direktionsbezirk. A district without a Welcome Center has a",
        "stand-in, which gets the referrals. Federal advice: whether federal money covers recognition counselling.",
        "",
    )
    columns = ("AGS", "Kreis", "kind", "Direktionsbezirk", "Welcome Center", "federal advice", "trap")
    rows = (
        (
            one.ags,
            one.name_de,
            "kreisfreie Stadt" if one.kind == "KREISFREIE_STADT" else "Landkreis",
            one.direktionsbezirk.capitalize(),
            _center(directory, one.ags),
            "yes" if one.federal_advice else "no",
            one.trap or "",
        )
        for one in directory.districts.values()
    )
    yield from _table(columns, rows)


def _center(directory: Directory, ags: str) -> str:
    center = welcome_center_for(directory, ags, _OPEN_END)
    if center is not None:
        return _code(center)
    stand_in = fallback_for(directory, "WELCOME_CENTER", ags, _OPEN_END)
    return f"none; {_code(stand_in)}" if stand_in else "none"


def _bodies(directory: Directory) -> Iterator[str]:
    yield from (
        "## Recognition bodies",
        "",
        "The official list of the 32 seats was not found. Of a body without competences not enough is known;",
        "UNVERIFIED has to be confirmed by the body.",
        "",
    )
    competences: dict[str, list[str]] = {}
    for row in directory.competences:
        if row.valid_until is None:
            place = f", {row.direktionsbezirk.capitalize()}" if row.direktionsbezirk else ""
            text = f"{row.professions_de} ({', '.join((*row.tasks, *row.laws))}{place}; {row.basis})"
            competences.setdefault(row.body, []).append(text)
    bodies = [directory.agencies[key] for key in directory.agencies if directory.kind(key) == "RECOGNITION_BODY"]
    rows = ((_code(one.key), one.name_de, _origin(one), "; ".join(competences.get(one.key, ()))) for one in bodies)
    yield from _table(("key", "Stelle", "origin", "competences"), rows)


def _origin(agency: Agency) -> str:
    return agency.origin if agency.land == HOME_LAND else f"{agency.origin}, {agency.land}"


def _offers(directory: Directory) -> Iterator[str]:
    yield from (
        "## What Welcome Centers offer",
        "",
        "A center whose offers are listed publishes an event type that belongs to services only if it offers one of",
        "them; otherwise the event is refused with `WRONG_PUBLISHER`. A center without a row, and an event type that",
        "belongs to no service, are not restricted.",
        "",
    )
    yield from _table(
        ("service", "Deutsch", "English", "event types"),
        ((_code(one.code), one.name_de, one.name_en, ", ".join(one.events)) for one in directory.services.values()),
    )
    yield from _table(
        ("Welcome Center", "services"),
        ((_code(one.center), ", ".join(one.services) or "all") for one in directory.offers if one.valid_until is None),
    )


def _switches(directory: Directory) -> Iterator[str]:
    yield from (
        "## Switches",
        "",
        "Changes of organisation that may come. While a switch is on, the agencies that name it take part, and the",
        "others of the kind in Saxony lose or gain event types. Rights follow the day of the fact.",
        "",
    )
    rows = (
        (
            _code(one.key),
            one.name_de,
            _state(one),
            ", ".join(_code(key) for key, agency in directory.agencies.items() if agency.switch == one.key) or "-",
            "; ".join(chain.from_iterable(map(_change, one.rights))),
            one.source,
        )
        for one in directory.switches.values()
    )
    yield from _table(("switch", "Deutsch", "state", "brings in", "changes", "source"), rows)


def _state(switch: Switch) -> str:
    if switch.valid_from is None:
        return "off"
    return f"from {switch.valid_from}" + (f" to {switch.valid_until}" if switch.valid_until else "")


def _change(change: RightChange) -> Iterator[str]:
    for word, events in (("loses", change.ends), ("gains", change.begins)):
        if events:
            yield f"{change.kind} {word} {', '.join(events)}"


def _agreements(directory: Directory) -> Iterator[str]:
    yield from ("## Who sends for whom", "")
    rows = (
        (_code(one.sender), _code(one.publisher), ", ".join(one.events) or "all", str(one.valid_from))
        for one in directory.agreements
        if one.valid_until is None
    )
    yield from _table(("sender", "publisher", "event types", "from"), rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _code(text: str) -> str:
    return f"`{text}`"
