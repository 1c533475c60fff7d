"""Somebody who may write the whole table and knows how the chain is made; shares no code with the product."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

__all__ = ["FORGERIES", "hash_of", "head_of", "line_of", "rechain"]

Entry = dict[str, Any]


def _form(value: Entry) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def hash_of(entry: Entry) -> str:
    """Return the right hash of an entry."""
    return hashlib.sha256(_form({name: held for name, held in entry.items() if name != "hash"})).hexdigest()


def line_of(entry: Entry) -> bytes:
    """Return an entry as a line of an export."""
    return _form(entry)


def head_of(entry: Entry) -> bytes:
    """Return what is published of an entry."""
    return _form({"seq": entry["seq"], "hash": entry["hash"], "at": entry["at"]})


def rechain(entries: list[Entry], first: int = 0) -> list[Entry]:
    """Number and hash the entries anew from index `first` on, so that they follow each other faultlessly."""
    done = [dict(entry) for entry in entries]
    for place in range(first, len(done)):
        before = done[place - 1]["hash"] if place else "0" * 64
        done[place].update(seq=place + 1, prev_hash=before)
        done[place]["hash"] = hash_of(done[place])
    return done


def _place(entries: list[Entry], chance: random.Random) -> int:
    return chance.randrange(len(entries))


def flip_a_bit(entries: list[Entry], chance: random.Random) -> list[bytes]:
    lines = [line_of(entry) for entry in entries]
    place = _place(entries, chance)
    changed = bytearray(lines[place])
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return [*lines[:place], bytes(changed), *lines[place + 1 :]]


def _changed(entries: list[Entry], chance: random.Random, place: int) -> list[Entry]:
    done = [dict(entry) for entry in entries]
    name = chance.choice(["at", "actor", "act", "object", "outcome", "reason", "digest"])
    value = {"at": "2001-01-01T00:00:00.000000Z", "outcome": "VIEWED", "digest": "ff" * 32}.get(name, "somebody else")
    done[place][name] = value if done[place][name] != value else None
    return done


def change_a_field(entries: list[Entry], chance: random.Random) -> list[bytes]:
    return [line_of(entry) for entry in _changed(entries, chance, _place(entries, chance))]


def change_a_field_and_its_hash(entries: list[Entry], chance: random.Random) -> list[bytes]:
    place = _place(entries, chance)
    done = _changed(entries, chance, place)
    done[place]["hash"] = hash_of(done[place])
    return [line_of(entry) for entry in done]


def rewrite_the_chain(entries: list[Entry], chance: random.Random) -> list[bytes]:
    place = _place(entries, chance)
    return [line_of(entry) for entry in rechain(_changed(entries, chance, place), place)]


def rewrite_the_whole_chain(entries: list[Entry], chance: random.Random) -> list[bytes]:
    return [line_of(entry) for entry in rechain(_changed(entries, chance, 0))]


def delete_a_row(entries: list[Entry], chance: random.Random) -> list[bytes]:
    place = _place(entries, chance)
    left = entries[:place] + entries[place + 1 :]
    return [line_of(entry) for entry in (rechain(left, place) if chance.random() < 0.5 else left)]


def delete_the_tail(entries: list[Entry], chance: random.Random) -> list[bytes]:
    return [line_of(entry) for entry in entries[: _place(entries, chance)]]


def insert_a_row(entries: list[Entry], chance: random.Random) -> list[bytes]:
    place = _place(entries, chance)
    made = {**entries[place], "actor": "nobody", "reason": "invented"}
    made["hash"] = hash_of(made)
    done = [*entries[:place], made, *entries[place:]]
    return [line_of(entry) for entry in (rechain(done, place) if chance.random() < 0.5 else done)]


def repeat_a_row(entries: list[Entry], chance: random.Random) -> list[bytes]:
    place = _place(entries, chance)
    return [line_of(entry) for entry in [*entries[: place + 1], *entries[place:]]]


def swap_two_rows(entries: list[Entry], chance: random.Random) -> list[bytes]:
    first, second = sorted(chance.sample(range(len(entries)), 2))
    done = [dict(entry) for entry in entries]
    done[first], done[second] = done[second], done[first]
    return [line_of(entry) for entry in (rechain(done, first) if chance.random() < 0.5 else done)]


def renumber(entries: list[Entry], chance: random.Random) -> list[bytes]:
    place = _place(entries, chance)
    done = [{**entry, "seq": entry["seq"] + (index >= place)} for index, entry in enumerate(entries)]
    if chance.random() < 0.5:
        for index in range(place, len(done)):
            done[index]["prev_hash"] = done[index - 1]["hash"] if index else "0" * 64
            done[index]["hash"] = hash_of(done[index])
    return [line_of(entry) for entry in done]


def restore_an_older_copy_and_go_on(entries: list[Entry], chance: random.Random) -> list[bytes]:
    place = _place(entries, chance)
    others = [{**entry, "reason": "another history"} for entry in entries[place:]]
    return [line_of(entry) for entry in rechain(entries[:place] + others[: chance.randrange(len(others) + 1)], place)]


FORGERIES: list[Callable[[list[Entry], random.Random], list[bytes]]] = [
    flip_a_bit,
    change_a_field,
    change_a_field_and_its_hash,
    rewrite_the_chain,
    rewrite_the_whole_chain,
    delete_a_row,
    delete_the_tail,
    insert_a_row,
    repeat_a_row,
    swap_two_rows,
    renumber,
    restore_an_older_copy_and_go_on,
]
"""Each returns the lines of a forged export."""
