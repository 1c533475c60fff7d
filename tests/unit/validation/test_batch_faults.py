"""A batch that cannot be judged holds up no other, and whoever runs the step learns what is worth another try."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import psycopg
import pytest

from meilenstein.errors import PermanentError
from meilenstein.store.database import DatabaseUnavailable
from meilenstein.store.journal import Batch
from meilenstein.validation import validate
from meilenstein.validation.validate import Validate


class Journal:
    """Three open batches."""

    def __init__(self, _connection: object) -> None: ...

    def claim(self, state: str, *, seen: Sequence[int]) -> Batch | None:
        left = [number for number in (1, 2, 3) if state == "OPEN" and number not in seen]
        return Batch(id=left[0], n=1) if left else None


class Faulty(Validate):
    """Meets a given fault with some of the batches."""

    faults: dict[int, Exception]
    judged: list[int]

    def _batch(self, batch: Batch) -> None:
        self.judged.append(batch.id)
        if batch.id in self.faults:
            raise self.faults[batch.id]


def faulty(monkeypatch: pytest.MonkeyPatch, faults: dict[int, Exception]) -> Faulty:
    monkeypatch.setattr(validate, "JournalStore", Journal)
    open_: Any = Mock(closed=False)
    check = cast("Any", SimpleNamespace(run=lambda: None, mismatched=(), patience=None))
    step = Faulty(
        connection=open_,
        scratch=open_,
        judge=Mock(),
        registry=Mock(),
        book=Mock(),
        directory=Mock(),
        clock=lambda: dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        check=check,
    )
    step.faults, step.judged = faults, []
    return step


def test_a_lock_that_was_not_got_is_worth_another_try_whatever_else_failed_and_every_fault_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults = {1: PermanentError("batch 1 does not add up"), 2: psycopg.errors.LockNotAvailable("row (H-7)")}
    step = faulty(monkeypatch, faults)
    with caplog.at_level(logging.WARNING), pytest.raises(DatabaseUnavailable, match="LockNotAvailable") as raised:
        step.run()
    assert step.judged == [1, 2, 3]
    first, second = (record.getMessage() for record in caplog.records)
    assert first == "validate: batch 1 is not judged: batch 1 does not add up"
    assert second.startswith("validate: batch 2 is not judged: database: ")
    assert "H-7" not in caplog.text + str(raised.value)


def test_a_fault_nobody_foresaw_is_raised_as_it_is_and_told_without_its_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    step = faulty(monkeypatch, {2: ValueError("H-7")})
    with caplog.at_level(logging.WARNING), pytest.raises(ValueError, match="H-7"):
        step.run()
    assert step.judged == [1, 2, 3]
    assert "batch 2 is not judged: ValueError" in caplog.text and "H-7" not in caplog.text
