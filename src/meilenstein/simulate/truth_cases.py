"""Which files belong to one case: those that the facts of one person join, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from meilenstein.simulate.records import SimRecord, Weight

__all__ = ["File", "cases_of", "name_of"]

File = tuple[str, str]
"""Agency and reference."""


def name_of(file: File) -> str:
    """Return a file as text."""
    return f"{file[0]}/{file[1]}"


def cases_of(accepted: Iterable[SimRecord]) -> Mapping[File, str]:
    """Return the case of every file about a person, named by its smallest file."""
    groups: dict[File, set[File]] = {}
    links: list[tuple[File, File]] = []
    for record in accepted:
        if record.body is None or record.body["subject_kind"] != "PERSON":
            continue
        groups.setdefault(record.file, {record.file})
        if record.weight is not Weight.VOID:
            links.extend((record.file, other) for other in record.joins)
    for one, other in links:
        if other in groups and groups[one] is not groups[other]:
            together = groups[one] | groups[other]
            for file in together:
                groups[file] = together
    return {file: name_of(min(group)) for file, group in groups.items()}
