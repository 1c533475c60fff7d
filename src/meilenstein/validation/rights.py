"""May this sender say this? Sender, agreement and authority of a record, from the registry data alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meilenstein.validation.reading import Sheet
from meilenstein.validation.reasons import Reason, wrong_publisher
from meilenstein_schemas.agencies import Directory

__all__ = ["sender_of", "wrong_publisher_reasons", "wrong_publishers"]

_PREFIX = "milestones."
_LOOKED_AT = ("publisher", "sent_by", "occurred_on")


def sender_of(topic: str) -> str:
    """Return the agency whose topic this is: the technical sender."""
    return topic.removeprefix(_PREFIX)


def wrong_publishers(sheet: Sheet, topics: Sequence[str], directory: Directory) -> dict[int, list[Reason]]:
    """Return why events may not come from their topics, by row; `topics` are given in the order of the rows."""
    columns = [sheet.group.column(name) for name in _LOOKED_AT]
    asked = list(zip(topics, *columns, strict=True))
    answers = {
        one: wrong_publisher_reasons(one[0], sheet.event_type, dict(zip(_LOOKED_AT, one[1:], strict=True)), directory)
        for one in set(asked)
    }
    if not any(answers.values()):
        return {}
    return {row: answers[one] for row, one in enumerate(asked) if answers[one]}


def wrong_publisher_reasons(topic: str, event_type: str, body: dict[str, Any], directory: Directory) -> list[Reason]:
    """Return why the event may not come from this topic; empty where it may."""
    sender, publisher, day = sender_of(topic), body["publisher"], body["occurred_on"]
    sent_by = body["sent_by"]
    if sent_by is not None and sent_by != sender:
        return [
            wrong_publisher(
                "sent_by",
                sent_by,
                {"de": f"{sender}, dem das Topic gehört", "en": f"{sender}, whose topic this is"},
            )
        ]
    if publisher not in directory.agencies:
        return [
            wrong_publisher(
                "publisher", publisher, {"de": "eine eingetragene Stelle", "en": "an agency of the directory"}
            )
        ]
    if not directory.may_send(sender, publisher, event_type, day):
        return [
            wrong_publisher(
                "publisher",
                publisher,
                {
                    "de": f"{sender} selbst oder eine Stelle, für die {sender} senden darf",
                    "en": f"{sender} itself, or an agency that {sender} may send for",
                },
            )
        ]
    if directory.rank(publisher, event_type, day) == "FORBIDDEN":
        return [
            wrong_publisher(
                "publisher",
                publisher,
                {
                    "de": f"eine Stelle, die {event_type} melden darf",
                    "en": f"an agency that may report {event_type}",
                },
            )
        ]
    return []
