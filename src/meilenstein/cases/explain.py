"""How a period was counted, line by line, in German and English, with the paragraph behind each line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from meilenstein.cases.calendar import end_of, holiday_name, is_werktag
from meilenstein.cases.ledger import Entry
from meilenstein.cases.reasons import BASES, REASONS, REFUSALS
from meilenstein_schemas.rules import ClockRule, RuleTable

__all__ = [
    "ANNOUNCED", "APPOINTMENT", "KNOWN", "LATER", "REASONS", "RECEIVED", "REPORTED", "Step", "announced_step",
    "cap_step", "counting", "ending", "entry_step", "later_step", "note_steps", "reason_step", "start_step",
    "stop_step",
]  # fmt: skip

Step = Mapping[str, str]
"""One line, by language (`de`, `en`)."""
ANNOUNCED, APPOINTMENT, KNOWN = "announced", "appointment", "known"
LATER, RECEIVED, REPORTED = "later", "received", "reported"
"""Names of a start or stop that is not the day of the event itself."""

_STARTS: Mapping[str, Step] = {
    ANNOUNCED: {"de": "Bekanntgabe", "en": "Announcement"},
    APPOINTMENT: {"de": "Termin", "en": "Appointment"},
    LATER: {
        "de": "Spätere von Vorabzustimmung und Terminanfrage",
        "en": "The later of pre-approval and request for an appointment",
    },
    REPORTED: {"de": "Gemeldet", "en": "Reported"},
    KNOWN: {"de": "Ende der Beschäftigung bekannt", "en": "End of employment known"},
    RECEIVED: {"de": "Eingang bei der Ausländerbehörde", "en": "Received by the foreigners' office"},
}
_DAYS_DE = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNITS: Mapping[str, tuple[str, str, str, str]] = {
    "DAYS": ("Tag", "Tage", "day", "days"),
    "WEEKS": ("Woche", "Wochen", "week", "weeks"),
    "MONTHS": ("Monat", "Monate", "month", "months"),
    "WERKTAGE": ("Werktag", "Werktage", "Werktag", "Werktage"),
}
_DAY = dt.timedelta(days=1)


def _german(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


def _event(rules: RuleTable, event_type: str) -> Step:
    return _STARTS.get(event_type) or rules.event_labels.get(event_type) or {"de": event_type, "en": event_type}


def start_step(rules: RuleTable, event_type: str, day: dt.date) -> Step:
    """Return the line that names the fact a period starts from."""
    name = _event(rules, event_type)
    return {
        "de": f"{name['de']} am {_german(day)}; dieser Tag zählt nicht mit (BGB § 187 Abs. 1).",
        "en": f"{name['en']} on {day}; that day does not count (BGB section 187(1)).",
    }


@lru_cache(maxsize=65536)
def counting(rules: RuleTable, rule: ClockRule, event_type: str, start: dt.date) -> tuple[Step, ...]:
    """Return the lines from the starting fact to the last day of the period, before any roll-over."""
    return start_step(rules, event_type, start), _length_step(rules, rule, start)


def _length_step(rules: RuleTable, rule: ClockRule, start: dt.date) -> Step:
    saturday = rules.counting.saturday_is_werktag
    end = end_of(start, rule.length, rule.unit, saturday=saturday)
    one_de, many_de, one_en, many_en = _UNITS[rule.unit]
    german, english = (one_de, one_en) if rule.length == 1 else (many_de, many_en)
    basis = _basis(rule)
    how = _how(rule.unit, start, end, saturday=saturday)
    return {
        "de": f"Dauer {rule.length} {german} ({basis['de']}): bis {_german(end)} ({how['de']}).",
        "en": f"Length {rule.length} {english} ({basis['en']}): until {end} ({how['en']}).",
    }


def _basis(rule: ClockRule) -> Step:
    if rule.paragraph is None:
        return {"de": "Serviceziel, keine gesetzliche Frist", "en": "service target, not a legal period"}
    return {language: f"{words}; {rule.law_version}" for language, words in rule.paragraph.items()}


def _how(unit: str, start: dt.date, end: dt.date, *, saturday: bool) -> Step:
    if unit == "DAYS":
        return {"de": "jeder Tag zählt", "en": "every day counts"}
    if unit == "WEEKS":
        return {"de": "derselbe Wochentag, BGB § 188 Abs. 2", "en": "the same day of the week, BGB section 188(2)"}
    if unit == "WERKTAGE":
        return {
            "de": f"Samstage zählen {'' if saturday else 'nicht '}mit, Sonntage und sächsische Feiertage nicht",
            "en": f"Saturdays {'count' if saturday else 'do not count'}, Sundays and Saxon holidays do not",
        }
    if end.day == start.day:
        return {
            "de": "Tag mit derselben Zahl, BGB § 188 Abs. 2",
            "en": "the day with the same number, BGB section 188(2)",
        }
    return {
        "de": f"letzter Tag des Monats, der keinen {start.day}. hat, BGB § 188 Abs. 3",
        "en": f"last day of a month that has no day {start.day}, BGB section 188(3)",
    }


@lru_cache(maxsize=65536)
def ending(rule: ClockRule, end: dt.date) -> tuple[Step, ...]:
    """Return the lines from the counted end to the last day: each day it moves over, and why."""
    steps: list[Step] = []
    moved = end
    if rule.roll_over:
        while not is_werktag(moved, saturday=False):
            steps.append(_rolled(moved))
            moved += _DAY
    if rule.fiction and not is_werktag(end, saturday=False):
        steps.append(_fiction_step(moved != end))
    steps.append(
        {
            "de": f"Die Frist endet mit Ablauf von {_DAYS_DE[moved.weekday()]}, {_german(moved)}.",
            "en": f"The period ends at the end of {_DAYS_EN[moved.weekday()]}, {moved}.",
        }
    )
    return tuple(steps)


def _fiction_step(rolled: bool) -> Step:
    return {
        "de": "Ob sich auch eine gesetzliche Fiktion auf den nächsten Werktag verschiebt, ist Auslegungssache; hier "
        f"eingestellt: {'ja' if rolled else 'nein'}.",
        "en": "Whether a legal fiction moves to the next working day as well is a question of interpretation; set "
        f"here: {'yes' if rolled else 'no'}.",
    }


def _rolled(day: dt.date) -> Step:
    german, english = holiday_name(day) or (_DAYS_DE[day.weekday()], _DAYS_EN[day.weekday()])
    return {
        "de": f"{_german(day)}: {german}, daher der nächste Werktag (VwVfG § 31 Abs. 3).",
        "en": f"{day}: {english}, therefore the next working day (VwVfG section 31(3)).",
    }


def entry_step(entry: Entry) -> Step:
    """Return the line of one entry of the ledger: what it is, and the old and the new end or why it has no effect."""
    named_de = f" [Meldung {entry.event_id}]" if entry.event_id else ""
    named_en = f" [event {entry.event_id}]" if entry.event_id else ""
    new_de, new_en = (_german(entry.new), str(entry.new)) if entry.new else ("offen", "open")
    what = _pause_words(entry) if entry.kind == "PAUSE" else _extension_words(entry)
    if entry.refused is not None:
        why = REFUSALS[entry.refused]
        return {
            "de": f"{what['de']}{named_de}: ohne Wirkung, {why['de']}; das Ende bleibt {new_de}.",
            "en": f"{what['en']}{named_en}: without effect, {why['en']}; the end stays {new_en}.",
        }
    return {
        "de": f"{what['de']}{named_de}: Ende {_german(entry.old)} -> {new_de}.",
        "en": f"{what['en']}{named_en}: end {entry.old} -> {new_en}.",
    }


def _pause_words(entry: Entry) -> Step:
    basis = BASES.get(entry.basis, {"de": "Hemmung", "en": "suspension"})
    if entry.suspended is None:
        until_de, until_en = (_german(entry.until), str(entry.until)) if entry.until else ("offen", "open")
        return {
            "de": f"Hemmung vom {_german(entry.since)} bis {until_de} ({basis['de']})",
            "en": f"Suspension from {entry.since} until {until_en} ({basis['en']})",
        }
    first, last = entry.suspended
    if last is None:
        return {
            "de": f"Hemmung ab {_german(first)}, Ende nicht bekannt ({basis['de']})",
            "en": f"Suspension from {first}, end not known ({basis['en']})",
        }
    days_de, days_en = ("Tag", "day") if entry.days == 1 else ("Tage", "days")
    return {
        "de": f"Hemmung vom {_german(first)} bis {_german(last)}, {entry.days} {days_de} zählen nicht mit "
        f"({basis['de']}; BGB § 209 entsprechend)",
        "en": f"Suspension from {first} until {last}, {entry.days} {days_en} do not count "
        f"({basis['en']}; BGB section 209 by analogy)",
    }


def _extension_words(entry: Entry) -> Step:
    until_de, until_en = (_german(entry.until), str(entry.until)) if entry.until else ("ohne Datum", "no date")
    return {
        "de": f"Verlängerung bis {until_de}, mitgeteilt am {_german(entry.since)}",
        "en": f"Extension until {until_en}, notified on {entry.since}",
    }


def cap_step(stated: dt.date, longest: dt.date) -> Step:
    """Return the line for a span that was granted shorter, or longer, than the longest the law allows."""
    if stated <= longest:
        return {
            "de": f"Befristet bis {_german(stated)}; das Gesetz lässt höchstens {_german(longest)} zu.",
            "en": f"Granted until {stated}; the law allows {longest} at most.",
        }
    return {
        "de": f"Eingetragen bis {_german(stated)}, länger als das Gesetz zulässt; hier zählt {_german(longest)}.",
        "en": f"Recorded until {stated}, longer than the law allows; {longest} counts here.",
    }


def announced_step(dispatched: dt.date, days: int, announced: dt.date, *, later: bool, shifted: bool) -> Step:
    """Return the line from dispatch to announcement; `later`: it was stated to have arrived only after that."""
    if later:
        return {
            "de": f"Abgesandt am {_german(dispatched)}, aber erst später zugegangen: bekanntgegeben am "
            f"{_german(announced)} (VwVfG § 41 Abs. 2).",
            "en": f"Dispatched on {dispatched}, but received only later: announced on {announced} "
            "(VwVfG section 41(2)).",
        }
    moved_de, moved_en = (", verschoben auf den nächsten Werktag", ", moved to the next working day")
    return {
        "de": f"Abgesandt am {_german(dispatched)}: gilt am {days}. Tag danach als bekanntgegeben"
        f"{moved_de if shifted else ''}, am {_german(announced)} (VwVfG § 41 Abs. 2).",
        "en": f"Dispatched on {dispatched}: counts as announced {days} days later{moved_en if shifted else ''}, "
        f"on {announced} (VwVfG section 41(2)).",
    }


def later_step(approved: dt.date, requested: dt.date) -> Step:
    """Return the line on the two facts of which the later starts the period."""
    return {
        "de": f"Vorabzustimmung am {_german(approved)}, Termin angefragt am {_german(requested)}: "
        "der spätere Tag zählt.",
        "en": f"Pre-approval on {approved}, appointment requested on {requested}: the later day counts.",
    }


def note_steps(rule: ClockRule) -> tuple[Step, ...]:
    """Return the line on what an official has to see to, if the row has one."""
    return () if rule.note is None else (rule.note,)


@lru_cache(maxsize=65536)
def stop_step(rules: RuleTable, event_type: str, day: dt.date, due: dt.date | None) -> Step:
    """Return the line that names the fact which stopped a clock, and how far from the end."""
    name = _event(rules, event_type)
    if due is None:
        return {"de": f"{name['de']} am {_german(day)}.", "en": f"{name['en']} on {day}."}
    left = (due - day).days
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


def reason_step(reason: str, as_of: dt.date | None = None) -> Step:
    """Return the line for a reason code; with a day it says as of when, which no stored line does."""
    line = REASONS[reason]
    if as_of is None or reason not in {"NO_STOP_KNOWN", "NO_ANSWER_KNOWN"}:
        return line
    return {"de": f"{line['de'][:-1]} (Stand {_german(as_of)}).", "en": f"{line['en'][:-1]} (as of {as_of})."}
