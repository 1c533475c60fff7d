"""Lost events and silent agencies: what the clocks run finds about sources and publishers as a whole.

It reads which numbers of each source came, never the events: the work follows the number of sources and of their gaps,
whatever the size of the store. Belongs to the transaction of the clocks run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from meilenstein.cases.calendar import berlin_date, plus_days
from meilenstein.cases.sequences import Gap, age_gaps, gap_detail, gap_words, silent_since
from meilenstein.cases.tick import GAPS, SILENT
from meilenstein.store.database import Connection
from meilenstein.store.levels import Levels, agency_of
from meilenstein.store.outbox import Message, Outbox
from meilenstein.store.sequences import LastSeen, SequenceStore, SourceFinding
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rhythms import Rhythms
from meilenstein_schemas.rules import RuleTable

__all__ = ["PUBLISHER_SILENT", "SEQUENCE_GAP", "SourceHealth", "Sources"]

SEQUENCE_GAP, PUBLISHER_SILENT = "SEQUENCE_GAP", "PUBLISHER_SILENT"
_CARRIER = "TECHNICAL_SENDER"
"""Agencies of this kind publish nothing of their own."""
_SETTLED = {
    "de": "Der Befund hat sich erledigt; es ist nichts weiter zu tun.",
    "en": "The finding has settled itself; there is nothing more to do.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """What the clocks run found."""

    health: Mapping[str, str]
    """SILENT or GAPS by publisher; one that is absent is live, or never sent anything."""
    findings: int
    """Open ones."""


class Sources:
    """Looks at all sources on one connection; the caller commits."""

    def __init__(
        self,
        connection: Connection,
        *,
        rules: RuleTable,
        directory: Directory,
        rhythms: Rhythms,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = SequenceStore(connection)
        self._levels = Levels(connection)
        self._outbox = Outbox(connection)
        self._rules = rules
        self._directory = directory
        self._rhythms = rhythms
        self._clock = clock

    def look(self, day: dt.date) -> SourceHealth:
        """Bring gaps, findings and questions up to `day`, the day of the tick.

        Numbers count as missing from the first run on that saw them missing, and are a finding once the parking span
        is over. Silence is measured against the true day: a tick ahead of it proves nothing. The feed of a publisher
        of which everything is refused is silent too: of what it says nothing is known.
        """
        self._store.loosen(day)
        known = self._store.gaps()
        gaps = age_gaps(self._store.missing(), known, day)
        self._store.replace_gaps(known, gaps)
        seen = self._store.last_seen()
        self._tell({(one.code, one.about): one for one in (*self._lost(gaps, day), *self._silent(seen))})
        findings = self._store.findings()
        accepted = {key: one.accepted_at for key, one in sorted(seen.items()) if one.accepted_at}
        health = {key: SILENT for key, at in accepted.items() if self._silent_from(key, at) <= self._today()}
        return SourceHealth(
            health={**self._with_gaps(gaps, findings, day), **health},
            findings=sum(one.state == "OPEN" for one in findings),
        )

    def _today(self) -> dt.date:
        return berlin_date(self._clock())

    def _silent_from(self, agency: str, seen_at: dt.datetime) -> dt.date:
        return silent_since(berlin_date(seen_at), self._rhythms.of(agency))

    def _lost(self, gaps: Sequence[Gap], day: dt.date) -> Iterator[SourceFinding]:
        loose = {source.about: (source, since) for source, since in self._store.loose()}
        for about, (source, since) in loose.items():
            yield self._finding(SEQUENCE_GAP, about, source.publisher, since, {"contiguous": False})
        parked: dict[str, list[Gap]] = {}
        for gap in gaps:
            if gap.source.about not in loose and _parked_until(gap, self._rules) <= day:
                parked.setdefault(gap.source.about, []).append(gap)
        for about, old in parked.items():
            since = min(_parked_until(gap, self._rules) for gap in old)
            yield self._finding(SEQUENCE_GAP, about, old[0].source.publisher, since, gap_detail(old))

    def _silent(self, seen: Mapping[str, LastSeen]) -> Iterator[SourceFinding]:
        """Yield the agencies of which nothing came, not even what was refused.

        A partition of theirs that we halted says nothing about them.
        """
        today = self._today()
        halted: set[str] = set()
        last = {key: one.seen_at for key, one in seen.items()}
        for row in self._levels.partitions():
            agency = agency_of(row.topic)
            halted.update([agency] if row.halted_reason else ())
            if row.received_at:
                last[agency] = max(row.received_at, last.get(agency, row.received_at))
        for key, at in sorted(last.items()):
            since = self._silent_from(key, at)
            takes_part = self._directory.takes_part(key, today) and self._directory.kind(key) != _CARRIER
            if since <= today and takes_part and key not in halted:
                detail = {"last_on": berlin_date(at), "working_days": self._rhythms.of(key)}
                yield self._finding(PUBLISHER_SILENT, f"publisher:{key}", key, since, detail)

    def _finding(
        self, code: str, about: str, publisher: str, since: dt.date, detail: Mapping[str, Any]
    ) -> SourceFinding:
        return SourceFinding(
            code=code,
            about=about,
            severity=self._rules.finding(code).severity,
            since=since,
            detail=orjson.loads(orjson.dumps(detail)),  # as it is read back, to be compared with
            asked=publisher if publisher in self._directory.senders else None,
        )

    def _tell(self, found: Mapping[tuple[str, str], SourceFinding]) -> None:
        """Write what differs from the last run, ask about what is new, and say where a question has settled itself."""
        known = {(one.code, one.about): one for one in self._store.findings()}
        changed = [key for key, one in found.items() if key in known and not _same(one, known[key])]
        added = [one for key, one in found.items() if key not in known or key in changed]
        gone = [one for key, one in known.items() if key not in found]
        self._store.replace_findings([*gone, *(known[key] for key in changed)], added)
        messages = [self._question(one) for one in added if _is_worse(one, known.get((one.code, one.about)))]
        messages += [self._all_clear(one) for one in gone if one.state == "OPEN"]
        self._outbox.add([message for message in messages if message is not None])

    def _with_gaps(self, gaps: Sequence[Gap], findings: Sequence[SourceFinding], day: dt.date) -> dict[str, str]:
        """Return the publishers of which something is missing for more than a day, and no steward let it be."""
        decided = {one.about for one in findings if one.code == SEQUENCE_GAP and one.state == "DECIDED"}
        loose = [source for source, _ in self._store.loose()]
        lost = [
            gap.source
            for gap in gaps
            if gap.since < day and not (gap.source.about in decided and _parked_until(gap, self._rules) <= day)
        ]
        lost += [source for source in loose if source.about not in decided]
        return {source.publisher: GAPS for source in sorted(lost)}

    def _question(self, one: SourceFinding) -> Message | None:
        words = self._rules.finding(one.code)
        what = gap_words(one.detail) if one.code == SEQUENCE_GAP else {"de": "", "en": ""}
        parts = {lang: (f"{words.title[lang]}.", what[lang], words.todo[lang]) for lang in ("de", "en")}
        text = {language: " ".join(part for part in said if part) for language, said in parts.items()}
        return self._message(one, "QUESTION", {"text": text})

    def _all_clear(self, one: SourceFinding) -> Message | None:
        title = self._rules.finding(one.code).title
        text = {language: f"{title[language]}. {words}" for language, words in _SETTLED.items()}
        return self._message(one, "DECIDED", {"decision": "FINDING_CLOSED", "text": text})

    def _message(self, one: SourceFinding, kind: str, more: Mapping[str, Any]) -> Message | None:
        if one.asked is None:
            return None
        value = {"kind": kind, "code": one.code, "about": one.about, "decided_at": self._clock().isoformat(), **more}
        return Message(
            recipient=one.asked,
            topic=f"replies.{one.asked}",
            key=one.about,
            value=orjson.dumps(value, option=orjson.OPT_SORT_KEYS),
            kind=kind,
        )


def _parked_until(gap: Gap, rules: RuleTable) -> dt.date:
    """Return the first day on which the gap is a finding."""
    return plus_days(gap.since, rules.parking_days + 1)


def _same(one: SourceFinding, other: SourceFinding) -> bool:
    return (one.severity, one.since, one.detail, one.asked) == (other.severity, other.since, other.detail, other.asked)


def _is_worse(one: SourceFinding, known: SourceFinding | None) -> bool:
    """Say whether the agency is to be asked, perhaps again: a gap that is partly filled asks nothing new."""
    if known is None or one.code != SEQUENCE_GAP:
        return True
    return "events" not in one.detail or one.detail["events"] > known.detail.get("events", 0)
