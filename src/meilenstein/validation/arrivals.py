"""Which numbers of which sources came with a batch, whatever becomes of the events: refused ones have arrived too.

Counted is what a topic's owner may say: its own events, and those of publishers it has an agreement for. Of a record
that cannot be read the headers tell the number, if it has some; nothing else is concluded from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from meilenstein.cases.sequences import NO_EPOCH, Source
from meilenstein.store.sequences import Came, HeaderRow, SequenceStore
from meilenstein.validation.fates import Fates
from meilenstein.validation.reading import Sheet
from meilenstein.validation.rights import sender_of
from meilenstein_connectors.cloud_events import SOURCE_BASE
from meilenstein_schemas.agencies import Directory

__all__ = ["LARGEST", "Key", "Numbers", "Spans", "complete_to", "note_arrivals", "spans_by_rows"]

LARGEST = 2**50
"""Numbers above this are no count of events, and are not followed."""
_LONGEST_SYSTEM = 80
_NAMES = ("publisher", "source_system", "source_epoch", "sequence")


class Key(NamedTuple):
    """Where numbers came from: the topic, and the source as the events name it."""

    topic: str
    publisher: str
    source_system: str
    source_epoch: int

    @property
    def source(self) -> Source:
        """The source alone."""
        return Source(*self[1:])


class Numbers(NamedTuple):
    """What came from one key."""

    spans: Sequence[tuple[int, int]]
    """Closed ranges of numbers; none where the events have no number."""
    events: int


Spans = Mapping[Key, Numbers]
Admits = Callable[[Key], bool]


def note_arrivals(fates: Fates, store: SequenceStore, directory: Directory) -> dict[Key, int]:
    """Note what came with a batch; return up to which number each source in it is complete now."""
    sheets = fates.reading.candidates.sheets
    spans = dict(_spans(sheets, lambda key: _admits(key, directory)))
    # The sheets of a batch share its rows.
    times = [origin.received_at for origin in set(sheets[0].rows.origins)] if sheets else []
    unread = [record.id for record, (event_type, _), _ in fates.refused if event_type is None]
    rows = store.headers(unread) if unread else []
    refused = _refused(fates)
    for key, number in _by_headers(rows, store, directory):
        found = spans.get(key, Numbers((), 0))
        spans[key] = found._replace(spans=[*found.spans, (number, number)])
    came = [
        Came(key.source, first, last, found.events > refused[key])
        for key, found in spans.items()
        for first, last in found.spans or ((None, None),)
    ]
    times += [row.received_at for row in rows]
    complete = store.note(came, seen_at=max(times)) if came else {}
    return {key: complete[key.source] for key in spans if key.source in complete}


def complete_to(complete: Mapping[Key, int]) -> dict[str, list[dict[str, Any]]]:
    """Return by topic what receipts say: up to which number each source is complete."""
    told: dict[str, list[dict[str, Any]]] = {}
    for key, number in sorted(complete.items()):
        entry: dict[str, Any] = {"publisher": key.publisher, "source_system": key.source_system}
        if key.source_epoch != NO_EPOCH:
            entry["source_epoch"] = key.source_epoch
        told.setdefault(key.topic, []).append({**entry, "sequence": number})
    return told


def _spans(sheets: Sequence[Sheet], admits: Admits) -> Spans:
    columns = [sheet for sheet in sheets if hasattr(sheet.group, "batch")]
    by_rows = spans_by_rows([sheet for sheet in sheets if not hasattr(sheet.group, "batch")], admits)
    if not columns:
        return by_rows
    from meilenstein.validation.column_arrivals import spans_by_columns  # noqa: PLC0415 - only where the extra is installed

    by_columns = spans_by_columns(columns, admits)
    both = {**by_columns}
    for key, found in by_rows.items():
        known = both.get(key, Numbers((), 0))
        both[key] = Numbers([*known.spans, *found.spans], known.events + found.events)
    return both


def _refused(fates: Fates) -> Counter[Key]:
    """Return how many readable events of each key were refused."""
    ids = {record.id for record, (event_type, _), _ in fates.refused if event_type is not None}
    return Counter(
        _key(one.record.topic, *(one.body[name] for name in _NAMES[:3])) for one in fates.reading.candidates.of(ids)
    )


def _key(topic: str, publisher: str, system: str, epoch: int | None) -> Key:
    return Key(topic, publisher, system, NO_EPOCH if epoch is None else epoch)


def spans_by_rows(sheets: Iterable[Sheet], admits: Admits) -> Spans:
    """Return the ranges of numbers in the sheets, by key."""
    found: dict[tuple[str, str, str, int | None], list[int | None]] = {}
    for sheet in sheets:
        columns = [sheet.group.column(name) for name in _NAMES]
        for origin, publisher, system, epoch, number in zip(sheet.origins, *columns, strict=True):
            found.setdefault((origin.topic, publisher, system, epoch), []).append(number)
    spans: dict[Key, Numbers] = {}
    for (topic, publisher, system, epoch), came in found.items():
        key = _key(topic, publisher, system, epoch)
        if _is_epoch(epoch) and admits(key):
            known = {one for one in came if one is not None and 0 <= one <= LARGEST}
            spans[key] = Numbers(list(_ranges(sorted(known))), len(came))
    return spans


def _is_epoch(epoch: int | None) -> bool:
    return epoch is None or epoch >= 0


def _ranges(ascending: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for number in ascending:
        if first is None or last is None:
            first = number
        elif number != last + 1:
            yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def _admits(key: Key, directory: Directory) -> bool:
    """Say whether the numbers can be followed, and whether whoever owns the topic may speak for the publisher."""
    sender = sender_of(key.topic)
    return (
        key.publisher in directory.agencies
        and directory.acts_for(sender, key.publisher)
        and 0 < len(key.source_system) <= _LONGEST_SYSTEM
        and key.source_epoch >= NO_EPOCH
    )


def _by_headers(rows: Iterable[HeaderRow], store: SequenceStore, directory: Directory) -> Iterator[tuple[Key, int]]:
    """Yield the numbers of records that could not be read, as those of the epoch that their system used last."""
    found = [(key, number) for row in rows for key, number in _header(row) if _admits(key, directory)]
    epochs = store.newest_epochs((key.publisher, key.source_system) for key, _ in found)
    for key, number in found:
        yield key._replace(source_epoch=epochs.get((key.publisher, key.source_system), NO_EPOCH)), number


def _header(row: HeaderRow) -> Iterator[tuple[Key, int]]:
    texts = {name: (value or b"").decode("utf-8", "replace") for name, value in zip(row.names, row.values, strict=True)}
    number, (base, _, rest) = texts["ce_sequence"], texts.get("ce_source", "").partition(f"{SOURCE_BASE}:")
    agency, _, system = rest.partition(":")
    decoded = unquote(system)
    sound = not base and agency == sender_of(row.topic) and decoded.isprintable()
    if sound and number.isascii() and number.isdigit() and len(number) <= 20 and int(number) <= LARGEST:
        yield Key(row.topic, agency, decoded, NO_EPOCH), int(number)
