"""Who sees what of a case: `visibility.yaml` says what each role may see, this module says who has which role.

Visibility follows roles, never membership in the case: an agency whose file was joined sees its own facts and nothing
else unless a row grants it. An agency that no row grants anything is absent, which revokes what it had.

A view (canonical JSON) has only the keys that hold something:

- `own`: `timeline` (own events in force, and with a `status` FORKED or WAITING corrections that do not apply),
  `clocks` of what is its own: procedures, decisions, referrals, inquiries, titles, courses, and `requirements`: what it
  asked for in its procedures and what has not come yet,
- `referrals`: one object a referral with `role` SENDER or TARGET,
- `progress`: one object a procedure, and one for each publisher's other milestones,
- `outcome`: one object a decided procedure,
- `entry`: the entry the authority reported,
- `purposes`: the consent purposes in force that open those parts to this agency,
- `test`: true for sandbox cases.

Procedure references of others are handed out only to who named them. Own entries never depend on what others said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from meilenstein.cases.calendar import plus_days
from meilenstein.cases.canonical import iso, known
from meilenstein.cases.clocks import Clock
from meilenstein.cases.events import Event
from meilenstein.cases.fold import Case
from meilenstein.cases.identity import UNLINKING
from meilenstein.cases.procedures import Procedure
from meilenstein.cases.referrals import ACCEPTED, OPEN, Referral
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable, VisibilityRule
from meilenstein_schemas.tables import in_force

__all__ = ["boundaries", "clock_state", "clock_view", "views_of"]

Parts = dict[str, Any]


@lru_cache(maxsize=64)
def _rows(rules: RuleTable, as_of: dt.date) -> Mapping[str, tuple[VisibilityRule, ...]]:
    """Return the rows in force by role."""
    roles: dict[str, tuple[VisibilityRule, ...]] = {}
    for row in rules.visibility:
        if in_force(row.valid_from, row.valid_until, as_of):
            roles[row.role] = (*roles.get(row.role, ()), row)
    return roles


@lru_cache(maxsize=8)
def boundaries(rules: RuleTable) -> tuple[dt.date, ...]:
    """Return the days on which rows begin or cease to be in force."""
    starts = {row.valid_from for row in rules.visibility}
    ends = {plus_days(row.valid_until, 1) for row in rules.visibility if row.valid_until is not None}
    return tuple(sorted(starts | ends))


def clock_view(clock: Clock) -> Parts:
    """Return a clock as values, without the explanation."""
    return known(
        id=clock.id,
        about=clock.about,
        label=clock.label,
        paragraph=clock.paragraph,
        start=iso(clock.start),
        due=iso(clock.due),
        state=clock.state,
        reason=clock.reason,
        stopped_on=iso(clock.stopped_on),
    )


def clock_state(clock: Clock, view: Parts) -> Parts:
    """Return a clock as it stands in the state: with its ledger, which names events and is for stewards alone."""
    if not clock.ledger:
        return view
    lines = [
        known(
            kind=entry.kind,
            since=iso(entry.since),
            until=iso(entry.until),
            basis=entry.basis,
            days=entry.days,
            old=iso(entry.old),
            new=iso(entry.new),
            refused=entry.refused,
            event=entry.event_id or None,
        )
        for entry in clock.ledger
    ]
    return {**view, "ledger": lines}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """One case and everything its views are made from."""

    case: Case
    own: Mapping[str, list[Parts]]
    """What each publisher stated itself."""
    clocks: Mapping[str, list[Parts]]
    """Clock views by what they run for."""
    own_clocks: Mapping[str, list[Parts]]
    """Clock views by whose they are."""
    referrals: tuple[Parts, ...]
    """What could be told of each referral."""
    directory: Directory
    rows: Mapping[str, tuple[VisibilityRule, ...]]
    """In force, by role."""
    as_of: dt.date


def views_of(
    case: Case, clocks: Iterable[tuple[str, Parts]], directory: Directory, rules: RuleTable, as_of: dt.date
) -> dict[str, Parts]:
    """Return the view of every agency that may see something of the case, by agency.

    `clocks` are clock views, each with the agency whose clock it is.
    """
    own: dict[str, list[Parts]] = {}
    for entry in case.timeline:
        own.setdefault(entry.event.publisher, []).append(entry.body)
    by_subject: dict[str, list[Parts]] = {}
    by_owner: dict[str, list[Parts]] = {}
    for owner, clock in clocks:
        by_subject.setdefault(clock["about"], []).append(clock)
        by_owner.setdefault(owner, []).append(clock)
    context = _Context(
        case=case,
        own=own,
        clocks=by_subject,
        own_clocks=by_owner,
        referrals=tuple(_referral_values(one) for one in case.referrals),
        directory=directory,
        rows=_rows(rules, as_of),
        as_of=as_of,
    )
    views = {}
    named = {*own, *(one.target for one in case.referrals if one.target is not None)}
    for agency in sorted(named & directory.recipients):  # a mistyped target has no feed
        view = _view(context, agency)
        if view:
            if case.files[0].test:
                view["test"] = True
            views[agency] = view
    return views


def _view(context: _Context, agency: str) -> Parts:
    view: Parts = {}
    own = _own(context, agency)
    if own:
        view["own"] = own
    referrals = list(_referrals(context, agency))
    if referrals:
        view["referrals"] = referrals
    rows = _adviser_rows(context, agency)
    if rows:
        view["purposes"] = sorted({row.purpose for row in rows if row.purpose})
    for row in rows:
        _put(view, row.part, _part(context, row, agency))
    for row in context.rows.get("CLAIMANT", ()):
        if _for_kind(context, row, agency):
            _put(view, row.part, list(_claimed(context, row, agency)))
    return view


def _put(view: Parts, part: str, value: Any) -> None:
    if value:
        view[part] = [*view[part], *value] if isinstance(view.get(part), list) else value


def _pick(row: VisibilityRule, values: Mapping[str, Any]) -> Parts:
    return {name: values[name] for name in row.fields if values.get(name) not in {None, "UNKNOWN"}}


def _for_kind(context: _Context, row: VisibilityRule, agency: str) -> bool:
    return not row.kinds or context.directory.kind(agency) in row.kinds


def _own(context: _Context, agency: str) -> Parts:
    parts: Parts = {
        "timeline": context.own.get(agency),
        "clocks": context.own_clocks.get(agency),
        "requirements": _open_requirements(context.case, agency),
    }
    rows = context.rows.get("OWNER", ())
    return {name: parts[name] for row in rows for name in row.fields if parts[name]}


def _open_requirements(case: Case, agency: str) -> list[Parts]:
    return [
        known(procedure=one.reference, item=found.item, asked_on=iso(found.asked_on), due_on=iso(found.due_on))
        for one in (case.procedures if case.requirements else ())
        if one.body == agency
        for found in case.requirements.get(one.about, ())
        if found.state == "OPEN"
    ]


def _holds(row: VisibilityRule, referral: Referral) -> bool:
    if row.when == "OPEN_OR_ACCEPTED":
        return referral.state in {OPEN, ACCEPTED}
    return row.when in {"ALWAYS", referral.state}


def _referrals(context: _Context, agency: str) -> Iterator[Parts]:
    for referral, values in zip(context.case.referrals, context.referrals, strict=True):
        for role, holder in (("SENDER", referral.sender), ("TARGET", referral.target)):
            if holder != agency:
                continue
            seen: Parts = {}
            for row in context.rows.get(role, ()):
                if _holds(row, referral) and _for_kind(context, row, agency):
                    seen.update(_pick(row, values))
            if seen:
                yield {"role": role, **seen}


def _referral_values(referral: Referral) -> Parts:
    return {
        "referral": referral.identifier.reference,
        "sender": referral.sender,
        "target": referral.target,
        "reason": referral.reason,
        "district_ags": referral.district_ags,
        "legal_route": referral.legal_route,
        "state": referral.state,
        "answered_on": iso(referral.answered_on),
        "decline_reason": referral.decline_reason,
        "return_reason": referral.return_reason,
    }


def _is_adviser(case: Case, agency: str) -> bool:
    return any(
        referral.sender == agency or (referral.target == agency and referral.state == ACCEPTED)
        for referral in case.referrals
    )


def _adviser_rows(context: _Context, agency: str) -> list[VisibilityRule]:
    """Return the rows that the agency's role and the consents in force open to it."""
    if not _is_adviser(context.case, agency):
        return []
    purposes = context.case.consents.purposes_for(agency, context.as_of)
    return [
        row for row in context.rows.get("ADVISER", ()) if row.purpose in purposes and _for_kind(context, row, agency)
    ]


