"""What an alarm says: what is the matter, and the next step as a command, in German and English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from meilenstein.stewardship.confirmation import resume_command
from meilenstein.store.alarms import Alarm
from meilenstein_schemas.rules import load_rules

__all__ = ["CODES", "RUNBOOK", "AlarmText", "anchor", "tell"]

_SILENT = "PARTNER_SILENT"

RUNBOOK = "docs/how-to/when-an-alarm-comes.md"
"""The page with one heading for each code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    de: str
    en: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmText:
    """An alarm in words: one sentence per language, the command that comes next, and where to read on."""

    de: str
    en: str
    command: str
    runbook: str


# {about}, {agency}, {count} and {resume} hold keys, codes and counts; no text of a partner ever comes in here.
_TEXTS = {
    "PARTITION_HALTED": _Text(
        de="Die Partition {about} steht still: Ihr Protokoll ist nicht mehr das gelesene. Von {agency} kommt nichts "
        "an, bis jemand geklärt hat, was geschehen ist, und das Lesen freigibt.",
        en="Partition {about} stands still: its log is not the one that was read. Nothing arrives from {agency} until "
        "somebody has found out what happened and lets reading go on.",
        command='{resume} --reason "what happened to the log"',
    ),
    "STEP_FAILED": _Text(
        de="Der Schritt {about} schlägt seit einigen Minuten bei jedem Lauf fehl. Es geht nichts verloren, aber es "
        "staut sich.",
        en="Step {about} has failed in every run for some minutes. Nothing is lost, but work piles up.",
        command="meilenstein {about}",
    ),
    "VALIDATION_FAILED": _Text(
        de="Die Datenregeln können nicht ausgewertet werden. Niemandem wird deshalb etwas abgelehnt; die Meldungen "
        "warten ohne Urteil.",
        en="The data rules cannot be evaluated. Nobody is refused for it; records wait without a verdict.",
        command="meilenstein validate",
    ),
    "SCHEMA_WAITING": _Text(
        de="{count} Meldungen von {agency} warten auf ihr Schema: Das Schemaverzeichnis antwortet nicht.",
        en="{count} records of {agency} wait for their schema: the registry does not answer.",
        command="meilenstein contracts list",
    ),
    "SCHEMAS_MISMATCHED": _Text(
        de="Das Schemaverzeichnis gibt für {count} bekannte Nummern andere Schemata heraus als früher. Meldungen mit "
        "neuen Schemata warten.",
        en="The registry gives other schemas for {count} known ids than before. Records with new schemas wait.",
        command="meilenstein validate",
    ),
    "BATCH_OPEN": _Text(
        de="{count} Stapel Meldungen haben nach {age} noch kein Urteil: Der Schritt validate läuft nicht oder kommt "
        "nicht nach.",
        en="{count} batches of records have no verdict after {age}: step validate does not run or does not keep up.",
        command="meilenstein validate",
    ),
    "NOT_DRAINED": _Text(
        de="{count} Meldungen liegen in Kafka, und der Schritt drain ist seit {age} nicht gelaufen.",
        en="{count} records lie in Kafka, and step drain has not run for {age}.",
        command="meilenstein run --once",
    ),
    "OUTBOX_STALE": _Text(
        de="{count} Nachrichten an {about} sind seit {age} nicht zugestellt.",
        en="{count} messages to {about} have not been delivered for {age}.",
        command="meilenstein feedback",
    ),
    "PARTNER_SILENT": _Text(
        de="{agency}: {title_de}, seit {age}. Fristen, die auf diese Stelle warten, sagen nichts mehr.",
        en="{agency}: {title_en}, for {age}. Clocks that wait for it prove nothing any more.",
        command="meilenstein status --agency {agency}",
    ),
    "TOPIC_MISSING": _Text(
        de="Das Topic {about} fehlt in Kafka; {agency} kann nicht senden.",
        en="Topic {about} is missing in Kafka; {agency} cannot send.",
        command="meilenstein topics apply",
    ),
    "SECOND_PERSON": _Text(
        de="Eine Entscheidung ({about}) wartet seit {age} auf eine zweite Person.",
        en="A decision ({about}) has waited for a second person for {age}.",
        command="meilenstein proposals list",
    ),
    "STORE_UNREACHABLE": _Text(
        de="Die Datenbank antwortet seit {age} nicht: Es wird nichts gelesen, beurteilt oder zugestellt.",
        en="The database has not answered for {age}: nothing is drained, judged or delivered.",
        command="meilenstein status",
    ),
    "RUN_LATE": _Text(
        de="Ein Lauf von {about} ist nicht in der gesetzten Zeit fertig geworden.",
        en="A run of {about} did not finish in its time.",
        command="meilenstein status",
    ),
}

CODES = tuple(_TEXTS)
"""Every code that an alarm can have."""


def tell(alarm: Alarm, now: dt.datetime) -> AlarmText:
    """Return the alarm in words, with how long its cause has lasted."""
    text = _TEXTS[alarm.code]
    topic, _, partition = alarm.about.rpartition("-")
    values = {
        "about": alarm.about,
        "agency": alarm.agency or alarm.about,
        "count": f"{alarm.count:,}",
        "resume": resume_command(topic, int(partition)) if partition.isdecimal() else "",
    }
    if alarm.code == _SILENT:
        # The words of the finding, so that operators and agencies read the same of one matter.
        title = _silent_title()
        values |= {"title_de": title["de"], "title_en": title["en"]}
    german, english = _age(now - (alarm.since or alarm.opened_at))
    return AlarmText(
        de=text.de.format(**values, age=german),
        en=text.en.format(**values, age=english),
        command=text.command.format(**values),
        runbook=f"{RUNBOOK}#{anchor(alarm.code)}",
    )


@cache
def _silent_title() -> Mapping[str, str]:
    return load_rules().finding("PUBLISHER_SILENT").title


def anchor(code: str) -> str:
    """Return the anchor of a code's heading on the runbook page."""
    return code.lower()


def _age(lasted: dt.timedelta) -> tuple[str, str]:
    minutes = max(0, int(lasted.total_seconds() // 60))
    for length, german, english in ((1440, "Tagen", "days"), (60, "Stunden", "hours")):
        if minutes >= 2 * length:
            return f"{minutes // length} {german}", f"{minutes // length} {english}"
    if minutes == 1:
        return "1 Minute", "1 minute"
    return f"{minutes} Minuten", f"{minutes} minutes"
