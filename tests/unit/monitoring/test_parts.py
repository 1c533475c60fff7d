"""The parts of the watch alone: sources that hang, an outage of the store, counting once, the recorder's reserve."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest
import requests

from meilenstein.errors import RetryableError
from meilenstein.monitoring.channels import ChannelFailed
from meilenstein.monitoring.outage import Outage
from meilenstein.monitoring.recorder import StepRecorder
from meilenstein.monitoring.server import HOST, WatchServer
from meilenstein.monitoring.sources import Source
from meilenstein.monitoring.tally import FateTally
from meilenstein.store.levels import BatchLevel
from meilenstein.summary import Summary

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def test_a_source_that_hangs_holds_up_nobody_and_keeps_its_last_value():
    free = threading.Event()
    values = iter(["first"])

    def read():
        value = next(values, None)
        if value is None:
            free.wait(10)
        return value

    source = Source("test", read, every=0)
    assert source.latest(wait=5).value == "first"
    began = time.monotonic()
    assert source.latest(wait=0.1).value == "first"
    assert time.monotonic() - began < 1
    free.set()
    source.stop()


def test_a_source_that_fails_says_nothing_and_is_closed_and_read_again(caplog):
    closed, answers = [], iter([RetryableError("no answer"), ValueError("geheim"), "value"])

    def read():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    source = Source("test", read, every=0, close=lambda: closed.append(1))
    assert [source.latest(wait=5).value for _ in range(3)] == [None, None, "value"]
    assert len(closed) == 2
    assert "geheim" not in caplog.text and "ValueError" in caplog.text
    source.stop()


def test_a_value_is_used_again_while_it_is_young():
    reads = []
    source = Source("test", lambda: reads.append(1), every=60)
    source.latest(wait=5)
    source.latest(wait=5)
    assert len(reads) == 1
    source.stop()


class Receiver:
    name = "test"

    def __init__(self):
        self.told, self.down = [], False

    def send(self, notice):
        if self.down:
            raise ChannelFailed("down")
        self.told.append((notice.kind, notice.code))


def test_a_store_that_is_away_is_told_once_and_its_return_once():
    now = [NOW]
    receiver = Receiver()
    outage = Outage([receiver], lambda: now[0], after=dt.timedelta(minutes=2))
    for _ in range(5):
        outage.failed()
        now[0] += dt.timedelta(minutes=1)
    assert receiver.told == [("ALARM", "STORE_UNREACHABLE")]
    outage.over()
    outage.over()
    assert receiver.told[1:] == [("ALL_CLEAR", "STORE_UNREACHABLE")]
    outage.failed()
    assert len(receiver.told) == 2, "a new outage begins anew"


def test_an_all_clear_that_is_not_taken_is_tried_again_and_a_short_outage_is_not_told():
    now = [NOW]
    receiver = Receiver()
    outage = Outage([receiver], lambda: now[0], after=dt.timedelta(minutes=2))
    outage.failed()
    outage.over()
    assert receiver.told == []
    outage.failed()
    now[0] += dt.timedelta(minutes=3)
    outage.failed()
    receiver.down = True
    outage.over()
    receiver.down = False
    outage.over()
    assert len(receiver.told) == 1, "it rests a minute"
    now[0] += dt.timedelta(minutes=1)
    outage.over()
    assert receiver.told == [("ALARM", "STORE_UNREACHABLE"), ("ALL_CLEAR", "STORE_UNREACHABLE")]


class FakeLevels:
    """A store of batches, as far as the tally asks it."""

    def __init__(self):
        self.batches_, self.counted, self.fail = {}, [], False
        self.slow = lambda: None

    def batches(self, *, after, again):
        return [
            batch
            for number, batch in sorted(self.batches_.items())
            if number > after or number in again or batch.state != "DONE"
        ]

    def fates(self, ids):
        if self.fail:
            raise TimeoutError
        self.slow()
        self.counted.extend(ids)
        return [("milestones.a", "ACCEPTED" if self.batches_[i].state == "DONE" else "PENDING", 1) for i in ids]

    def put(self, number, state="DONE", n=1):
        self.batches_[number] = BatchLevel(id=number, n=n, state=state, drained_at=NOW)


def test_each_batch_is_counted_once_also_one_that_appears_late_or_was_unfinished():
    levels, tally = FakeLevels(), FateTally(seconds=5)
    levels.put(1)
    levels.put(3)
    levels.put(4, "OPEN")
    assert [batch.id for batch in tally.refresh(levels)] == [4]
    assert tally.totals() == {("a", "ACCEPTED"): 2, ("a", "PENDING"): 1}
    levels.put(2)  # its worker took the number earlier and committed later
    levels.put(4)
    tally.refresh(levels)
    tally.refresh(levels)
    assert tally.totals() == {("a", "ACCEPTED"): 4}
    assert sorted(levels.counted) == [1, 2, 3, 4, 4]


def test_a_count_that_is_cut_off_goes_on_where_it_was():
    levels, tally = FakeLevels(), FateTally(seconds=5)
    levels.put(1)
    tally.refresh(levels)
    levels.put(2)
    levels.fail = True
    with pytest.raises(TimeoutError):
        tally.refresh(levels)
    levels.fail = False
    tally.refresh(levels)
    assert tally.totals() == {("a", "ACCEPTED"): 2}


def test_a_long_count_is_done_bit_by_bit_and_told_when_it_is_whole():
    levels, now = FakeLevels(), [0.0]
    levels.slow = lambda: now.__setitem__(0, now[0] + 3)
    tally = FateTally(seconds=5, monotonic=lambda: now[0])
    for number in range(1, 6):
        levels.put(number, n=100_000)
    told = [(tally.refresh(levels), dict(tally.totals()))[1] for _ in range(3)]
    assert told == [{}, {}, {("a", "ACCEPTED"): 5}]


def recorder(written, monotonic):
    found = StepRecorder(lambda: None, lambda: NOW, run_id="r", monotonic=monotonic)
    found._write = lambda outcome: written.append(outcome) or True
    return found


def test_idle_runs_are_noted_now_and_then_and_none_is_left_out_of_the_count():
    written, now = [], [0.0]
    steps = recorder(written, lambda: now[0])
    for _ in range(50):
        steps.run("drain", lambda: Summary(step="drain", seconds=0.0))
        now[0] += 0.25
    assert [outcome.runs for outcome in written] == [1, 20, 20]
    steps.run("drain", lambda: Summary(step="drain", seconds=0.0, counts={"records": 1}))
    assert written[-1].runs == 10 and written[-1].counts == {"records": 1}


def test_a_failure_is_noted_by_its_class_and_passes_on(caplog):
    written = []
    steps = recorder(written, lambda: 0.0)
    with pytest.raises(ValueError, match="geheim"):
        steps.run("validate", lambda: int("geheim"))
    assert written[0].error == "ValueError"
    assert "geheim" not in caplog.text


def test_a_store_that_cannot_note_does_not_fail_the_step(caplog):
    def connect():
        raise RetryableError("away")

    steps = StepRecorder(connect, lambda: NOW, run_id="r")
    assert steps.run("drain", lambda: Summary(step="drain", seconds=0.0, counts={"records": 1}))
    assert "could not be noted (RetryableError)" in caplog.text


def test_what_is_answered_with_a_fault_is_logged_without_its_text(caplog):
    def broken():
        raise ValueError("geheim")

    server = WatchServer(0, {"/metrics": broken})
    try:
        answer = requests.get(f"http://{HOST}:{server.port}/metrics", timeout=5)
    finally:
        server.close()
    assert (answer.status_code, answer.text) == (500, "fault\n")
    assert "an answer failed: ValueError" in caplog.text and "geheim" not in caplog.text
