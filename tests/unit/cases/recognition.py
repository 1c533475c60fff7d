"""Short ways to write recognition procedures of one body, for tests of findings."""

from __future__ import annotations

from typing import Any

from tests.unit.cases.world import HWK, event

from meilenstein.cases.events import Event
from meilenstein.cases.finding import Finding
from meilenstein.cases.settle import SettledCase

__all__ = ["ABOUT", "COOK", "application", "found", "lawful", "raised", "step"]

ABOUT = "procedure:hwk-dresden/P-9"
COOK = "29302"
"""A profession by KldB 2010."""


def step(event_type: str, on: str, *, publisher: str = HWK, procedure: str = "P-9", **fields: Any) -> Event:
    """A milestone of a procedure."""
    return event(event_type, publisher, on, **{"procedure_reference": procedure, **fields})


def application(on: str = "2026-03-02", **fields: Any) -> Event:
    """An application that says everything that clocks and findings look at."""
    values = {
        "procedure_law": "BQFG", "regulated": "NO", "training_state_group": "THIRD_STATE", "profession_kldb": COOK,
        **fields,
    }  # fmt: skip
    return step("ApplicationReceived", on, **values)


def lawful(*others: Event, **fields: Any) -> list[Event]:
    """An application that was confirmed and completed, with what comes after it."""
    return [
        application(**fields),
        step("ReceiptConfirmed", "2026-03-09", documents_complete="YES"),
        step("DocumentsComplete", "2026-03-16"),
        *others,
    ]


def found(case: SettledCase, code: str) -> list[Finding]:
    """The findings of a code."""
    return [one for one in case.findings if one.code == code]


def raised(case: SettledCase, code: str) -> Finding:
    """The only finding of a code."""
    (only,) = found(case, code)
    return only
