"""What a case has to be like, so that a trouble can happen in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from meilenstein.simulate.records import Defect

__all__ = ["NEEDS", "Need"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The kind of case that a defect is put into. The default: any route by which a person enters the country."""

    whole: bool = True
    """Every step happens, and soon, so that the case has come to its end by the last day."""
    routes: tuple[str, ...] = ("REGULAR", "FAST_TRACK_81A")
    laws: tuple[str, ...] = ()
    """One of these laws; empty: any."""
    regulated: str | None = None
    eu: bool = False
    """A training state of the EU, whatever the route."""
    features: frozenset[str] = frozenset()
    """What has to happen beside the ordinary steps."""


_ANY = Need(whole=False)
_BQFG = Need(routes=("REGULAR",), laws=("BQFG",))
_ORDINARY = Need(routes=("REGULAR",), laws=("BQFG", "PFLAPRV", "AEAPPRO", "MTAPRV", "SAECHS_BQFG"))

NEEDS: Mapping[Defect, Need] = {
    **{defect: Need() for defect in Defect},
    **dict.fromkeys(
        (
            Defect.DUPLICATE, Defect.CONFLICT, Defect.WRONG_PUBLISHER, Defect.RULE_VIOLATION, Defect.BROKEN_BYTES,
            Defect.UNKNOWN_SCHEMA, Defect.FREE_TEXT_IN_CODE, Defect.WRONG_CHARACTERS, Defect.FORBIDDEN_NUMBER,
            Defect.IMPOSSIBLE_DATE,
        ),
        _ANY,
    ),
    Defect.SECOND_EXTENSION: _BQFG,
    Defect.LATE_EXTENSION: _BQFG,
    Defect.EXTENSION_TOO_LONG: Need(routes=("REGULAR",), laws=("BQFG",), regulated="YES", eu=True),
    Defect.PAUSE_OPEN: _BQFG,
    Defect.DECISION_BEFORE_COMPLETE: _ORDINARY,
    Defect.ORDER_IMPOSSIBLE: _ORDINARY,
    Defect.OUTCOME_NOT_POSSIBLE: _ORDINARY,
    Defect.LICENCE_UNREGULATED: Need(routes=("REGULAR",), laws=("BQFG",), regulated="NO"),
    Defect.COMPLETE_WITH_OPEN_ITEMS: _ORDINARY,
    Defect.SECOND_REQUEST_SAME_ITEM: _BQFG,
    Defect.SECOND_APPLICATION: _BQFG,
    Defect.NOT_FORWARDED: _BQFG,
    Defect.CLOCK_OVER: Need(
        routes=("FAST_TRACK_81A",), laws=("BQFG",), features=frozenset({"course", "work", "end of work"})
    ),
    Defect.TRANSITIONAL_LAW: Need(routes=("REGULAR",), laws=("MTAPRV",)),
    Defect.ORPHAN_DECISION: _ORDINARY,
    Defect.VISA_WITHOUT_PRE_APPROVAL: Need(routes=("FAST_TRACK_81A",)),
    Defect.FOLLOW_UP_OR_WRONG_CASE: Need(features=frozenset({"closing"})),
    Defect.LINK_PROPOSED: Need(routes=("REGULAR",)),
    Defect.REGISTERED_TWICE: Need(routes=("REGULAR",)),
    Defect.PLACEHOLDER_NUMBER: Need(routes=("REGULAR",)),
}  # fmt: skip
"""By defect."""