def _part(context: _Context, row: VisibilityRule, agency: str) -> Any:
    if row.part == "progress":
        return list(_progress(context, row, agency))
    if row.part == "outcome":
        return [
            _pick(row, _outcome_values(one))
            for one in context.case.procedures
            if one.body != agency and one.decided_on is not None
        ]
    if not context.case.entries:
        return None
    first = context.case.entries[0]
    return _pick(row, {"entered_on": iso(first.occurred_on), "district_ags": first.district_ags})


def _progress(context: _Context, row: VisibilityRule, agency: str) -> Iterator[Parts]:
    """Yield milestones of other publishers: by procedure, then what belongs to none."""
    case = context.case
    told: set[tuple[str, str]] = set()
    for one in case.procedures:
        told.update(event.key for event in one.milestones)
        if one.body != agency:
            milestones = [_milestone(event) for event in one.milestones if event.event_type in row.events]
            clocks = [_unnamed(clock) for clock in context.clocks.get(one.about, ())]
            values = {"publisher": one.body, "milestones": milestones, "clocks": clocks}
            if one.about in case.requirements:
                values["open_items"] = [found.item for found in case.requirements[one.about] if found.state == "OPEN"]
            yield _pick_lists(row, values)
    others: dict[str, list[Parts]] = {}
    for event in case.events:
        authoritative = case.standings[event.key] == "AUTHORITATIVE"
        if authoritative and event.event_type in row.events and event.publisher != agency and event.key not in told:
            others.setdefault(event.publisher, []).append(_milestone(event))
    for publisher in sorted(others):
        yield _pick_lists(row, {"publisher": publisher, "milestones": others[publisher]})


