"""Which partitions one batch reads. What lags is divided into lots, so that several workers read and judge at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["Pair", "lots_of"]

Pair = tuple[str, int]
"""Topic and partition."""


def lots_of(lags: Mapping[Pair, int], *, most: int, linked: Iterable[tuple[str, str]] = ()) -> list[list[Pair]]:
    """Divide partitions into as few lots as hold `most` records each, about alike: small rests cost as much as batches.

    `lags` says how many records wait in each. Topics that are `linked` stay in one lot if they fit into it: they hold
    events of the same files, and workers that file those at the same time wait for each other. The smallest lot comes
    first: a partition that is far behind, or silent, holds up no other.
    """
    lots: list[list[Pair]] = [[] for _ in range(max(1, -(-sum(lags.values()) // most)))]
    pieces = [piece for group in _groups(lags, linked) for piece in _fitting(group, lags, most)]
    for piece in sorted(pieces, key=lambda piece: (-_sum(piece, lags), piece)):
        min(lots, key=lambda lot: _sum(lot, lags)).extend(piece)
    return sorted(filter(None, lots), key=lambda lot: _sum(lot, lags))


def _groups(pairs: Iterable[Pair], linked: Iterable[tuple[str, str]]) -> list[list[Pair]]:
    circles: dict[str, frozenset[str]] = {}
    for one, other in linked:
        circle = circles.get(one, frozenset({one})) | circles.get(other, frozenset({other}))
        circles.update(dict.fromkeys(circle, circle))
    groups: dict[frozenset[str], list[Pair]] = {}
    for pair in sorted(pairs):
        groups.setdefault(circles.get(pair[0], frozenset({pair[0]})), []).append(pair)
    return list(groups.values())


def _fitting(group: list[Pair], lags: Mapping[Pair, int], most: int) -> list[list[Pair]]:
    return [group] if _sum(group, lags) <= most else [[pair] for pair in group]


def _sum(pairs: Iterable[Pair], lags: Mapping[Pair, int]) -> int:
    return sum(lags[pair] for pair in pairs)
