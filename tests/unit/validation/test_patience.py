"""A registry that does not answer is left alone, the longer the longer it was waited for."""

from __future__ import annotations

import logging

import pytest

from meilenstein.validation.patience import Patience
from meilenstein_connectors.errors import RegistryUnavailable, UnknownSchema


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(patience: Patience, clock: Clock, seconds: float) -> None:
    def ask() -> None:
        with patience.asking():
            clock.now += seconds
            raise RegistryUnavailable("no answer")

    with pytest.raises(RegistryUnavailable):
        ask()


def is_left_alone(patience: Patience) -> bool:
    try:
        with patience.asking():
            return False
    except RegistryUnavailable:
        return True


@pytest.mark.parametrize(("waited", "rest"), [(0.0, 1.0), (0.2, 4.0), (2.0, 40.0), (10.0, 60.0)])
def test_the_rest_follows_the_wait(waited: float, rest: float) -> None:
    clock = Clock()
    patience = Patience(clock)
    assert not is_left_alone(patience)
    fail(patience, clock, waited)
    clock.now += rest - 0.01
    assert is_left_alone(patience)
    clock.now += 0.02
    assert not is_left_alone(patience)


def test_an_answer_that_there_is_no_such_schema_is_an_answer() -> None:
    patience = Patience(Clock())
    with pytest.raises(UnknownSchema), patience.asking():
        raise UnknownSchema("none")
    assert not is_left_alone(patience)


def test_a_fault_is_told_once_and_not_each_time_it_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    patience = Patience(clock)
    with caplog.at_level(logging.WARNING):
        fail(patience, clock, 2.0)
        assert all(is_left_alone(patience) for _ in range(5))
    assert [record.getMessage() for record in caplog.records] == ["no answer; asked again in 40 s"]
