"""`meilenstein run --follow` as a process of its own: answers within seconds, survives faults, ends when asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from kafka import KafkaConsumer, TopicPartition
from tests.support.conservation import check_conservation
from tests.support.raw_kafka import Raw, entry, framed, rows, schema_id_of, send_raw
from tests.support.stack import wait_until

from meilenstein.settings import Endpoints, Settings

TOPIC = "milestones.abh-dresden"
WITHIN_SECONDS = 5.0


class Service:
    """The running service, and the office that listens to its answers."""

    def __init__(self, endpoints: Endpoints, home: Path, log: Path, **settings: str) -> None:
        self.endpoints = endpoints
        self._schema_id = schema_id_of(endpoints, "EntryReported")
        self._sent = 0
        self.log = log
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MEILENSTEIN_")}
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                [Path(sys.executable).parent / "meilenstein", "run", "--follow"],
                env={**clean, "MEILENSTEIN_HOME": str(home), **settings},
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        self._pair = TopicPartition("replies.abh-dresden", 0)
        self._replies = KafkaConsumer(bootstrap_servers=endpoints.bootstrap_servers, group_id=None)
        self._replies.assign([self._pair])
        self._replies.seek_to_beginning(self._pair)
        wait_until(lambda: "following" in self.said(), seconds=30, message="the service did not begin")

    def said(self) -> str:
        return self.log.read_text()

    def publish_bad(self) -> None:
        """Publish what must not hold up what comes after it."""
        values = [None, b"", b"\x01nonsense", framed(1_999_999_998, entry(0)), framed(self._schema_id, entry(1))[:-1]]
        send_raw(self.endpoints, [Raw(topic=TOPIC, value=value) for value in values])

    def publish_good(self) -> float:
        """Publish a right event; return after how many seconds its receipt had arrived."""
        self._sent += 1
        (offset,) = send_raw(
            self.endpoints, [Raw(topic=TOPIC, value=framed(self._schema_id, entry(self._sent, salt="follow")))]
        )
        published = time.monotonic()
        while time.monotonic() - published < 60:
            for answer in self._answers():
                if answer["kind"] == "RECEIPT" and any(low <= offset <= high for low, high in answer["accepted"]):
                    return time.monotonic() - published
        raise AssertionError(f"no receipt for offset {offset}; the service said: {self.said()}")

    def _answers(self) -> Iterator[dict[str, Any]]:
        for records in self._replies.poll(timeout_ms=100).values():
            yield from (json.loads(record.value) for record in records)

    def end(self) -> int:
        """Ask it to end; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def close(self) -> None:
        self._replies.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def service(endpoints: Endpoints, stack_settings: Settings, tmp_path: Path) -> Iterator[Service]:
    started = Service(endpoints, stack_settings.home, tmp_path / "stderr")
    yield started
    started.close()


@pytest.mark.stack
def test_a_good_record_after_bad_ones_is_answered_within_five_seconds_and_sigterm_ends_it(service: Service) -> None:
    service.publish_good()  # a service that has only just begun still has Great Expectations to import
    took = []
    for _ in range(5):
        service.publish_bad()
        took.append(service.publish_good())
    assert max(took) < WITHIN_SECONDS, took
    assert service.process.poll() is None
    assert service.end() == 0
    assert "Traceback" not in service.said()
    found = check_conservation(service.endpoints.bootstrap_servers, service.endpoints.owner_database_url)
    assert (found.accepted, found.quarantined, found.pending) == (6, 25, 0)


@pytest.mark.stack
def test_sessions_that_the_database_ends_do_not_end_the_service(service: Service) -> None:
    ended = (
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where usename = current_user and pid <> pg_backend_pid()"
    )
    service.publish_good()
    took = []
    for _ in range(3):
        with psycopg.connect(service.endpoints.database_url, autocommit=True) as connection:
            assert (connection.execute(ended).fetchone() or (0,))[0] > 0
        took.append(service.publish_good())
    assert max(took) < WITHIN_SECONDS, took
    assert service.process.poll() is None
    assert service.end() == 0
    assert "Traceback" not in service.said()


@pytest.mark.stack
def test_records_that_wait_for_a_silent_registry_neither_delay_others_nor_keep_the_service_busy(
    endpoints: Endpoints, stack_settings: Settings, tmp_path: Path
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)  # connections are taken and never answered
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/apis/ccompat/v7"
        service = Service(endpoints, stack_settings.home, tmp_path / "stderr", MEILENSTEIN_REGISTRY_URL=url)
        try:
            service.publish_good()
            send_raw(endpoints, [Raw(topic=TOPIC, value=framed(1_999_999_997, entry(0)))] * 3)
            service.publish_good()  # perhaps this one meets the one attempt to reach the registry
            took = [service.publish_good() for _ in range(5)]
            before = _processor_seconds(service.process.pid)
            time.sleep(3)
            spent = _processor_seconds(service.process.pid) - before
            assert service.end() == 0
        finally:
            service.close()
    assert max(took) < WITHIN_SECONDS, took
    assert spent < 1.0
    assert len(service.said()) < 10_000
    fates = rows(
        endpoints, "select fate, count(*) from journal j left join verdict v on v.journal_id = j.id group by 1"
    )
    assert dict(fates) == {"ACCEPTED": 7, None: 3}


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
