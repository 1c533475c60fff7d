"""Writing the trail and its published heads to files, for whoever checks them elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from meilenstein.audit.chain import canonical, encode
from meilenstein.audit.trail import HEADS_TOPIC
from meilenstein.errors import PermanentError, RetryableError
from meilenstein.new_file import new_file
from meilenstein.store.audit import AuditRow
from meilenstein_connectors.transport import Transport

__all__ = ["export_line", "read_heads", "write_lines"]

_PATIENCE = 5
"""Empty answers in a row, of a second each, after which the broker is taken to be stuck."""


def export_line(row: AuditRow) -> str:
    """Return an entry as it is exported: the hashed fields and `hash` in canonical form."""
    hashed = {name: value for name, value in asdict(row).items() if name != "hash"}
    fields = json.loads(canonical(**hashed))
    return encode({**fields, "hash": row.hash.hex()}).decode("ascii")


def read_heads(transport: Transport) -> Iterator[str]:
    """Yield every published head as one line of JSON, oldest first, up to the end that the topic has now.

    A record that is no head raises PermanentError: only the hub writes to this topic.
    """
    following, end = transport.bounds(HEADS_TOPIC)
    if following == end:
        return
    reader, empty = transport.reader(HEADS_TOPIC, following), 0
    try:
        while following < end:
            found = reader.read(1.0)
            empty = 0 if found else empty + 1
            if empty >= _PATIENCE:
                raise RetryableError(f"Kafka gave no record of {HEADS_TOPIC} from {following} on, though there are")
            for record in found:
                following = record.offset + 1
                if record.offset < end:
                    yield _head_line(record.offset, record.value)
    finally:
        reader.close()


def _head_line(offset: int, value: bytes | None) -> str:
    try:
        head = json.loads(value or b"")
        if set(head) == {"seq", "hash", "at"}:
            return encode(head).decode("ascii")
    except (ValueError, TypeError):
        pass
    raise PermanentError(f"{HEADS_TOPIC}: the record at offset {offset} is no head; somebody else wrote to this topic")


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write the lines to a new file, readable by its owner only, and return how many there were.

    A file that exists is never overwritten: it may be the copy that others are checked against.
    """
    count = 0
    with new_file(path) as file:
        for line in lines:
            file.write(line + "\n")
            count += 1
    return count
