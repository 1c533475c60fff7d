"""PostgreSQL, broker and registry end while partners publish and steps run: nothing confirmed is lost or taken twice.

A step may give up (exit code 3) as often as it likes, but by no other error, and it must succeed once all are back.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from tests.support.conservation import Found
from tests.support.crews import Crew, Partner, StepAgain, partners_of
from tests.support.instance import empty_instance
from tests.support.parts import Parts
from tests.support.ports import free_port_base
from tests.support.raw_kafka import rows
from tests.support.settled import check_settled, settle
from tests.support.stack import wait_until

from meilenstein.bootstrap import Hub
from meilenstein.embedded.stack import Stack
from meilenstein.settings import Endpoints, load_settings

pytestmark = pytest.mark.stack

SEED = 20261122
AGENCIES = ("abh-dresden", "wc-dresden")
TIMES = {"postgresql": 4, "kafka": 2, "registry": 1}
"""How often each part ends when everything happens at once."""
FAST, IMMEDIATE, KILL, TERM = signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, signal.SIGTERM
SESSIONS = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = current_user and pid in "
    "(select pid from pg_stat_activity where application_name like 'meilenstein%%' and pid <> pg_backend_pid() "
    "order by random() limit %s)"
)


class Instance:
    """An instance of its own, whose parts may end."""

    def __init__(self, endpoints: Endpoints, parts: Parts) -> None:
        self.endpoints = endpoints
        self.parts = parts

    def end_sessions(self, most: int) -> int:
        """End some of the steps' sessions; return how many."""
        with psycopg.connect(self.endpoints.database_url, autocommit=True) as connection:
            return int((connection.execute(SESSIONS, (most,)).fetchone() or (0,))[0])

    def journalled(self) -> int:
        return int(rows(self.endpoints, "select count(*) from journal")[0][0])

    def judged(self) -> int:
        return int(rows(self.endpoints, "select count(*) from verdict")[0][0])

    def await_progress(self) -> None:
        """Wait until the steps get on again: more is drained and more is judged than now."""
        drained, judged = self.journalled(), self.judged()
        wait_until(
            lambda: self.journalled() > drained and self.judged() > judged, seconds=180, message="nothing goes on"
        )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    settings = load_settings(home=tmp_path_factory.mktemp("restarted"), port_base=free_port_base())

    def prepare(endpoints: Endpoints) -> None:
        with Hub(endpoints) as hub:
            hub.prepare()

    stack = Stack(settings, airflow=False, on_ready=prepare)
    with ExitStack() as ending:
        ending.callback(stack.stop)
        endpoints = stack.start()
        parts = Parts(settings, stack)
        ending.pop_all()
        ending.callback(parts.close)
        ending.callback(stack.stop)  # first: what it started itself may need what was started later
        yield Instance(endpoints, parts)


@pytest.fixture
def instance(whole: Instance) -> Instance:
    empty_instance(whole.endpoints)
    return whole


class Load:
    """Two partners and one or two of each step, at work as long as the faults last.

    Of few event types, because judging a batch costs by the types that are in it.
    """

    def __init__(self, instance: Instance, folder: Path) -> None:
        self._endpoints = instance.endpoints
        self._enough, self._stop = folder / "enough", folder / "stop"
        everybody = partners_of(600, folder, chunk=4, pause=0.3, send_seconds=1.0, until=self._enough)
        self.partners: list[Partner] = [found for found in everybody if found.agency in AGENCIES]
        self.gave_up: dict[str, int] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        names = ("drain", "validate", "reconcile", "feedback", "drain", "feedback")
        # A drain that rests makes fewer and larger batches: judging one costs a second, whatever is in it.
        works = [StepAgain(name, self._stop, rest=1.5 if name == "drain" else 0.2) for name in names]
        with Crew(self._endpoints, works) as steps, Crew(self._endpoints, self.partners) as senders:
            yield
            self._enough.touch()
            confirmed = senders.outcomes()
            self._stop.touch()
            outcomes = steps.outcomes()
        assert all(isinstance(count, int) and count > 10 for count in confirmed), confirmed
        assert all(isinstance(counts, dict) for counts in outcomes), outcomes
        for name, counts in zip(names, outcomes, strict=True):
            self.gave_up[name] = self.gave_up.get(name, 0) + counts.get("gave_up", 0)

    def check(self) -> Found:
        settle(self._endpoints)
        found = check_settled(self._endpoints, [path for partner in self.partners for path in partner.outboxes])
        assert found.records > 100 and found.accepted > 80
        return found


