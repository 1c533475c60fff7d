"""States of cases as the fold writes them, built from events by the fold itself."""

from __future__ import annotations

import datetime as dt
import itertools
import json

from meilenstein.cases.events import Event
from meilenstein.cases.settle import Tick, settle
from meilenstein.kpi.figures import Figures
from meilenstein.kpi.month import month_of
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.rules import load_rules

__all__ = ["AFTER", "DIRECTORY", "MONTH", "OCTOBER", "RULES", "Story", "counted", "states"]

DIRECTORY, RULES = load_directory(), load_rules()
OCTOBER = dt.date(2026, 10, 1)
AFTER = dt.date(2026, 11, 20)
MONTH = month_of(OCTOBER, AFTER)
_numbers = itertools.count(1)


def day(text):
    """Return a day: `10-05` lies in 2026."""
    return dt.date.fromisoformat(text if len(text) == 10 else f"2026-{text}")


class Story:
    """Events of one case, told one after another."""

    def __init__(self, **common):
        self.common = {"source_system": "test", "subject_kind": "PERSON", **common}
        self.events = []
        self.number = next(_numbers)

    def say(self, event_type, publisher, on, **fields):
        number = len(self.events) + 1
        body = {
            "event_id": f"{self.number:08d}-0000-4000-8000-{number:012d}",
            "publisher": publisher,
            "case_reference": f"{publisher}-{self.number}",
            "occurred_on": day(on),
            **self.common,
            **fields,
        }
        self.events.append(Event.from_body(event_type, body))
        return self

    def procedure(self, body="hwk-dresden", *, received=None, complete=None, decided=None, district="14612", **fields):
        """Tell a procedure under federal law of an unregulated profession."""
        name = {"procedure_reference": f"P-{self.number}-{body}"}
        facts = {"procedure_law": "BQFG", "regulated": "NO", "training_state_group": "THIRD_STATE", **fields}
        outcome = facts.pop("outcome", "FULL_EQUIVALENCE")
        more = facts.pop("decision", {})
        if received:
            self.say("ApplicationReceived", body, received, district_ags=district, **name, **facts)
        if complete:
            self.say("DocumentsComplete", body, complete, **name)
        if decided:
            self.say("DecisionIssued", body, decided, outcome=outcome, **name, **more)
        return self


def states(stories, as_of=AFTER):
    """Return the states of the cases that the stories make."""
    found = settle(
        [event for story in stories for event in story.events],
        directory=DIRECTORY,
        rules=RULES,
        tick=Tick(as_of=as_of),
    )
    return [json.loads(case.state) for case in found]


def counted(*stories, month=MONTH):
    """Return the true figures of the cases that the stories make."""
    figures = Figures(month, DIRECTORY, RULES)
    for state in states(stories):
        figures.add(state)
    return figures
