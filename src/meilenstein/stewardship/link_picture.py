"""Two files as a steward sees them before deciding: what each says, and who would see what afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from meilenstein.cases.calendar import berlin_date
from meilenstein.cases.events import FileKey
from meilenstein.cases.identity import JOINED, KEPT_APART, Decision
from meilenstein.cases.links import FileSide, LinkExamination, examine
from meilenstein.cases.settle import SettledCase
from meilenstein.errors import ConfigurationError
from meilenstein.reconciliation.fold import Fold, Ground
from meilenstein.store.database import Connection
from meilenstein.store.decisions import DecisionRow
from meilenstein.store.events import CaseFile

__all__ = ["LinkPainter", "LinkPicture", "SeenChange", "linked_files"]

_NEXT = 2**62


def linked_files(one: CaseFile, other: CaseFile) -> tuple[CaseFile, CaseFile]:
    """Return two files in the order in which decisions name them: the one that was met first comes first."""
    return (one, other) if one.id < other.id else (other, one)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChange:
    """What a decision would change for one recipient that sees, or would see, anything of the two files' cases."""

    recipient: str
    effect: str
    """GAINS (saw nothing before), LOSES (sees nothing afterwards) or CHANGES."""
    parts: tuple[str, ...]
    """Parts of the view that would be new, gone or different."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPicture:
    """Two files, what is decided about them, and what the opposite would bring."""

    files: tuple[CaseFile, CaseFile]
    found: LinkExamination
    decided: DecisionRow | None
    """The newest decision about the two."""
    changes: tuple[SeenChange, ...]
    """For files that are apart what a merge would change, for joined ones what a split would."""

    @property
    def agree(self) -> tuple[str, ...]:
        """What both files mention."""
        one, other = (set(side.identifiers) for side in self.found.sides)
        return tuple(map(str, sorted(one & other)))

    def as_json(self) -> dict[str, Any]:
        """Return the picture as plain values."""
        decided = self.decided
        return {
            "sides": [_side(side) for side in self.found.sides],
            "test": self.files[0].test,
            "state": JOINED if self.found.joined else "APART",
            "agree": list(self.agree),
            "evidence": list(map(str, self.found.evidence)),
            "refusal": self.found.refusal,
            "decided": decided
            and {
                "verdict": decided.content["verdict"],
                "actor": decided.actor,
                "reason": decided.reason,
                "decided_at": decided.decided_at,
            },
            "preview": {
                "of": "SPLIT" if self.found.joined else "MERGE",
                "changes": [{name: getattr(one, name) for name in SeenChange.__slots__} for one in self.changes],
            },
        }


def _side(side: FileSide) -> dict[str, Any]:
    return {
        "file": str(side.file),
        "identifiers": list(map(str, side.identifiers)),
        "first_on": side.first_on,
        "last_on": side.last_on,
        "milestones": side.milestones,
        "districts": list(side.districts),
    }


class LinkPainter:
    """Draws pictures from the store; writes nothing."""

    def __init__(self, connection: Connection, *, fold: Fold, clock: Callable[[], dt.datetime]) -> None:
        self._connection = connection
        self._fold = fold
        self._clock = clock

    def day(self) -> dt.date:
        """Return the day a decision taken now is of."""
        return berlin_date(self._clock())

    def draw(self, files: tuple[CaseFile, CaseFile], decided: DecisionRow | None) -> LinkPicture:
        """Fold the two files as they are, and as they would be; ConfigurationError where one holds no person."""
        self._fold.book.refresh(self._connection)
        ground = self._fold.load(self._connection, [file.id for file in files], note=False)
        left, right = (FileKey(*file.name) for file in files)
        for file, known in zip((left, right), files, strict=True):
            if not any(event.file == file and event.subject_kind == "PERSON" for event in ground.events):
                raise ConfigurationError(
                    f"links: {file} holds no event about a person, so it belongs to no case",
                    audit_line=f"NO_PERSON file:{known.id}",
                )
        found = examine(
            ground.events,
            directory=self._fold.directory,
            decisions=ground.decisions,
            bulk=ground.closure.bulk,
            left=left,
            right=right,
            decided_on=self.day(),
        )
        changes = () if found.refusal and not found.joined else tuple(self._changes(ground, found, (left, right)))
        return LinkPicture(files=files, found=found, decided=decided, changes=changes)

    def _changes(self, ground: Ground, found: LinkExamination, files: tuple[FileKey, FileKey]) -> Iterator[SeenChange]:
        """Compare what recipients see of the case of each file with what they would see."""
        verdict = KEPT_APART if found.joined else JOINED
        left, right = files
        decision = Decision(
            decision_id=_NEXT, decided_on=self.day(), left=left, right=right, verdict=verdict,
            known=frozenset(found.evidence),
        )  # fmt: skip
        before = _views(files, self._fold.settle(ground))
        after = _views(files, self._fold.settle(ground, [*ground.decisions, decision]))
        for recipient in sorted(before.keys() | after.keys()):
            old, new = before.get(recipient, []), after.get(recipient, [])
            parts = {name for view in (*old, *new) for name in view}
            changed = tuple(sorted(name for name in parts if _values(old, name) != _values(new, name)))
            if changed:
                effect = "GAINS" if not old else "LOSES" if not new else "CHANGES"
                yield SeenChange(recipient=recipient, effect=effect, parts=changed)


def _views(files: Sequence[FileKey], cases: Sequence[SettledCase]) -> dict[str, list[Mapping[str, Any]]]:
    """Return what each recipient sees of the cases of the files."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for case in cases:
        if not set(files).isdisjoint(case.files):
            for recipient, view in case.views.items():
                found.setdefault(recipient, []).append(orjson.loads(view))
    return found


def _values(views: Sequence[Mapping[str, Any]], name: str) -> set[bytes]:
    return {orjson.dumps(view[name], option=orjson.OPT_SORT_KEYS) for view in views if name in view}
