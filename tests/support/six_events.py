"""A small case in which everything that could depend on order happens at once, in six records of three publishers.

1. The foreigners' office reports an entry; it names the body's procedure (a link) and the Welcome Center's file.
2. It corrects the day of entry.
3. The Welcome Center reports another day (a contradiction) and names the office's file, which links the two.
4. The body reports the application that (1) and (2) name.
5. The body retracts it: the link vanishes.
6. The correction arrives a second time, handed over later (a duplicate).
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from meilenstein.simulate.example_case import complete_body

__all__ = ["SIX_AS_OF", "six_events"]

SIX_AS_OF = dt.date(2026, 6, 30)
"""A day by which everything that waits has waited long enough."""
OFFICE, CENTER, BODY = "abh-dresden", "wc-dresden", "hwk-dresden"


def _id(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"six-events/{number}"))


def _body(number: int, publisher: str, file: str, day: dt.date, **fields: Any) -> dict[str, Any]:
    references = [{"agency": a, "kind": k, "reference": r} for a, k, r in fields.pop("references", ())]
    return {
        "event_id": _id(number),
        "publisher": publisher,
        "source_system": "example",
        "subject_kind": "PERSON",
        "case_reference": file,
        "references": references,
        "occurred_on": day,
        "recorded_at": dt.datetime.combine(day, dt.time(15, number), tzinfo=dt.UTC),
        "district_ags": "14612",
        "legal_route": "REGULAR",
        **fields,
    }


def six_events() -> list[tuple[str, dict[str, Any]]]:
    """Return (event type, complete body) of the six records; the last repeats the second."""
    names = [(BODY, "PROCEDURE", "P-6"), (CENTER, "CASE", "W-6")]
    entry = _body(1, OFFICE, "A-6", dt.date(2026, 5, 4), references=names)
    correction = _body(
        2,
        OFFICE,
        "A-6",
        dt.date(2026, 5, 5),
        references=names,
        corrects=_id(1),
        correction_reason="WRONG_FACT",
    )
    contradiction = _body(3, CENTER, "W-6", dt.date(2026, 5, 7), references=[(OFFICE, "CASE", "A-6")])
    application = _body(
        4,
        BODY,
        "H-6",
        dt.date(2026, 2, 2),
        procedure_reference="P-6",
        procedure_law="BQFG",
        regulated="NO",
        training_state_group="THIRD_STATE",
        application_channel="PAPER",
        application_kind="FIRST",
    )
    retraction = _body(5, BODY, "H-6", dt.date(2026, 2, 3), corrects=_id(4), correction_reason="ENTERED_TWICE")
    later = dt.datetime(2026, 5, 8, 8, 0, tzinfo=dt.UTC)
    records = [
        ("EntryReported", entry),
        ("EntryReported", correction),
        ("EntryReported", contradiction),
        ("ApplicationReceived", application),
        ("EventRetracted", retraction),
        ("EntryReported", {**correction, "published_at": later}),
    ]
    return [(event_type, complete_body(event_type, body)) for event_type, body in records]
