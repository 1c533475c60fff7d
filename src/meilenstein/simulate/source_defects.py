"""Troubles of a source as a whole: events that never come, and an agency that falls silent.

They are put into agencies on which no clock waits: where events are missing, silence proves nothing any more, and the
clocks that wait for such an agency say so instead of being over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from meilenstein.simulate.offices import Offices
from meilenstein.simulate.records import Defect, SimRecord, Via, Weight
from meilenstein.simulate.truth_findings import ExpectedFinding

__all__ = ["findings_of_sources", "lose_events", "silent_agencies"]

_LOST = 2
_FEWEST = 4


def lose_events(records: Sequence[SimRecord], offices: Offices) -> list[SimRecord]:
    """Return the records with a few of the portal's lost: neither its first nor its last, so that the gap shows."""
    portal = [place for place, one in enumerate(records) if one.sender == offices.info_portal and one.via is Via.MAIN]
    twice = {one.event_id for one in records if one.label is not None and one.body is not None}
    unlabelled = [place for place in portal[1:-1] if records[place].event_id not in twice]
    changed = list(records)
    if len(portal) >= _FEWEST:
        for place in unlabelled[:_LOST]:
            changed[place] = replace(records[place], via=Via.LOST, label=Defect.SEQUENCE_GAP, weight=Weight.VOID)
    return changed


def silent_agencies(records: Iterable[SimRecord], offices: Offices) -> tuple[str, ...]:
    """Return who has said nothing for long: the assessment office, if it ever said anything."""
    return tuple({one.sender: None for one in records if one.sender == offices.assessment_office})


def findings_of_sources(records: Iterable[SimRecord], silent: Iterable[str]) -> tuple[ExpectedFinding, ...]:
    """Return the findings about sources and publishers; they belong to no case."""
    gaps = dict.fromkeys(
        f"source:{one.publisher}/{one.facts['source_system']}" for one in records if one.via is Via.LOST
    )
    return (
        *(ExpectedFinding(case="", code="SEQUENCE_GAP", about=about) for about in gaps),
        *(ExpectedFinding(case="", code="PUBLISHER_SILENT", about=f"publisher:{key}") for key in silent),
    )
