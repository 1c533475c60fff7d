"""One case being written: events in the order in which they become known, until the last day is reached."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from meilenstein.simulate.naive_law import Spans
from meilenstein.simulate.offices import Offices, Registers
from meilenstein.simulate.plan import CasePlan
from meilenstein.simulate.records import Body, Defect, SimRecord, Via, Weight
from meilenstein.simulate.workdays import BERLIN, Workdays, end_of_day
from meilenstein_schemas.case_number import CHOICES, make_case_number
from meilenstein_schemas.contracts import load_contracts

__all__ = ["RECORDS_PER_CASE", "CaseEnds", "Casebook", "World", "reference"]

RECORDS_PER_CASE = 10_000
"""Room for sorting numbers in one case."""
_NUMBER_STEP = 10
_RECORDING_DAYS = (0, 0, 0, 0, 0, 0, 0, 1, 1, 2)
"""Working days between fact and entry, each equally likely."""
_LINKING = frozenset({"REFERRAL", "PROCEDURE"})
_NOT_LINKING = frozenset({"ReferralDeclined", "ReferralReturned", "EventRetracted"})


class CaseEnds(Exception):
    """What comes next lies beyond the last day, so the case stands as it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What all cases of a simulation share."""

    until: dt.date
    workdays: Workdays
    offices: Offices
    registers: Registers
    spans: Spans
    namespace: uuid.UUID
    """Differs between simulations with different arguments, and so do the event ids."""

    @property
    def end(self) -> dt.datetime:
        """The last instant at which anything may have been recorded."""
        return end_of_day(self.until)


@cache
def _template(event_type: str) -> Mapping[str, Any]:
    """Return every field of a contract with its default, None where it has none, in the contract's order."""
    fields = load_contracts()[event_type].schema["fields"]
    return {field["name"]: field.get("default") for field in fields}


def reference(agency: str, kind: str, text: str) -> dict[str, str]:
    """Return a claim: another agency's identifier."""
    return {"agency": agency, "kind": kind, "reference": text}


