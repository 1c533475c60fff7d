"""`meilenstein case ... --as-known-on DAY`: the case as it was known, and what changed since and why."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from meilenstein.cases.calendar import berlin_date
from meilenstein.cases.known_on import Arrival, Change
from meilenstein.cli.arguments import parse_day
from meilenstein.cli.output import print_json
from meilenstein.explain.changes import HOW_CAUSES_ARE_FOUND, ChangeText
from meilenstein.explain.picture import picture_of
from meilenstein.explain.text import CaseText
from meilenstein.reconciliation.fold import Fold
from meilenstein.stewardship.known_on import KnownCase
from meilenstein_schemas.visible import visible

__all__ = ["parse_known_on", "show_known"]


def parse_known_on(text: str | None) -> dt.date | None:
    """Return the day; anything but YYYY-MM-DD is a ConfigurationError that names the option."""
    return None if text is None else parse_day(text, "--as-known-on")


def show_known(known: KnownCase, row: Mapping[str, Any], fold: Fold, *, language: str, as_json: bool) -> None:
    """Print a case then, and the changes since; `row` is the case as it is stored."""
    pictures = [picture_of(case, fold.rules, known.tick.as_of) for case in known.compared.then]
    if as_json:
        print_json(
            {
                "case_id": row["case_id"],
                "as_known_on": known.day,
                "as_of": known.tick.as_of,
                "as_of_now": known.tick_now.as_of,
                "cases": pictures,
                "changes": [_change(change, known) for change in known.compared.changes],
                "received_since": [_arrival(one, known) for one in known.since],
                "attribution": dict(HOW_CAUSES_ARE_FOUND),
            }
        )
        return
    text = CaseText(language=language, directory=fold.directory)
    words = ChangeText(text=text)
    lines = [words.heading(str(row["case_id"]), known.day, known.tick.as_of)]
    for number, picture in enumerate(pictures, 1):
        lines.extend(("", *text.lines(picture, words.case(number, len(pictures)))))
    if not pictures:
        lines.extend(("", words.nothing(_first_arrival(known.since))))
    lines.extend(("", *words.changes(known.compared.changes, lambda one: _words(one, known, words), len(known.since))))
    sys.stdout.writelines(f"{visible(line)}\n" for line in lines)


def _first_arrival(since: Sequence[Arrival]) -> dt.date | None:
    return berlin_date(since[0].at) if since else None


def _change(change: Change, known: KnownCase) -> Mapping[str, Any]:
    return {
        "what": change.fact.what,
        "about": change.fact.about,
        "field": change.fact.name,
        "old": change.old,
        "new": change.new,
        "cause": "ARRIVAL" if change.causes else "TIME",
        "brought_by": [_arrival(one, known) for one in change.causes],
    }


def _arrival(one: Arrival, known: KnownCase) -> Mapping[str, Any]:
    if one.event is not None:
        return {
            "kind": "EVENT",
            "event_id": one.event.event_id,
            "type": one.event.event_type,
            "publisher": one.event.publisher,
            "occurred_on": one.event.occurred_on,
            "received_on": berlin_date(one.at),
        }
    row = known.decided[one.decision.decision_id] if one.decision else None
    return {
        "kind": "DECISION",
        "decision": row.id if row else None,
        "verdict": row.content["verdict"] if row else None,
        "actor": row.actor if row else None,
        "decided_on": berlin_date(one.at),
    }


def _words(one: Arrival, known: KnownCase, words: ChangeText) -> Iterator[str]:
    if one.event is not None:
        yield words.event(one.event, berlin_date(one.at))
    elif one.decision is not None:
        row = known.decided[one.decision.decision_id]
        yield words.decision(row.content["verdict"], row.actor, berlin_date(one.at))
