"""The command by which a second person confirms can be typed as it stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from meilenstein.stewardship.confirmation import confirm_command
from meilenstein.store.proposals import Proposal


def proposal(kind: str, about: str, **fields: Any) -> Proposal:
    usual: dict[str, Any] = {
        "id": 1, "content": {}, "actor": "anna", "reason": "x", "state": "OPEN", "closed_by": None, "closed_at": None,
        "proposed_at": dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    }  # fmt: skip
    return Proposal(kind=kind, about=about, **{**usual, **fields})


@pytest.mark.parametrize(
    ("made", "command"),
    [
        (proposal("quarantine.release", "item:3"), "quarantine release 3"),
        (proposal("bulk.start", "bulk:7"), "replay confirm 7"),
        (
            proposal("link.accept", "link:1-2", pair=["zefas/Z 1", "hwk-dresden/H"]),
            "links accept 'zefas/Z 1' hwk-dresden/H",
        ),
        (proposal("link.split", "link:1-2", pair=["a/1", "b/2"], test=True), "links split a/1 b/2 --test"),
        (
            proposal("cursor.resume", "milestones.x-1", content={"topic": "milestones.x", "partition": 1, "at": 0}),
            "cursor resume milestones.x --partition 1 --at 0",
        ),
        (
            proposal("cursor.resume", "milestones.x-0", content={"topic": "milestones.x", "partition": 0, "at": None}),
            "cursor resume milestones.x",
        ),
    ],
)
def test_each_kind_has_its_command(made: Proposal, command: str) -> None:
    assert confirm_command(made) == f"meilenstein {command} --reason ..."


@pytest.mark.parametrize(
    "made",
    [
        proposal("link.accept", "link:1-2"),
        proposal("link.accept", "link:1-2", pair=["a/1"]),
        proposal("cursor.resume", "milestones.x-0", content={"at": 4}),
        proposal("something.new", "x:1"),
    ],
)
def test_what_does_not_say_enough_has_none(made: Proposal) -> None:
    assert confirm_command(made) is None
