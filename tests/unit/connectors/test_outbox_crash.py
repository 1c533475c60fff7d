"""kill -9 between taking and sending loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from meilenstein_connectors.codec import contract_schema, decode, unframe
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport

TOPIC = "milestones.hwk-dresden"


@pytest.mark.parametrize("kept", [1, 40])
def test_every_event_that_was_taken_before_a_kill_is_sent_after_it(tmp_path: Path, kept: int) -> None:
    outbox = tmp_path / "outbox.sqlite"
    told: list[str] = []
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crashing_partner.py")), str(outbox)],
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            told += [child.stdout.readline().strip() for _ in range(kept)]
            os.kill(child.pid, signal.SIGKILL)
            told += [line.strip() for line in child.stdout if line.endswith("\n")]
    broker = MemoryBroker([TOPIC])
    with Publisher(
        agency="hwk-dresden",
        source_system="files",
        outbox=outbox,
        transport=MemoryTransport(broker),
        registry=MemoryRegistry(),
        check=None,
    ) as publisher:
        publisher.send()
    schema = contract_schema("EntryReported")
    bodies = [decode(unframe(record.value)[1], schema) for record in broker.records(TOPIC)]
    assert len(told) >= 2 * kept
    assert set(told) <= {body["event_id"] for body in bodies}
    assert [body["sequence"] for body in bodies] == list(range(1, len(bodies) + 1))
