"""Numbers, dates and counted words as readers of German and English expect them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from meilenstein.cases.calendar import berlin_date
from meilenstein.reports.model import Words

__all__ = ["ENGLISH", "GERMAN", "LANGUAGES", "Language"]

_NBSP = "\u00a0"
_DE_DAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DE_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip
_EN_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """One of the two languages; instants are shown in Berlin time."""

    code: str
    days: tuple[str, ...]
    months: tuple[str, ...]

    def of(self, words: Words) -> str:
        """Return the text in this language."""
        return words[self.code]

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with its separators."""
        text = f"{value:,.{digits}f}"
        return text if self.code == "en" else text.translate(str.maketrans(",.", ".,"))

    def percent(self, share: float) -> str:
        """Return a share of 1 as percent with one digit; what is not quite all is never rounded to 100."""
        value = 99.9 if 99.9 < share * 100 < 100 else share * 100
        digits = 0 if value in {0, 100} else 1
        return f"{self.number(value, digits)}{_NBSP if self.code == 'de' else ''}%"

    def day(self, day: dt.date) -> str:
        """Return a day in full, such as `30. März 2026`."""
        month = self.months[day.month - 1]
        first = f"{day.day}.{_NBSP}{month}" if self.code == "de" else f"{day.day}{_NBSP}{month}"
        return f"{first} {day.year}"

    def weekday(self, day: dt.date) -> str:
        """Return the name of the day of the week."""
        return self.days[day.weekday()]

    def full_day(self, day: dt.date) -> str:
        """Return a day with its day of the week."""
        return f"{self.weekday(day)}, {self.day(day)}"

    def short_day(self, day: dt.date) -> str:
        """Return a day as charts label it."""
        return f"{day.day}.{day.month}." if self.code == "de" else f"{day.day} {self.months[day.month - 1][:3]}"

    def short_instant(self, instant: dt.datetime, *, year: int) -> str:
        """Return day and time as tables show them; the year only where it is not the given one."""
        day = berlin_date(instant)
        local = instant.astimezone(ZoneInfo("Europe/Berlin"))
        if self.code == "de":
            date, other = f"{day.day}.{day.month}.", f"{day.day}.{day.month}.{day.year}"
        else:
            date = f"{day.day}{_NBSP}{self.months[day.month - 1][:3]}"
            other = f"{date}{_NBSP}{day.year}"
        return f"{date},{_NBSP}{local:%H:%M}" if day.year == year else other

    def month(self, day: dt.date) -> str:
        """Return the month of a day."""
        return f"{self.months[day.month - 1]} {day.year}"

    def time(self, instant: dt.datetime) -> str:
        """Return the time of day in Berlin."""
        local = instant.astimezone(ZoneInfo("Europe/Berlin"))
        return f"{local:%H:%M}{_NBSP}Uhr" if self.code == "de" else f"{local:%H:%M}"

    def instant(self, instant: dt.datetime) -> str:
        """Return day and time in Berlin."""
        return f"{self.day(berlin_date(instant))}, {self.time(instant)}"

    def joined(self, parts: list[str]) -> str:
        """Return an enumeration."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {'und' if self.code == 'de' else 'and'} {parts[-1]}"


GERMAN = Language("de", _DE_DAYS, _DE_MONTHS)
ENGLISH = Language("en", _EN_DAYS, _EN_MONTHS)
LANGUAGES = {"de": GERMAN, "en": ENGLISH}
