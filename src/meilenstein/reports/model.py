"""A report as values, free of language and of anything a case holds; `build` makes them, pages and JSON show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from meilenstein.reports.period import Period

__all__ = [
    "Act", "Action", "AgencyPart", "Example", "Fates", "FeedState", "FindingPart", "OpenItems", "ReasonPart",
    "ReportModel", "Severity", "TrendPoint", "Urgency", "VersionPart", "Words",
]  # fmt: skip

Words = Mapping[str, str]
"""A text by language, `de` and `en`."""


class FeedState(StrEnum):
    """How an agency's feed stands; the order is the order in which agencies are listed."""

    HALTED = "HALTED"
    SILENT = "SILENT"
    QUIET = "QUIET"
    LIVE = "LIVE"


class Severity(StrEnum):
    """What a reason means: quarantined, accepted with a doubt, or only noted."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Urgency(IntEnum):
    """When something should be done; the smaller, the sooner."""

    NOW = 0
    TODAY = 1
    WEEK = 2


class Act(StrEnum):
    """What there is to do; among things of one urgency, in this order."""

    UNBALANCED = "UNBALANCED"
    HALTED = "HALTED"
    WAITING = "WAITING"
    NOTHING_CAME = "NOTHING_CAME"
    SILENT = "SILENT"
    OPEN = "OPEN"
    OPEN_REST = "OPEN_REST"
    PROPOSALS = "PROPOSALS"
    JUMP = "JUMP"
    LINKS = "LINKS"
    FINDINGS = "FINDINGS"
    QUIET = "QUIET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """Records and what became of them; the four parts add up to `arrived`."""

    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    waiting: int = 0

    @property
    def arrived(self) -> int:
        """All of them."""
        return self.accepted + self.duplicate + self.quarantined + self.waiting

    @property
    def share_accepted(self) -> float | None:
        """Accepted of all that were judged and not duplicates; None where there are none."""
        judged = self.accepted + self.quarantined
        return self.accepted / judged if judged else None

    def __add__(self, other: Fates) -> Fates:
        return Fates(
            accepted=self.accepted + other.accepted,
            duplicate=self.duplicate + other.duplicate,
            quarantined=self.quarantined + other.quarantined,
            waiting=self.waiting + other.waiting,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One slot of the trend."""

    slot: str
    fates: Fates
    current: bool
    day: dt.date
    """Its day; of a run, the day on which it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyPart:
    """One technical sender in the period."""

    key: str
    name: Words
    state: FeedState
    fates: Fates
    last_at: dt.datetime | None
    """When its last record was read, up to the end of the period; None if none ever was."""
    days_silent: int | None
    trend: Sequence[int]
    """Records in each slot of the trend."""
    halted: Sequence[str] = ()
    """Its partitions that stand still, as `topic-partition: REASON`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Where to look: an event id, or the place of the record where its id is none; and the quarantine item."""

    event_id: str | None
    place: str
    event_type: str | None
    item: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonPart:
    """One reason why records were quarantined, or one rule that accepted records break."""

    code: str
    severity: Severity
    count: int
    open: int
    """How many of them are still in quarantine."""
    usual: float | None
    """What the earlier slots let expect for as many records; None without any."""
    jumped: bool
    text: Words
    how: Words
    agencies: Sequence[tuple[str, Words, int]]
    """Key, name and count, the most first."""
    examples: Sequence[Example]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItems:
    """What waits in quarantine at the moment of the report, by age."""

    total: int = 0
    older_than_week: int = 0
    older_than_day: int = 0
    younger: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to do. `facts` are the numbers and names its sentence needs; `commands` are ready to be run."""

    act: Act
    urgency: Urgency
    count: int
    agencies: Sequence[tuple[str, Words, int]] = ()
    """Key, name and days (of silence) or count."""
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    text: Words | None = None
    """Of a reason that jumped: its words."""
    since: dt.datetime | None = None
    commands: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPart:
    """Open findings of one code."""

    code: str
    severity: Severity
    count: int
    title: Words
    todo: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPart:
    """Runs of the period with one suite and one version of the registry data."""

    suite: str
    data: str
    runs: int
    rules: int
    first_at: dt.datetime
    last_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportModel:
    """Everything a report says."""

    period: Period
    made_at: dt.datetime
    program: str
    """Version of this program."""
    fates: Fates
    usual: Fates | None
    """What the earlier slots brought on average (a month: in all); None if they brought nothing."""
    earlier: int
    """Number of earlier slots."""
    senders: int
    """How many agencies sent something."""
    actions: Sequence[Action]
    agencies: Sequence[AgencyPart]
    idle: Sequence[AgencyPart]
    """Agencies that sent nothing in the period, which is not unusual for them."""
    never: Sequence[tuple[str, Words]]
    """Agencies that are connected and never sent anything."""
    reasons: Sequence[ReasonPart]
    open_items: OpenItems
    findings: Sequence[FindingPart]
    trend: Sequence[TrendPoint]
    versions: Sequence[VersionPart]
    working_day: bool
    """Whether a day is one on which Saxon authorities work; true for months and runs."""
    holiday: Words | None
    conserved: bool
    """Whether the balance of the whole instance agrees."""
    partitions: int

    @property
    def urgency(self) -> Urgency | None:
        """How soon the first thing should be done; None if there is nothing to do."""
        return min((action.urgency for action in self.actions), default=None)
