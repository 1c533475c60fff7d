"""Import a CSV export through a profile: each row is published, skipped with reason, or refused with line and reason.

The event id of a row follows from the profile and the row's key, so a second import of the same file publishes nothing,
and a longer version of the file publishes only what is new. A row that changed since is refused: a correction is an
event of its own. Reasons name columns and lines, never values.
"""

from __future__ import annotations

import codecs
import csv
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from meilenstein_connectors.body_check import is_storable
from meilenstein_connectors.csv_profile import Profile
from meilenstein_connectors.csv_values import RowRefused, body_of
from meilenstein_connectors.errors import ConfigurationError, InvalidEvent, TooLarge
from meilenstein_connectors.outbox import Prepared, Taken
from meilenstein_connectors.publisher import Publisher

__all__ = ["ImportReport", "import_csv"]

CHUNK = 1000
_MARKS = (((b"\xef\xbb\xbf",), "utf-8"), ((b"\xff\xfe", b"\xfe\xff"), "utf-16"))
"""How files of office programs begin that say their encoding."""
_CHANGED = "imported before with other content; publish a correction instead of changing the row"


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What became of the rows; the four counts add up to the number of rows."""

    published: int = 0
    unchanged: int = 0
    """Rows whose event was published before."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Rows that are no milestone, by the reason that the profile gives."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Line (the header is line 1) and reason."""


def import_csv(
    path: Path,
    profile: Profile,
    publisher: Publisher,
    *,
    progress: Callable[[int], None] | None = None,
    timeout: float = 300.0,
) -> ImportReport:
    """Read the file, publish its events and return what became of each row.

    `publisher` must be of the profile's agency and source system. `progress` is told the number of rows read so far.
    A file without the profile's columns raises ConfigurationError; if the broker did not confirm everything within
    `timeout` seconds the reason is raised, and the same call continues later.
    """
    if (publisher.agency, publisher.source_system) != (profile.agency, profile.source_system):
        raise ConfigurationError(
            f"profile {profile.name} publishes as {profile.agency}, {profile.source_system}; "
            f"the publisher is {publisher.agency}, {publisher.source_system}"
        )
    report = ImportReport()
    prepared: list[tuple[int, Prepared]] = []
    for count, (line, row) in enumerate(_rows(path, profile), start=1):
        try:
            event = _prepare(profile, publisher, row, report)
        except RowRefused as refusal:
            report.refused.append((line, str(refusal)))
        else:
            if event is not None:
                prepared.append((line, event))
        if len(prepared) >= CHUNK:
            _take(publisher, prepared, report)
        if progress is not None and count % 100 == 0:
            progress(count)
    _take(publisher, prepared, report)
    publisher.send(timeout).require_all()
    report.refused.sort()
    return report


def _rows(path: Path, profile: Profile) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Yield line and row; a text instead of a row is the reason why it cannot be read."""
    _require_encoding(path, profile)
    # Bytes that are not of the encoding become lone surrogates, which no field takes: that row alone is refused.
    encoding = "utf-8-sig" if profile.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else profile.encoding
    try:
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            reader = csv.reader(file, delimiter=profile.delimiter, strict=True)
            try:
                header = next(reader, [])
            except csv.Error:
                raise ConfigurationError(f"{path}: line 1 is not readable as CSV (quotes or delimiter)") from None
            _require_columns(path, profile, header)
            while True:
                line = reader.line_num + 1
                try:
                    values = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield line, "not readable as CSV (quotes or delimiter)"
                    continue
                if not values:
                    continue
                if len(values) != len(header):
                    yield line, f"{len(values)} columns where the header has {len(header)}"
                else:
                    yield line, dict(zip(header, values, strict=True))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeError:
        raise _wrong_encoding(path, profile, f"is not {profile.encoding} text") from None


def _require_encoding(path: Path, profile: Profile) -> None:
    """Raise ConfigurationError where the file begins with the mark of another encoding than the profile's."""
    try:
        with path.open("rb") as file:
            head = file.read(3)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
    for marks, name in _MARKS:
        if head.startswith(marks):
            if not codecs.lookup(profile.encoding).name.startswith(name):
                raise _wrong_encoding(path, profile, f"is {name} text")
            return


def _wrong_encoding(path: Path, profile: Profile, fault: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: {fault}, while profile {profile.name} reads {profile.encoding}: "
        "export the file anew, or set `encoding` in the profile"
    )


def _require_columns(path: Path, profile: Profile, header: list[str]) -> None:
    if any(not is_storable(name) for name in header):
        raise _wrong_encoding(path, profile, f"has a header that is not {profile.encoding} text")
    missing = sorted(profile.columns() - set(header))
    if missing:
        raise ConfigurationError(
            f"{path}: the header lacks {', '.join(missing)}, which profile {profile.name} reads; "
            "check delimiter, encoding and whether it is the right export"
        )
    twice = sorted({name for name in header if header.count(name) > 1} & profile.columns())
    if twice:
        raise ConfigurationError(f"{path}: the header has {', '.join(twice)} more than once")


def _prepare(
    profile: Profile, publisher: Publisher, row: dict[str, str] | str, report: ImportReport
) -> Prepared | None:
    if isinstance(row, str):
        raise RowRefused(row)
    _require_readable(profile, row)
    rule = next((rule for rule in profile.rules if rule.matches(row)), None)
    if rule is None:
        columns = sorted({column for known in profile.rules for column in known.when})
        raise RowRefused(f"no rule of the profile matches ({', '.join(columns)})")
    if rule.event is None:
        report.skipped[rule.skip or ""] += 1
        return None
    try:
        return publisher.prepare((rule.event, body_of(profile, rule, row)), event_id=_event_id(profile, row))
    except InvalidEvent as invalid:
        raise RowRefused(invalid.reasons) from None
    except TooLarge as large:
        raise RowRefused(large.words) from None


def _require_readable(profile: Profile, row: Mapping[str, str]) -> None:
    for column in sorted(profile.columns() - set(profile.key)):
        if any("\udc80" <= letter <= "\udcff" for letter in row[column]):
            raise RowRefused(f"column {column} holds bytes that are not {profile.encoding}")


def _event_id(profile: Profile, row: Mapping[str, str]) -> str:
    values = [row[column] for column in profile.key]
    for column, value in zip(profile.key, values, strict=True):
        if value in profile.empty:
            raise RowRefused(f"column {column} is empty, but part of the row's key")
        if not is_storable(value):
            raise RowRefused(f"column {column}, part of the row's key, holds bytes that are not {profile.encoding}")
    return str(uuid.uuid5(profile.namespace, json.dumps(values)))


def _take(publisher: Publisher, prepared: list[tuple[int, Prepared]], report: ImportReport) -> None:
    outcomes = publisher.take([event for _, event in prepared], all_or_none=False)
    for (line, _), outcome in zip(prepared, outcomes, strict=True):
        if outcome is Taken.ADDED:
            report.published += 1
        elif outcome is Taken.KNOWN:
            report.unchanged += 1
        else:
            report.refused.append((line, _CHANGED))
    prepared.clear()
