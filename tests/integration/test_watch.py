"""`meilenstein watch` on a real store and broker: what it tells agrees with the balance, and it survives their loss."""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from tests.support.canaries import TOKEN, found_in, hostile_records
from tests.support.instance import TEST_DAY
from tests.support.ports import free_port_base
from tests.support.raw_kafka import rows, send_raw
from tests.support.stack import wait_until

from meilenstein.cli.watch import open_watch
from meilenstein.embedded.ports import Ports
from meilenstein.monitoring.exposition import as_text
from meilenstein.monitoring.metrics import METRICS
from meilenstein.monitoring.readings import StoreReader
from meilenstein.monitoring.server import WatchServer
from meilenstein.settings import Endpoints
from meilenstein.simulate.example_case import example_case
from meilenstein.store.step_runs import StepOutcome, StepRunStore

pytestmark = pytest.mark.stack


def publish_example(hub, folder: Path) -> int:
    events = [event for step in example_case(TEST_DAY.replace(month=3)) for event in step.events]
    for sender, event_type, body in events:
        with hub.publisher(sender, "example", folder / f"{sender}.sqlite") as publisher:
            publisher.publish((event_type, body))
    return len(events)


def test_a_run_that_did_nothing_ends_no_failure_while_batches_are_open(endpoints, hub, tmp_path) -> None:
    """Another worker may hold the batch that fails: who passes over it has healed nothing."""
    publish_example(hub, tmp_path)
    hub.drain()
    connection = hub.connection("status")
    store = StepRunStore(connection)

    def note(**outcome) -> bool:
        at = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)
        told = {"error": None, "counts": {}, "waits": {}, "missing": (), "runs": 1, **outcome}
        store.note(StepOutcome(step="validate", run_id="r", started_at=at, finished_at=at, seconds=0.1, **told))
        (row,) = [row for row in store.known() if row.step == "validate"]
        connection.commit()
        return row.failing_since is not None

    assert note(error="JudgeFailed")
    assert note(counts={"accepted": 0}), "nothing was done"
    assert not note(counts={"accepted": 3})
    assert note(error="JudgeFailed")
    hub.validate()
    assert not note(), "nothing is left"


def values(text: bytes) -> dict[str, dict[tuple[str, ...], float]]:
    """Return what is told: name, values of the labels in alphabetical order of their names, value."""
    told: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            key = tuple(value for _, value in sorted(sample.labels.items()))
            told.setdefault(sample.name, {})[key] = sample.value
    return told


@pytest.fixture
def watching(stack_settings, endpoints):
    with open_watch(stack_settings, endpoints) as found:
        yield found


def test_metrics_agree_with_the_balance_before_and_after_each_step(hub, watching, tmp_path):
    sent = publish_example(hub, tmp_path)
    told = values(as_text(watching.readings(wait=30)))
    assert sum(told["meilenstein_lag_records"].values()) == sent
    assert told["meilenstein_part_up"] == {("store",): 1, ("kafka",): 1}
    for name in ("drain", "validate", "reconcile", "feedback"):
        hub.step(name)
    time.sleep(5.1)  # so long a reading counts as new
    told = values(as_text(watching.readings(wait=30)))
    balance = hub.balance()
    assert sum(told["meilenstein_records_total"].values()) == balance.records == sent
    fates = told["meilenstein_fates_total"]
    assert sum(value for (_, fate), value in fates.items() if fate == "accepted") == balance.fates["accepted"]
    assert sum(told["meilenstein_lag_records"].values()) == 0
    assert told["meilenstein_last_record_timestamp_seconds"]["zefas", "0"] == pytest.approx(time.time(), abs=300)
    assert told["meilenstein_step_runs_total"]["success", "drain"] == 1
    assert told["meilenstein_step_failing_seconds"]["drain",] == 0
    assert {code for (code,) in told["meilenstein_alarms"]} >= {"PARTITION_HALTED", "RUN_LATE"}


def test_labels_hold_agencies_codes_and_states_only(hub, endpoints, stack_settings):
    send_raw(endpoints, hostile_records(endpoints))
    for name in ("drain", "validate", "reconcile"):
        hub.step(name)
    with open_watch(stack_settings, endpoints) as watching:
        text = as_text(watching.readings(wait=30))
    assert not found_in(text)
    told = values(text)
    assert told["meilenstein_quarantine_open_items"]["abh-dresden",] >= 10
    assert told["meilenstein_outbox_unsent_messages"]["REJECTED", "abh-dresden"] >= 1
    key, code = re.compile(r"[a-z][a-z0-9-]*|[A-Z_]+|[a-z_]+(\.[a-z]+)?|\d+"), {metric.name for metric in METRICS}
    for name, samples in told.items():
        assert name in code
        assert all(key.fullmatch(label) for labels in samples for label in labels), name


