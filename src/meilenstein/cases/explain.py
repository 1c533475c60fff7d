"""How a period was counted, line by line, in German and English, with the paragraph behind each line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from meilenstein.cases.calendar import holiday_name, is_werktag, months_after, werktage_after
from meilenstein_schemas.rules import ClockRule, RuleTable

__all__ = ["REASONS", "Step", "counting", "reason_step", "start_step", "stop_step"]

Step = Mapping[str, str]
"""One line, by language (`de`, `en`)."""
_DAYS_DE = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = dt.timedelta(days=1)

REASONS: Mapping[str, Step] = {
    "NO_CLOCK": {
        "de": "Keine Uhr in dieser Version: zu diesem Gesetz, Weg oder dieser Art Beruf ist keine Frist hinterlegt.",
        "en": "No clock in this version: no period is on file for this law, this route or this kind of profession.",
    },
    "LAW_NOT_IN_FORCE": {
        "de": "Nicht anwendbar: die Vorschrift galt am Tag des Beginns nicht.",
        "en": "Not applicable: the provision was not in force on the day of the start.",
    },
    "START_UNKNOWN": {
        "de": "Nicht feststellbar: der Beginn der Frist ist hier nicht bekannt.",
        "en": "Not determinable: the start of the period is not known here.",
    },
    "STOP_BEFORE_START": {
        "de": "Nicht feststellbar: das gemeldete Ende liegt vor dem Beginn.",
        "en": "Not determinable: the stop that was reported lies before the start.",
    },
    "DATE_OUT_OF_RANGE": {
        "de": "Nicht feststellbar: das Datum des Beginns ist kein mögliches.",
        "en": "Not determinable: the date of the start is not a possible one.",
    },
    "FEED_SILENT": {
        "de": "Nicht feststellbar: die Frist ist vorbei, aber von der Stelle kommen zurzeit keine Meldungen.",
        "en": "Not determinable: the period has ended, but no events arrive from that agency at present.",
    },
    "NO_STOP_KNOWN": {
        "de": "Die Frist ist vorbei; ein Ende ist hier nicht bekannt.",
        "en": "The period has ended; no stop is known here.",
    },
}


def _german(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


def _event(rules: RuleTable, event_type: str) -> Step:
    return rules.event_labels.get(event_type) or {"de": event_type, "en": event_type}


def start_step(rules: RuleTable, event_type: str, day: dt.date) -> Step:
    """Return the line that names the fact a period starts from."""
    name = _event(rules, event_type)
    return {
        "de": f"{name['de']} am {_german(day)}; dieser Tag zählt nicht mit (BGB § 187 Abs. 1).",
        "en": f"{name['en']} on {day}; that day does not count (BGB section 187(1)).",
    }


@lru_cache(maxsize=65536)
def counting(rules: RuleTable, rule: ClockRule, start: dt.date) -> tuple[Step, ...]:
    """Return the lines from the starting fact to the last day of the period."""
    if rule.unit == "MONTHS":
        end = months_after(start, rule.length)
        length = _months(rule, start, end)
    else:
        end = werktage_after(start, rule.length, saturday=rules.saturday_is_werktag)
        length = _werktage(rule, end, saturday=rules.saturday_is_werktag)
    steps = [start_step(rules, rule.start, start), length]
    if rule.roll_over:
        while not is_werktag(end, saturday=False):
            steps.append(_rolled(end))
            end += _DAY
    steps.append(
        {
            "de": f"Die Frist endet mit Ablauf von {_DAYS_DE[end.weekday()]}, {_german(end)}.",
            "en": f"The period ends at the end of {_DAYS_EN[end.weekday()]}, {end}.",
        }
    )
    return tuple(steps)


def _months(rule: ClockRule, start: dt.date, end: dt.date) -> Step:
    german = "1 Monat" if rule.length == 1 else f"{rule.length} Monate"
    english = "1 month" if rule.length == 1 else f"{rule.length} months"
    if end.day == start.day:
        why_de, why_en = "Tag mit derselben Zahl, BGB § 188 Abs. 2", "the day with the same number, BGB section 188(2)"
    else:
        why_de = f"letzter Tag des Monats, der keinen {start.day}. hat, BGB § 188 Abs. 3"
        why_en = f"last day of a month that has no day {start.day}, BGB section 188(3)"
    basis = _basis(rule)
    return {
        "de": f"Dauer {german} ({basis['de']}): bis {_german(end)} ({why_de}).",
        "en": f"Length {english} ({basis['en']}): until {end} ({why_en}).",
    }


def _basis(rule: ClockRule) -> Step:
    if rule.paragraph is None:
        return {"de": "Serviceziel, keine gesetzliche Frist", "en": "service target, not a legal period"}
    return {language: f"{words}; {rule.law_version}" for language, words in rule.paragraph.items()}


def _werktage(rule: ClockRule, end: dt.date, *, saturday: bool) -> Step:
    weekend_de = "Samstage zählen mit" if saturday else "Samstage zählen nicht mit"
    weekend_en = "Saturdays count" if saturday else "Saturdays do not count"
    basis = _basis(rule)
    return {
        "de": f"Dauer {rule.length} Werktage ({basis['de']}); {weekend_de}, Sonntage und sächsische Feiertage "
        f"nicht: bis {_german(end)}.",
        "en": f"Length {rule.length} Werktage ({basis['en']}); {weekend_en}, Sundays and Saxon holidays do not: "
        f"until {end}.",
    }


def _rolled(day: dt.date) -> Step:
    holiday = holiday_name(day)
    german, english = holiday or (_DAYS_DE[day.weekday()], _DAYS_EN[day.weekday()])
    return {
        "de": f"{_german(day)}: {german}, daher der nächste Werktag (VwVfG § 31 Abs. 3).",
        "en": f"{day}: {english}, therefore the next working day (VwVfG section 31(3)).",
    }


@lru_cache(maxsize=65536)
def stop_step(rules: RuleTable, event_type: str, day: dt.date, due: dt.date) -> Step:
    """Return the line that names the fact which stopped a clock, and how far from the end."""
    name, left = _event(rules, event_type), (due - day).days
    if left == 0:
        distance_de, distance_en = "am letzten Tag", "on the last day"
    else:
        count = abs(left)
        days_de, days_en = ("Tag" if count == 1 else "Tage"), ("day" if count == 1 else "days")
        distance_de = f"{count} {days_de} {'vor' if left > 0 else 'nach'} dem Ende"
        distance_en = f"{count} {days_en} {'before' if left > 0 else 'after'} the end"
    return {
        "de": f"{name['de']} am {_german(day)}, {distance_de}.",
        "en": f"{name['en']} on {day}, {distance_en}.",
    }


def reason_step(reason: str) -> Step:
    """Return the line for a reason code."""
    return REASONS[reason]
