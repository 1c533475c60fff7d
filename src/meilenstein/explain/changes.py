"""What changed in a case since a day, and why, as text in German or English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from meilenstein.cases.events import Event
from meilenstein.cases.known_on import Arrival, Change
from meilenstein.explain.text import CaseText
from meilenstein.explain.words import STATES
from meilenstein_schemas.labels import Text

__all__ = ["HOW_CAUSES_ARE_FOUND", "ChangeText"]

HOW_CAUSES_ARE_FOUND: Text = {
    "de": "Ursache: Was seit dem Stichtag eintraf, wird in der Reihenfolge des Eingangs noch einmal angewandt; genannt "
    "ist, womit der heutige Wert entstand und von da an blieb. Gerechnet wird beide Male mit den heutigen Regeln.",
    "en": "Cause: what arrived since the day is applied again in the order of its arrival; named is what brought the "
    "value of today, which stood from then on. Both are counted by the rules of today.",
}

_WORDS: Mapping[str, Text] = {
    "heading": {
        "de": "Fall {case}, wie er am Ende des {day} bekannt war (gerechnet für den {as_of})",
        "en": "Case {case} as it was known at the end of {day} (counted for {as_of})",
    },
    "case": {"de": "Fall {number} von {count}", "en": "Case {number} of {count}"},
    "nothing": {"de": "Von diesem Fall war noch nichts bekannt.", "en": "Nothing of this case was known yet."},
    "first": {"de": "Die erste Meldung traf am {day} ein.", "en": "The first event arrived on {day}."},
    "changed": {"de": "Was sich seitdem geändert hat, und warum", "en": "What changed since, and why"},
    "unchanged": {"de": "nichts", "en": "nothing"},
    "arrived": {"de": "seitdem eingetroffen: {count}", "en": "arrived since: {count}"},
    "time": {"de": "durch Zeitablauf, ohne Meldung", "en": "time went by; no event"},
    "one_of": {"de": "eines von {count}, die nacheinander eintrafen:", "en": "one of {count} that arrived in turn:"},
    "event": {
        "de": "Meldung {id}: {type}, {publisher}, Tag der Tatsache {on}, eingegangen {received}",
        "en": "event {id}: {type}, {publisher}, day of the fact {on}, received {received}",
    },
    "JOINED": {
        "de": "Entscheidung von {actor} am {day}: ein Fall",
        "en": "decision of {actor} on {day}: one case",
    },
    "KEPT_APART": {
        "de": "Entscheidung von {actor} am {day}: getrennte Fälle",
        "en": "decision of {actor} on {day}: two cases",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeText:
    """Words for changes, in the language of `text`."""

    text: CaseText

    def _word(self, name: str, **values: object) -> str:
        return _WORDS[name][self.text.language].format(**values)

    def heading(self, case: str, day: dt.date, as_of: dt.date) -> str:
        """Return the first line."""
        return self._word("heading", case=case, day=self.text.day(day), as_of=self.text.day(as_of))

    def case(self, number: int, count: int) -> str:
        """Return the heading of one of the cases that the case of today was then."""
        return self._word("case", number=number, count=count)

    def nothing(self, first: dt.date | None) -> str:
        """Return the line for a case that was not known yet."""
        later = f" {self._word('first', day=self.text.day(first))}" if first else ""
        return f"{self._word('nothing')}{later}"

    def changes(
        self, changes: Sequence[Change], words: Callable[[Arrival], Iterable[str]], arrived: int
    ) -> Iterator[str]:
        """Yield every change, below what it is about, with its causes in `words`."""
        language = self.text.language
        nothing = "" if changes else f": {self._word('unchanged')}"
        yield f"{self._word('changed')}{nothing} ({self._word('arrived', count=arrived)})"
        for about, group in groupby(changes, key=lambda change: (change.fact.what, change.fact.about)):
            yield f"  {about[1]}"
            for change in group:
                name, old, new = change.fact.name, self._value(change, change.old), self._value(change, change.new)
                yield f"      {self.text.field(name)}: {old} -> {new}"
                yield from (f"          {line}" for line in self._causes(change, words))
        if changes:
            yield ""
            yield HOW_CAUSES_ARE_FOUND[language]

    def _causes(self, change: Change, words: Callable[[Arrival], Iterable[str]]) -> Iterator[str]:
        if not change.causes:
            yield self._word("time")
        elif len(change.causes) > 1:
            yield self._word("one_of", count=len(change.causes))
        for one in change.causes:
            yield from words(one)

    def _value(self, change: Change, value: Any) -> str:
        if change.fact.what in {"FINDING", "REQUIREMENT"} and value is not None:
            return STATES[value][self.text.language]
        if change.fact.what == "CLOCK" and change.fact.name == "state" and value is not None:
            state, _, reason = value.partition(": ")
            return f"{STATES[state][self.text.language]}{f' ({reason})' if reason else ''}"
        if change.fact.what == "FILES" and value is not None:
            return " | ".join(" + ".join(files) for files in value)
        return self.text.value(change.fact.name, value)

    def event(self, event: Event, received: dt.date) -> str:
        """Return the line of an event as a cause."""
        return self._word(
            "event",
            id=event.event_id,
            type=self.text.event(event.event_type),
            publisher=event.publisher,
            on=self.text.day(event.occurred_on),
            received=self.text.day(received),
        )

    def decision(self, verdict: str, actor: str, day: dt.date) -> str:
        """Return the line of a decision as a cause."""
        return self._word(verdict, actor=actor, day=self.text.day(day))
