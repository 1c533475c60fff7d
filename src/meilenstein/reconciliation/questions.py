"""Questions to publishers: findings that only the publisher itself can clear up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import orjson

from meilenstein.cases.findings import Finding
from meilenstein.store.outbox import Message
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["ASKED", "asked", "questions"]

ASKED = frozenset({
    "COMPLETE_WITH_OPEN_ITEMS", "CONSENT_MISSING", "CORRECTION_TARGET_UNKNOWN", "EXTENSION_TOO_LONG",
    "FOLLOW_UP_OR_WRONG_CASE", "FORK", "LATE_EXTENSION", "LICENCE_UNREGULATED", "LINK_PROPOSED", "ORDER_IMPOSSIBLE",
    "OUTCOME_NOT_POSSIBLE", "PAUSE_OPEN", "SECOND_EXTENSION",
})  # fmt: skip
"""Findings that are put to the publisher concerned; the others are for stewards."""


def asked(finding: Finding, directory: Directory) -> str | None:
    """Return the agency that is asked about a finding, or None: it names nobody, or is for stewards alone."""
    return finding.publisher if finding.code in ASKED and finding.publisher in directory.agencies else None


def questions(
    findings: Iterable[Finding], *, rules: RuleTable, directory: Directory, decided_at: dt.datetime
) -> list[Message]:
    """Return one question per new finding that names a publisher and is one of ASKED."""
    messages = []
    for finding in findings:
        publisher = asked(finding, directory)
        if publisher is not None:
            words = rules.finding(finding.code)
            value = {
                "kind": "QUESTION",
                "code": finding.code,
                "about": finding.about,
                "text": {language: f"{words.title[language]}. {words.todo[language]}" for language in ("de", "en")},
                "decided_at": decided_at.isoformat(),
            }
            messages.append(
                Message(
                    recipient=publisher,
                    topic=f"replies.{publisher}",
                    key=finding.about,
                    value=orjson.dumps(value, option=orjson.OPT_SORT_KEYS),
                    kind="QUESTION",
                )
            )
    return messages