class Casebook:
    """Writes the events of one case. `day` is where the case stands; steps move it on and write there."""

    def __init__(self, *, world: World, plan: CasePlan, rng: Random) -> None:
        self.world = world
        self.plan = plan
        self.rng = rng
        self.day = plan.start
        self.records: list[SimRecord] = []
        self.notes: dict[str, Any] = {}
        """What later steps of the story have to know of earlier ones."""
        self.number = make_case_number(rng.randrange(CHOICES)) if self.does("number", 0.4) else None
        """The speakable number that all agencies of the case write on their events, where one was given out."""
        self._recorded_at = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._files: dict[str, str] = {}
        self._named: dict[tuple[str, str, str], str] = {}
        self._numbered: tuple[str, str] | None = None
        self._ids = 0
        self._numbers = 0

    def does(self, feature: str, share: float) -> bool:
        """Say whether something that happens in a share of all cases happens in this one.

        A case that is planned for a purpose has the features that purpose needs, and no others.
        """
        if self.plan.brisk:
            return feature in self.plan.features
        return self.rng.random() < share

    def wait(self, low: int, high: int, *, brisk: tuple[int, int] | None = None) -> None:
        """Let a number of working days pass: between low and high, or the brisk span in a brisk case.

        Before the first event there is nothing to wait for: a case begins with it.
        """
        if not self.records:
            return
        span = brisk if self.plan.brisk and brisk else (low, high)
        self.day = self.world.workdays.plus(self.day, self.rng.randint(*span))

    def wait_before(self, due: dt.date, low: int, high: int, *, brisk: tuple[int, int] | None = None) -> None:
        """The same, but not beyond `due`, which has not passed."""
        began = self.day
        self.wait(low, high, brisk=brisk)
        if self.day > due:
            self.day = max(began, self.world.workdays.on_or_before(due))

    def wait_days(self, days: int) -> None:
        """Let calendar days pass; the case may then stand on a day on which no office works."""
        self.day += dt.timedelta(days=days)

    def new_number(self, agency: str, series: str) -> str:
        """Take the agency's next number of a series."""
        return self.world.registers.next(agency, series, self.day)

    def file(self, agency: str) -> str:
        """Return the agency's own file of this case; the first call opens it."""
        if agency not in self._files:
            self._files[agency] = self.new_number(agency, "file")
        return self._files[agency]

    def new_id(self) -> str:
        """Return an event id that nobody else uses and that the same arguments give again."""
        self._ids += 1
        return str(uuid.uuid5(self.world.namespace, f"{self.plan.index}/{self._ids}"))

    def order(self, moment: dt.datetime) -> tuple[dt.datetime, int]:
        """Return the sorting key of something that happens at `moment`, after what this case wrote before."""
        self._numbers += _NUMBER_STEP
        return moment, self.plan.index * RECORDS_PER_CASE + self._numbers

    def write(
        self,
        event_type: str,
        *,
        publisher: str,
        case_reference: str | None = None,
        on: dt.date | None = None,
        by: dt.date | None = None,
        references: Iterable[dict[str, str]] = (),
        weight: Weight = Weight.FACT,
        **facts: Any,
    ) -> SimRecord:
        """Write one event that became true on `on` (default: where the case stands) and return it.

        It is entered at the latest `by` a day: a clock that it starts or stops is short. The story goes on from the day
        of the entry. Raises CaseEnds when it would have happened or been recorded after the last day.
        """
        day = on or self.day
        if self.day > self.world.until:
            raise CaseEnds
        moment = self._next_recording(by)
        if self.number and facts.get("subject_kind", "PERSON") == "PERSON" and event_type not in _NOT_LINKING:
            facts["case_number"] = self.number
        body = self.body(
            event_type,
            publisher=publisher,
            case_reference=case_reference or self.file(publisher),
            occurred_on=day,
            recorded_at=moment,
            references=list(references),
            **facts,
        )
        record = self.record(event_type, body, moment, weight=weight)
        self.records.append(record)
        self._recorded_at = moment
        self.day = max(self.day, self.berlin_day(moment))
        return record

    def body(self, event_type: str, *, publisher: str, occurred_on: dt.date, **facts: Any) -> Body:
        """Return an event with a new id; what is not given has its default."""
        sender = self.world.offices.sender(publisher, event_type, occurred_on)
        values = {
            "event_id": self.new_id(),
            "publisher": publisher,
            "sent_by": None if sender == publisher else sender,
            "source_system": self.world.offices.system(sender),
            "subject_kind": "PERSON",
            "district_ags": self.plan.district,
            "occurred_on": occurred_on,
            **facts,
        }
        template = _template(event_type)
        unknown = set(values) - set(template)
        if unknown:
            raise ValueError(f"{event_type} has no field {', '.join(sorted(unknown))}")
        return {
            name: values.get(name, list(default) if isinstance(default, list) else default)
            for name, default in template.items()
        }

    def record(
        self,
        event_type: str,
        body: Body,
        moment: dt.datetime,
        *,
        label: Defect | None = None,
        detail: str | None = None,
        via: Via = Via.MAIN,
        weight: Weight = Weight.FACT,
    ) -> SimRecord:
        """Return the record that carries `body`, published when it is the turn of `moment`."""
        for field, kind in (("procedure_reference", "PROCEDURE"), ("referral_id", "REFERRAL")):
            if body.get(field):
                self._named.setdefault((body["publisher"], kind, body[field]), body["case_reference"])
        return SimRecord(
            sender=body["sent_by"] or body["publisher"],
            event_type=event_type,
            body=body,
            raw=None,
            after=self.order(moment),
            label=label,
            detail=detail,
            via=via,
            case=self.plan.index,
            weight=weight,
            joins=self._joins(event_type, body),
        )

    def _joins(self, event_type: str, body: Body) -> tuple[tuple[str, str], ...]:
        """Return the files that the event's references join with its own: those of the numbers that this case knows."""
        if event_type in _NOT_LINKING:
            return ()
        claims = [(item["agency"], item["kind"], item["reference"]) for item in body["references"]]
        files = [(claim[0], self._named[claim]) for claim in claims if claim[1] in _LINKING and claim in self._named]
        if body["case_number"]:
            files.append(self._numbered or (body["publisher"], body["case_reference"]))
            self._numbered = files[-1]
        return tuple(dict.fromkeys(files))

    def _next_recording(self, by: dt.date | None) -> dt.datetime:
        """Return when a fact of today is entered: within days, and after what was entered before in this case."""
        days = 0 if self.plan.brisk else self.rng.choice(_RECORDING_DAYS)
        today = self.world.workdays.on_or_after(self.day)
        day = self.world.workdays.plus(today, days)
        if by is not None:
            day = max(today, min(day, self.world.workdays.on_or_before(by)))
        moment = self.world.workdays.office_time(day, self.rng)
        earliest = self._recorded_at + dt.timedelta(seconds=self.rng.randrange(60, 900)) if self.records else moment
        moment = max(moment, earliest)
        if moment > self.world.end:
            raise CaseEnds
        return moment

    def latest(self, event_type: str) -> SimRecord:
        """Return the case's last event of a type."""
        return next(record for record in reversed(self.records) if record.event_type == event_type)

    def first(self, event_type: str) -> SimRecord:
        """Return the case's first event of a type."""
        return next(record for record in self.records if record.event_type == event_type)

    def berlin_day(self, moment: dt.datetime) -> dt.date:
        """Return the Berlin date of an instant."""
        return moment.astimezone(BERLIN).date()

    def midday(self, day: dt.date) -> dt.datetime:
        """Return an instant (UTC) early on a day, before anything of that day is entered."""
        return dt.datetime.combine(day, dt.time(7, 30), BERLIN).astimezone(dt.UTC)
