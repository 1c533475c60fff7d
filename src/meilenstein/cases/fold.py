"""What the facts in force of one case say, before anyone asks who may see it or what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meilenstein.cases.authority import INFORMATIVE
from meilenstein.cases.canonical import iso, known
from meilenstein.cases.consents import Consent, Consents, consents_of
from meilenstein.cases.events import RETRACTED, Event, FileKey, Identifier
from meilenstein.cases.procedures import Procedure, procedures_of
from meilenstein.cases.referrals import Answers, Referral, referrals_of
from meilenstein.cases.requirements import OPEN, Requirement, requirements_of
from meilenstein.cases.runs import Ground
from meilenstein.cases.subjects import ATTACHED, CASE, ENTRY, PROCEDURE, REFERRAL, TITLE, Subjects, subjects_of
from meilenstein.cases.titles import Title, titles_of

__all__ = ["Case", "Entry", "fold", "state_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline."""

    event: Event
    status: str
    """IN_FORCE, or FORKED or WAITING for a correction that does not apply (yet)."""
    standing: str
    body: dict[str, Any]
    """What its publisher sees of it: its own statement, and nothing that others said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The facts of one case."""

    files: tuple[FileKey, ...]
    events: tuple[Event, ...]
    """Facts in force, in canonical order."""
    standings: Mapping[tuple[str, str], str]
    timeline: tuple[Entry, ...]
    """Facts in force and corrections that do not apply, in canonical order."""
    consents: Consents
    subjects: Subjects
    """The authoritative facts by what they are about."""
    ground: Ground
    procedures: tuple[Procedure, ...]
    referrals: tuple[Referral, ...]
    titles: tuple[Title, ...]
    requirements: Mapping[str, tuple[Requirement, ...]]
    """What was asked for, by the name of the procedure; nothing for one in which nothing was."""
    entries: tuple[Event, ...]
    """Entries reported by an authority; the first is the entry of the case."""
    identifiers: tuple[Identifier, ...]
    """Owned identifiers, sorted."""

    @property
    def about(self) -> str:
        """The name findings use for the case itself."""
        return f"case:{self.files[0]}"


def fold(
    files: tuple[FileKey, ...],
    shown: Sequence[tuple[Event, str]],
    standings: Mapping[tuple[str, str], str],
    identifiers: Iterable[Identifier],
    answers: Answers,
) -> Case:
    """Return the case of some files.

    `shown` holds the events of these files that are in force, forked or waiting, with that status, in canonical order;
    `answers` the referral answers of the whole closed set.
    """
    events = tuple(event for event, status in shown if status == "IN_FORCE" and event.event_type != RETRACTED)
    consents = consents_of(events, standings)
    subjects = subjects_of(events, standings)
    ground = Ground.of(subjects.about(CASE))
    procedures = procedures_of(subjects.about(PROCEDURE), subjects.about(ATTACHED), ground.fast_track_on)
    return Case(
        files=files,
        events=events,
        standings=standings,
        timeline=tuple(
            Entry(
                event=event,
                status=status,
                standing=standings.get(event.key, INFORMATIVE),
                body=_entry(event, status),
            )
            for event, status in shown
            if status != "IN_FORCE" or event.event_type != RETRACTED
        ),
        consents=consents,
        subjects=subjects,
        ground=ground,
        procedures=procedures,
        referrals=referrals_of(subjects.about(REFERRAL), answers, consents),
        titles=titles_of(subjects.about(TITLE)),
        requirements={
            one.about: found
            for one in procedures
            if (found := requirements_of(one, ground.transferred.get(one.body, ())))
        },
        entries=tuple(subjects.about(ENTRY)),
        identifiers=tuple(sorted(identifiers)),
    )


def _entry(event: Event, status: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "event_id": event.event_id,
        "type": event.event_type,
        "occurred_on": event.occurred_on.isoformat(),
    }
    if status != "IN_FORCE":
        body["status"] = status
    if event.district_ags is not None:
        body["district_ags"] = event.district_ags
    if event.legal_route != "UNKNOWN":
        body["legal_route"] = event.legal_route
    if event.consent_id is not None:
        body["consent_id"] = event.consent_id
    facts = {name: value for name, value in event.facts.items() if value is not None and value not in ("UNKNOWN", [])}
    if facts:
        body["facts"] = facts
    return body


def state_of(case: Case) -> dict[str, Any]:
    """Return the case's facts as plain values: references only, nothing of the hub's own numbering or of the day."""
    state: dict[str, Any] = {
        "files": [{"agency": file.publisher, "reference": file.case_reference} for file in case.files],
        "identifiers": [{"agency": i.owner, "kind": i.kind, "reference": i.reference} for i in case.identifiers],
        "timeline": [_timeline_state(entry) for entry in case.timeline],
        "procedures": [_procedure_state(one, case.requirements.get(one.about, ())) for one in case.procedures],
        "referrals": [_referral_state(one) for one in case.referrals],
        "consents": [_consent_state(one) for one in case.consents.given],
    }
    if case.entries:
        first = case.entries[0]
        state["entry"] = known(
            agency=first.publisher, entered_on=iso(first.occurred_on), district_ags=first.district_ags
        )
    if case.files[0].test:
        state["test"] = True
    return state


def _timeline_state(entry: Entry) -> dict[str, Any]:
    event = entry.event
    return {
        **entry.body,
        "publisher": event.publisher,
        "case_reference": event.case_reference,
        "standing": entry.standing,
    }


def _procedure_state(one: Procedure, requirements: Sequence[Requirement]) -> dict[str, Any]:
    state = known(
        body=one.body,
        procedure=one.reference,
        law=one.law,
        regulated=one.regulated,
        legal_route=one.route,
        received_on=iso(one.first("ApplicationReceived")),
        confirmed_on=iso(one.first("ReceiptConfirmed")),
        complete_on=iso(one.first("DocumentsComplete")),
        waived_on=iso(one.first("EquivalenceCheckWaived")),
        forwarded_on=iso(one.first("ApplicationForwarded")),
        forwarded_to=one.of("ApplicationForwarded")[0].facts.get("target") if one.of("ApplicationForwarded") else None,
        withdrawn_on=iso(one.first("ApplicationWithdrawn")),
        closed_on=iso(one.first("ProcedureClosedNoDecision")),
        decided_on=iso(one.decided_on),
        outcome=one.outcome,
    )
    if requirements:
        state["requirements"] = [_requirement_state(found) for found in requirements]
        state["documents_complete"] = all(found.state != OPEN for found in requirements)
    return state


def _requirement_state(one: Requirement) -> dict[str, Any]:
    return known(
        item=one.item,
        asked_on=iso(one.asked_on),
        asked_by=one.asked_by,
        of=one.of,
        due_on=iso(one.due_on),
        state=one.state,
        closed_on=iso(one.closed_on),
        closed_by=one.closed_by,
    )


def _referral_state(one: Referral) -> dict[str, Any]:
    return known(
        sender=one.sender,
        referral=one.identifier.reference,
        target=one.target,
        reason=one.reason,
        sent_on=iso(one.sent_on),
        legal_basis=one.legal_basis,
        consent=one.consent_id,
        state=one.state,
        answered_on=iso(one.answered_on),
        decline_reason=one.decline_reason,
        return_reason=one.return_reason,
    )


def _consent_state(one: Consent) -> dict[str, Any]:
    return known(
        agency=one.owner,
        consent=one.consent_id,
        purposes=one.purposes,
        recipients=one.recipients,
        valid_from=iso(one.valid_from or one.given_on),
        valid_until=iso(one.valid_until),
        withdrawn_on=iso(one.withdrawn_on),
    )