@pytest.fixture
def load(instance: Instance, tmp_path: Path) -> Load:
    return Load(instance, tmp_path)


@pytest.mark.timeout(600)
def test_postgresql_restarted_in_every_way_and_single_sessions_ended(instance: Instance, load: Load) -> None:
    with load.running():
        instance.await_progress()
        for number in (FAST, IMMEDIATE, KILL):
            assert instance.end_sessions(2) > 0
            time.sleep(0.5)
            instance.parts.bounce("postgresql", number)
            instance.await_progress()
    assert all(load.gave_up.values()), f"a step that noticed nothing: {load.gave_up}"
    load.check()


@pytest.mark.timeout(600)
def test_the_broker_stopped_and_killed(instance: Instance, load: Load) -> None:
    with load.running():
        instance.await_progress()
        for number in (TERM, KILL):
            instance.parts.bounce("kafka", number)
            instance.await_progress()
    assert load.gave_up["drain"], load.gave_up
    load.check()


@pytest.mark.timeout(600)
def test_the_registry_is_away_while_partners_begin(instance: Instance, load: Load) -> None:
    """Whoever knows the ids goes on; whoever has yet to ask keeps its events until the registry is back."""
    instance.parts.stop("registry", KILL)
    with load.running():
        time.sleep(2)
        assert instance.journalled() == 0, "an event was sent without a schema id"
        instance.parts.start("registry")
        instance.await_progress()
        instance.parts.stop("registry", TERM)
        instance.await_progress()
        instance.parts.start("registry")
    assert not any(load.gave_up.values()), f"a step needed the registry: {load.gave_up}"
    load.check()


def again_and_again(instance: Instance, name: str, times: int) -> list[str]:
    """End a part several times, in ways and after pauses drawn once and for all; return what was done."""
    chance, done = random.Random(f"{SEED} {name}"), []
    for _ in range(times):
        time.sleep(chance.uniform(0, 2.0))
        number = chance.choice((KILL, FAST, IMMEDIATE) if name == "postgresql" else (KILL, TERM))
        instance.parts.stop(name, number)
        time.sleep(chance.uniform(0, 1.5))
        instance.parts.start(name)
        done.append(f"{name} {number.name}")
    return done


def sessions_end(instance: Instance, enough: threading.Event) -> list[str]:
    chance, done = random.Random(SEED), []
    while not enough.wait(chance.uniform(0, 2.0)):
        try:
            done.append(f"{instance.end_sessions(chance.randrange(1, 6))} sessions")
        except psycopg.OperationalError:
            continue  # the database is away just now
    return done


@pytest.mark.timeout(600)
def test_everything_at_once(instance: Instance, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody waits for anybody: the broker ends while the database is away, the registry starts without it."""
    enough = threading.Event()
    with load.running(), ThreadPoolExecutor(4) as pool:
        instance.await_progress()
        faults = [pool.submit(again_and_again, instance, name, times) for name, times in TIMES.items()]
        sessions = pool.submit(sessions_end, instance, enough)
        try:
            done = [what for fault in faults for what in fault.result()]
        finally:
            enough.set()
        done += sessions.result()
        instance.await_progress()
    assert all(load.gave_up.values()), f"a step that noticed nothing: {load.gave_up}"
    found = load.check()
    with capsys.disabled():
        print(f"\n  {', '.join(done)}: {found.records} records; gave up {load.gave_up}", end="")  # noqa: T201
