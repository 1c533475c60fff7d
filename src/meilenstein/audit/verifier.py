"""Check an exported audit trail against its published heads. One file, standard library only, nothing of the project.

    python -I verifier.py EXPORT.jsonl HEADS.jsonl [--json]

EXPORT holds the whole table, one entry a line, as `meilenstein audit export` writes it. HEADS holds number and hash of
every entry that was published on the topic `audit.heads`; whoever checks keeps a copy of his own, where those who can
write the table cannot. Take the heads first and the table after them.

Found is every entry that was changed, removed, inserted, moved or renumbered, a chain that was written anew from any
entry on, a cut end and an older copy of the table, even if it was done by somebody who knows this program and may write
everything but the heads. Named is the first entry that does not fit.

The limit: what came after the last published head is held by nothing yet, and may have been changed, cut off or added
by whoever can write the table. Whether an entry told the truth when it was written, no chain can say.

Exit codes: 0 everything fits; 1 an entry does not fit; 2 nothing can be said: files that cannot be read, or no heads.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator

ENTRY_FIELDS = {"seq", "prev_hash", "hash", "at", "actor", "act", "object", "outcome", "reason", "digest"}
HEAD_FIELDS = {"seq", "hash", "at"}
LIMIT = "Not proved: that what came after the last published head is unchanged and complete"


class UnusableError(Exception):
    """A file from which nothing can be concluded."""


class UnfitError(Exception):
    """The first entry that does not fit."""

    def __init__(self, line: int, seq: int, what: str) -> None:
        super().__init__(what)
        self.line, self.seq, self.what = line, seq, what


def canonical(value: dict[str, object]) -> bytes:
    """Return the one form of a JSON object: one line of ASCII, names sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _object(line: bytes, fields: set[str]) -> dict[str, object]:
    """Return the JSON object of a line; ValueError unless it has exactly these fields and the one form of its bytes."""
    value = json.loads(line.decode("utf-8"))
    if not isinstance(value, dict) or set(value) != fields or canonical(value) != line:
        raise ValueError("other fields, or another form")
    for name, held in value.items():
        empty_digest = name == "digest" and held is None
        if type(held) is not (int if name == "seq" else str) and not empty_digest:
            raise ValueError(f"{name} is of another type")
    return value


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line.rstrip(b"\n")
    except OSError as error:
        raise UnusableError(f"{path}: cannot be read ({error.strerror})") from None


def read_heads(path: str) -> dict[int, set[str]]:
    """Return the published hashes by entry; a line that is no head makes the file unusable."""
    heads: dict[int, set[str]] = {}
    for number, line in _lines(path):
        try:
            head = _object(line, HEAD_FIELDS)
        except (ValueError, RecursionError):
            raise UnusableError(f"{path}: line {number} is no published head") from None
        heads.setdefault(int(str(head["seq"])), set()).add(str(head["hash"]))
    return heads


def _hash(entry: dict[str, object]) -> str:
    """Return the hash of an entry: SHA-256 over the canonical form of all fields but `hash`."""
    return hashlib.sha256(canonical({name: held for name, held in entry.items() if name != "hash"})).hexdigest()


def _check_entry(number: int, line: bytes, before: str, heads: dict[int, set[str]]) -> str:
    """Return the hash of the entry on line `number`, which must be entry `number`."""
    try:
        entry = _object(line, ENTRY_FIELDS)
    except (ValueError, RecursionError):
        raise UnfitError(number, number, "the line is no entry") from None
    if entry["seq"] != number:
        raise UnfitError(number, number, f"the line holds entry {entry['seq']}: removed, inserted, moved or renumbered")
    if entry["prev_hash"] != before:
        raise UnfitError(number, number, "it does not follow the entry that stands before it")
    if entry["hash"] != _hash(entry):
        raise UnfitError(number, number, "its content is not what was hashed: changed")
    if heads.get(number, {entry["hash"]}) != {entry["hash"]}:
        raise UnfitError(number, number, "its hash is not the published one: the chain was written anew from here on")
    return str(entry["hash"])


def check(export: str, heads: dict[int, set[str]]) -> int:
    """Return how many entries the export holds, all of which fit; raises UnfitError for the first that does not."""
    count, before = 0, "0" * 64
    for number, line in _lines(export):
        before = _check_entry(number, line, before, heads)
        count = number
    beyond = [seq for seq in heads if not 1 <= seq <= count]
    if beyond:
        missing = count + 1 if max(beyond) > count else min(beyond)
        raise UnfitError(
            count + 1, missing, f"entries up to {max(beyond)} were published: the end is cut off, or the copy is older"
        )
    return count


def _verdict(export: str, heads_file: str) -> tuple[int, dict[str, object]]:
    """Return exit code and findings."""
    try:
        heads = read_heads(heads_file)
        last = max(heads, default=0)
        try:
            count = check(export, heads)
        except UnfitError as unfit:
            said = f"entry {unfit.seq} (line {unfit.line} of the export) does not fit: {unfit.what}"
            return 1, {"ok": False, "entry": unfit.seq, "line": unfit.line, "published": last, "said": said}
    except UnusableError as unusable:
        return 2, {"ok": False, "entry": None, "line": None, "said": str(unusable)}
    found = {"entry": None, "line": None, "entries": count, "published": last, "limit": LIMIT}
    if count and not heads:
        said = f"{count} entries follow each other, but none was published: they may all have been written anew"
        return 2, {"ok": False, **found, "said": said}
    said = f"{count} entries fit; published up to entry {last}"
    return 0, {"ok": True, **found, "said": said}


def main(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit code."""
    parser = argparse.ArgumentParser(description="Check an exported audit trail against its published heads.")
    parser.add_argument("export", help="the exported table, JSON lines")
    parser.add_argument("heads", help="the published heads, JSON lines")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    code, found = _verdict(given.export, given.heads)
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
        return code
    sys.stdout.write(f"{found['said']}\n")
    if "limit" in found:
        last = int(str(found["published"]))
        loose = int(str(found["entries"])) - last
        sys.stdout.write(f"{LIMIT} (entries after entry {last}: {loose}).\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
