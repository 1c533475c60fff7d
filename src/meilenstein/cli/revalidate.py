"""`meilenstein quarantine revalidate`: what today's rules say of what was judged before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

import typer

from meilenstein.bootstrap import Hub, open_hub
from meilenstein.cli.arguments import ActorOption
from meilenstein.cli.output import JsonOption, counted, print_json, progress_line, show_table
from meilenstein.cli.selection import AgencyOption, CodeOption, StateOption, YoungerOption, decider, selected
from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.acts import Decider
from meilenstein.stewardship.revalidation import Broken, Examined
from meilenstein.store.quarantine import Selection

__all__ = ["quarantine_revalidate"]


def quarantine_revalidate(
    state: StateOption = "OPEN",
    code: CodeOption = None,
    agency: AgencyOption = None,
    younger_than: YoungerOption = 30,
    apply: Annotated[
        bool, typer.Option("--apply", help="Accept what breaks no rule any more; needs --reason.")
    ] = False,
    accepted: Annotated[
        bool, typer.Option("--accepted", help="Look at accepted events instead; changes nothing, ever.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="With --apply: why; the sender reads it.")] = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge again by the rules of today. Without --apply nothing is changed."""
    if apply and (accepted or state != "OPEN"):
        raise ConfigurationError(
            "quarantine revalidate: --apply is for open items only; leave --accepted and --state out"
        )
    who = decider(actor, reason or "") if apply else None
    selection = selected(state=state, code=code, agency=agency)
    with open_hub() as hub:
        if accepted:
            _accepted(hub, younger_than, agency, as_json)
            return
        found, counts = _judge(hub, selection, younger_than, who)
    if as_json:
        print_json({"items": [_row(one) for one in found], "counts": dict(counts), "applied": apply})
        return
    show_table(
        f"{counted(len(found), 'item')}, {counts['would be accepted']} pass"
        + ("" if apply else "; nothing was changed"),
        ("item", "milestone", "was", "now"),
        [(one.item, one.event_type, ", ".join(one.was), ", ".join(one.now) or "passes") for one in found],
    )
    if apply:
        progress_line(f"{counts['accepted']:,} items are accepted, {counts['left']:,} stay as they are")


def _judge(hub: Hub, selection: Selection, days: int, who: Decider | None) -> tuple[list[Examined], Counter[str]]:
    parts = hub.quarantine()
    revalidation = parts.revalidation()
    selection = replace(selection, since=revalidation.since(days))
    found: list[Examined] = []
    counts: Counter[str] = Counter({"would be accepted": 0, "accepted": 0})
    for page in revalidation.pages(selection):
        found.extend(page)
        counts["would be accepted"] += sum(one.passes for one in page)
        if who is not None:
            applied = revalidation.accept(page, who, parts.trail)
            counts["accepted"] += len(applied.entries)
            for item, code in applied.refused.items():
                counts[f"refused:{code}"] += 1
                progress_line(f"  item {item} passes and cannot be accepted: {code}")
        progress_line(f"  {len(found):,} items judged")
    counts["left"] = len(found) - counts["accepted"]
    return found, counts


def _row(one: Examined) -> dict[str, Any]:
    names = ("item", "state", "event_type", "was", "now", "passes")
    return {name: getattr(one, name) for name in names}


def _accepted(hub: Hub, days: int, agency: str | None, as_json: bool) -> None:
    revalidation = hub.quarantine().revalidation()
    broken: Iterable[Broken] = revalidation.accepted(
        since=revalidation.since(days),
        agency=agency,
        progress=lambda done: progress_line(f"  {done:,} accepted events judged"),
    )
    found = list(broken)
    if as_json:
        print_json({"events": [{name: getattr(one, name) for name in Broken.__slots__} for one in found]})
        return
    show_table(
        f"{len(found)} accepted events break a critical rule of today; their verdicts stay",
        ("event", "milestone", "agency", "record", "reasons"),
        [
            (
                one.event_id,
                one.event_type,
                one.publisher,
                f"{one.topic}-{one.partition}@{one.offset}",
                ", ".join(one.codes),
            )
            for one in found
        ],
    )
