"""What to do next, the most urgent first: each action says what is the matter and names the command to run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from meilenstein.reports.agencies import agency_key, agency_name
from meilenstein.reports.model import Act, Action, AgencyPart, FeedState, ReasonPart, Severity, Urgency
from meilenstein.reports.reason_texts import reason_words
from meilenstein.stewardship.confirmation import confirm_command, resume_command
from meilenstein.store.reports import NowRows, OpenCount
from meilenstein_expectations import SuiteSet
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["MOST_AGENCIES", "find_actions"]

MOST_AGENCIES = 3
"""Agencies whose open items get a line of their own."""

_MOST_JUMPS = 3
_MOST_COMMANDS = 3
_FORBIDDEN = "FORBIDDEN_CONTENT"
_LINK = "LINK_PROPOSED"
_LIST = "meilenstein quarantine list"
_PATIENCE = dt.timedelta(minutes=15)


def find_actions(
    now: NowRows,
    *,
    agencies: Sequence[AgencyPart],
    reasons: Sequence[ReasonPart],
    directory: Directory,
    suites: SuiteSet,
    texts: RuleTable,
    made_at: dt.datetime,
    conserved: bool,
    nothing_came: bool,
) -> list[Action]:
    """Return what there is to do, the most urgent first."""
    actions: list[Action] = []
    if not conserved:
        commands = ("meilenstein status", "meilenstein doctor")
        actions.append(Action(act=Act.UNBALANCED, urgency=Urgency.NOW, count=1, commands=commands))
    actions.extend(_halts(now, directory))
    if now.waiting_batches and now.waiting_since and made_at - now.waiting_since > _PATIENCE:
        actions.append(
            Action(
                act=Act.WAITING,
                urgency=Urgency.NOW,
                count=now.waiting_batches,
                since=now.waiting_since,
                commands=("meilenstein doctor", "meilenstein validate"),
            )
        )
    if nothing_came:
        actions.append(Action(act=Act.NOTHING_CAME, urgency=Urgency.NOW, count=1, commands=("meilenstein doctor",)))
    actions.extend(_jumps(reasons))
    actions.extend(_open(now, directory, suites))
    actions.extend(_proposals(now))
    actions.extend(_doubts(now, texts))
    actions.extend(_feeds(agencies))
    order = list(Act)
    return sorted(actions, key=lambda action: (action.urgency, order.index(action.act)))


def _halts(now: NowRows, directory: Directory) -> Iterable[Action]:
    for row in now.halted:
        key = agency_key(row.topic)
        yield Action(
            act=Act.HALTED,
            urgency=Urgency.NOW,
            count=1,
            agencies=((key, agency_name(key, directory), 0),),
            facts={"partition": f"{row.topic}-{row.partition}", "reason": row.reason},
            since=row.halted_at,
            commands=("meilenstein doctor", f'{resume_command(row.topic, row.partition)} --reason "…"'),
        )


def _jumps(reasons: Iterable[ReasonPart]) -> list[Action]:
    jumped = sorted((part for part in reasons if part.jumped), key=lambda part: -part.count)
    return [
        Action(
            act=Act.JUMP,
            urgency=Urgency.TODAY,
            count=part.count,
            agencies=part.agencies[:1],
            facts={"code": part.code, "usual": part.usual or 0.0},
            text=part.text,
            commands=(f"meilenstein quarantine list --code {part.code}",)
            if part.severity is Severity.CRITICAL and part.open
            else (),
        )
        for part in jumped[:_MOST_JUMPS]
    ]


def _open(now: NowRows, directory: Directory, suites: SuiteSet) -> Iterable[Action]:
    rows = sorted(now.open, key=lambda row: (_urgency(row, now), -row.n, row.oldest_at))
    for row in rows[:MOST_AGENCIES]:
        key = agency_key(row.topic)
        code = next((count.code for count in now.open_codes if count.topic == row.topic), "-")
        yield Action(
            act=Act.OPEN,
            urgency=_urgency(row, now),
            count=row.n,
            agencies=((key, agency_name(key, directory), row.n),),
            facts={"item": row.oldest_item, "code": code, "old": row.older_than_week},
            text=reason_words(code, suites)[0],
            since=row.oldest_at,
            commands=(
                f"{_LIST} --agency {key}" if key in directory.agencies else _LIST,
                f"meilenstein quarantine show {row.oldest_item}",
            ),
        )
    rest = sorted(rows[MOST_AGENCIES:], key=lambda row: -row.n)
    if rest:
        yield Action(
            act=Act.OPEN_REST,
            urgency=min(_urgency(row, now) for row in rest),
            count=sum(row.n for row in rest),
            agencies=[(agency_key(row.topic), agency_name(agency_key(row.topic), directory), row.n) for row in rest],
            since=min(row.oldest_at for row in rest),
            commands=(_LIST,),
        )


def _urgency(row: OpenCount, now: NowRows) -> Urgency:
    """What should not have been sent at all waits for nobody's week; nor does what waits for a week already."""
    codes = {count.code for count in now.open_codes if count.topic == row.topic}
    return Urgency.TODAY if row.older_than_week or _FORBIDDEN in codes else Urgency.WEEK


def _proposals(now: NowRows) -> Iterable[Action]:
    """What waits for a second person; links only by their list, because their command names references of people."""
    if now.proposals:
        known = [command for proposal in now.proposals if (command := confirm_command(proposal)) is not None]
        yield Action(
            act=Act.PROPOSALS,
            urgency=Urgency.TODAY,
            count=len(now.proposals),
            since=now.proposals[0].proposed_at,
            commands=("meilenstein proposals list", *known[:_MOST_COMMANDS]),
        )


def _doubts(now: NowRows, texts: RuleTable) -> Iterable[Action]:
    if now.links:
        yield Action(act=Act.LINKS, urgency=Urgency.WEEK, count=now.links, commands=("meilenstein links list",))
    doubts = [
        (row.code, row.n - (now.links if row.code == _LINK else 0)) for row in now.findings if row.severity == "W"
    ]
    total = sum(count for _, count in doubts)
    if total > 0:
        code = max(doubts, key=lambda pair: pair[1])[0]
        yield Action(
            act=Act.FINDINGS,
            urgency=Urgency.WEEK,
            count=total,
            facts={"code": code},
            text=texts.finding(code).title,
            commands=("meilenstein findings list --severity W", f"meilenstein findings list --code {code}"),
        )


def _feeds(agencies: Iterable[AgencyPart]) -> Iterable[Action]:
    for act, state, urgency in (
        (Act.SILENT, FeedState.SILENT, Urgency.TODAY),
        (Act.QUIET, FeedState.QUIET, Urgency.WEEK),
    ):
        found = [part for part in agencies if part.state is state]
        if found:
            yield Action(
                act=act,
                urgency=urgency,
                count=len(found),
                agencies=[(part.key, part.name, part.days_silent or 0) for part in found],
                commands=[f"meilenstein status --agency {part.key}" for part in found[:MOST_AGENCIES]],
            )