def _pick_lists(row: VisibilityRule, values: Mapping[str, Any]) -> Parts:
    return {name: values[name] for name in row.fields if values.get(name)}


def _milestone(event: Event) -> Parts:
    return {"type": event.event_type, "occurred_on": iso(event.occurred_on)}


def _unnamed(clock: Parts) -> Parts:
    """Return a clock without the reference of the procedure it runs for."""
    return {name: value for name, value in clock.items() if name != "about"}


def _outcome_values(one: Procedure) -> Parts:
    return {"body": one.body, "procedure": one.reference, "outcome": one.outcome, "decided_on": iso(one.decided_on)}


def _claimed(context: _Context, row: VisibilityRule, agency: str) -> Iterator[Parts]:
    """Yield decided procedures that the agency named, may claim, and is linked to: they are part of its case."""
    named = {
        (reference.owner, reference.reference)
        for event in context.case.events
        if event.publisher == agency and event.event_type not in UNLINKING
        for reference in event.references
        if reference.kind == "PROCEDURE"
        and reference.owner != agency
        and context.directory.may_claim(agency, "PROCEDURE", event.occurred_on)
    }
    for one in context.case.procedures:
        if (one.body, one.reference) in named and one.decided_on is not None:
            yield _pick(row, _outcome_values(one))
