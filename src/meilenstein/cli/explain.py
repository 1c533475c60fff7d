"""`meilenstein explain`: what a file of events amounts to on a day; needs no server and no home."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from meilenstein.bootstrap import utc_now
from meilenstein.cases.calendar import berlin_date
from meilenstein.cases.settle import settle
from meilenstein.cases.tick import SILENT, Tick
from meilenstein.cli.arguments import parse_counting_day, require_agency
from meilenstein.cli.output import JsonOption, print_json
from meilenstein.errors import ConfigurationError
from meilenstein.explain.event_file import EventFile, LeftOut, read_events
from meilenstein.explain.picture import Picture, picture_of
from meilenstein.explain.text import CaseText
from meilenstein.explain.words import LANGUAGES
from meilenstein.reconciliation.encoding import encode
from meilenstein_schemas.agencies import Directory, load_directory
from meilenstein_schemas.rules import load_rules
from meilenstein_schemas.visible import visible

__all__ = ["LanguageOption", "add_explain_command", "check_language"]

LanguageOption = Annotated[str, typer.Option("--lang", help="de or en: the language of the text.")]

_SOME = 20


def add_explain_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(explain)


def check_language(language: str) -> None:
    """Raise ConfigurationError for a language that texts do not have."""
    if language not in LANGUAGES:
        raise ConfigurationError(f"--lang {visible(language)!r}: use {' or '.join(LANGUAGES)}")


def explain(
    file: Annotated[str, typer.Argument(help="Events, one a line as plain JSON; - reads standard input.")],
    on: Annotated[
        str | None, typer.Option(help="Day for which it is told, YYYY-MM-DD; default today in Berlin.")
    ] = None,
    silent: Annotated[
        list[str] | None, typer.Option(help="Agency whose feed is silent that day; may be repeated.")
    ] = None,
    language: LanguageOption = "de",
    as_json: JsonOption = False,
) -> None:
    """Tell what the events of a file amount to: the cases, every clock line by line, the findings."""
    check_language(language)
    day = berlin_date(utc_now()) if on is None else parse_counting_day(on, "--on")
    for agency in silent or ():
        require_agency(agency)
    directory, rules = load_directory(), load_rules()
    found = _read(file, directory, day)
    cases = settle(
        found.events,
        directory=directory,
        rules=rules,
        tick=Tick(as_of=day, feed_health=dict.fromkeys(silent or (), SILENT)),
        bulk=found.bulk(),
        encoder=encode,
    )
    pictures = [picture_of(case, rules, day) for case in cases]
    if as_json:
        print_json({"cases": pictures, **_rest(found)})
    else:
        text = CaseText(language=language, directory=directory)
        lines = list(_lines(text, pictures, found, day))
        sys.stdout.writelines(f"{visible(line)}\n" for line in lines)
    if found.refused:
        raise typer.Exit(1)


def _read(file: str, directory: Directory, day: dt.date) -> EventFile:
    name = "standard input" if file == "-" else visible(file)
    try:
        if file == "-":
            return read_events(sys.stdin.buffer, directory, day)
        with Path(file).open("rb") as lines:
            return read_events(lines, directory, day)
    except OSError as error:
        why = (error.strerror or "an error of the system").lower()
        raise ConfigurationError(f"explain: {name} cannot be read: {why}; name a file with one event a line") from None
    except ConfigurationError as error:
        raise ConfigurationError(f"explain: {name}: {error}") from None


def _rest(found: EventFile) -> Mapping[str, Any]:
    """Return what became of the lines that no case shows."""
    return {
        "refused": [asdict(one) for one in found.refused],
        "later": [asdict(one) for one in found.later],
        "repeated": [asdict(one) for one in found.repeated],
        "without_case": [asdict(one) for one in found.without_case],
    }


def _lines(text: CaseText, pictures: Sequence[Picture], found: EventFile, day: dt.date) -> Iterator[str]:
    for number, picture in enumerate(pictures, 1):
        if number > 1:
            yield from ("", "")
        yield from text.lines(picture, text.word("case", number=number, count=len(pictures), day=text.day(day)))
    if not pictures:
        yield text.word("no_case")
    yield from _refused(text, found)
    for name in ("later", "repeated", "without_case"):
        left_out: list[LeftOut] = getattr(found, name)
        if left_out:
            yield ""
            yield text.word(name, lines=_numbers(one.line for one in left_out))


def _refused(text: CaseText, found: EventFile) -> Iterator[str]:
    if found.refused:
        yield ""
        yield f"{text.word('refused')}: {len(found.refused)}"
    for one in found.refused:
        for reason in one.reasons:
            what = " ".join((f"{reason['code']}.", reason["text"][text.language], reason["how"][text.language]))
            notes = [text.word(name, **{name: reason[name]}) for name in ("seen", "expected") if reason[name]]
            place = f" [{reason['field']}{'; ' if notes else ''}" if reason["field"] else " [" if notes else ""
            end = f"{place}{'; '.join(notes)}]" if place else ""
            yield f"  {text.word('line', line=one.line, event=text.event(one.event_type), what=what)}{end}"


def _numbers(numbers: Iterable[int]) -> str:
    found = list(numbers)
    return ", ".join(map(str, found[:_SOME])) + (f" ... ({len(found)})" if len(found) > _SOME else "")