# The Kafka client leaves its sockets to the garbage collector when it cannot connect.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_health_is_anonymous_and_turns_with_the_parts(stack_settings, endpoints):
    gone = Endpoints(
        bootstrap_servers="127.0.0.1:9", registry_url=endpoints.registry_url, database_url=endpoints.database_url
    )
    for known, ready in ((endpoints, 200), (gone, 503)):
        with open_watch(stack_settings, known) as watching:
            server = WatchServer(0, watching.routes())
            try:
                base = f"http://127.0.0.1:{server.port}"
                wait_until(
                    lambda base=base, ready=ready: (
                        requests.get(f"{base}/health/ready", timeout=20).status_code == ready
                    ),
                    seconds=60,
                    message="health does not turn",
                )
                assert requests.get(f"{base}/health/ready", timeout=20).text in {"ready\n", "not ready\n"}
                assert requests.get(f"{base}/health/live", timeout=5).text == "live\n"
                began = time.monotonic()
                metrics = requests.get(f"{base}/metrics", timeout=20)
                assert time.monotonic() - began < 8, "a part that is away may not hold up the rest"
                up = values(metrics.content)["meilenstein_part_up"]
                assert (up["store",], up["kafka",]) == (1, float(ready == 200))
                assert requests.get(f"{base}/secrets", timeout=5).status_code == 404
                assert requests.post(f"{base}/metrics", timeout=5).status_code == 501
                assert "127.0.0.1" not in requests.get(f"{base}/health/ready", timeout=20).text
            finally:
                server.close()
    gc.collect()


def test_a_slow_part_of_the_store_is_left_out_and_the_rest_is_told(hub, endpoints, monkeypatch):
    monkeypatch.setattr("meilenstein.monitoring.readings._QUERY_SECONDS", 0.3)
    reader = StoreReader(lambda: hub.connection("metrics"), hub._clock, time.monotonic)
    with hub.connection("lock").cursor() as cursor:
        cursor.execute("lock table outbox in access exclusive mode")
        levels = reader.read()
        assert levels.failures == {"unsent": 1}
        assert levels.alarms is not None and levels.steps is not None
    hub.connection("lock").rollback()
    assert reader.read().failures == {"unsent": 1}


def test_the_command_serves_sends_and_ends_on_a_signal(stack_settings, endpoints, tmp_path):
    port = Ports(free_port_base()).watch
    environment = {
        **os.environ,
        "MEILENSTEIN_HOME": str(stack_settings.home),
        "MEILENSTEIN_LOG_FORMAT": "json",
    }
    rows(
        endpoints,
        "insert into cursor (topic, partition, topic_id, start_offset, next_offset, halted_reason, halted_at) "
        "values ('milestones.zefas', 0, 'x', 0, 0, 'LOG_CHANGED', now())",
    )
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "meilenstein", "watch", "--port", str(port)],
            env=environment,
            stderr=log,
        )
        try:
            wait_until(lambda: _answers(port), seconds=60, message="no answer")
            query = "select code, agency from alarm where cleared_at is null"
            wait_until(
                lambda: rows(endpoints, query) == [("PARTITION_HALTED", "zefas")], seconds=60, message="no alarm"
            )
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
        log.seek(0)
        lines = [json.loads(line) for line in log if line.startswith("{")]
    (alarm,) = [line for line in lines if line.get("event") == "alarm"]
    assert (alarm["code"], alarm["agency"], alarm["state"], alarm["level"]) == (
        "PARTITION_HALTED",
        "zefas",
        "OPEN",
        "WARNING",
    )
    done = subprocess.run(
        [sys.executable, "-m", "meilenstein", "alarms", "check", "--json"],
        env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["open"] == 1
    done = subprocess.run(
        [sys.executable, "-m", "meilenstein", "status", "--agency", "zefas", "--json"],
        env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, told["state"], told["halted"]) == (1, "HALTED", {"milestones.zefas-0": "LOG_CHANGED"})
    assert "meilenstein cursor resume milestones.zefas" in told["next_steps"][0]["command"]
    rows(endpoints, "delete from cursor where topic_id = 'x'")


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/live", timeout=2).ok
    except requests.RequestException:
        return False


def test_one_agency_is_told_with_what_waits_for_it(hub, endpoints, stack_settings):
    send_raw(endpoints, hostile_records(endpoints))
    for name in ("drain", "validate", "reconcile"):
        hub.step(name)
    environment = {**os.environ, "MEILENSTEIN_HOME": str(stack_settings.home)}
    done = subprocess.run(
        [sys.executable, "-m", "meilenstein", "status", "--agency", "abh-dresden"],
        env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout
    assert "meilenstein quarantine list --agency abh-dresden" in done.stdout
    assert "meilenstein feedback" in done.stdout
