"""Whoever may write every table is found out by the published heads; true trails raise no alarm."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.support.audit_forgery import FORGERIES, rechain
from tests.support.raw_kafka import Raw, rows, send_raw
from typer.testing import CliRunner

from meilenstein.audit import verifier
from meilenstein.audit.export import export_line
from meilenstein.audit.trail import HEADS_TOPIC, AuditTrail
from meilenstein.bootstrap import Hub, utc_now
from meilenstein.cli.audit import audit
from meilenstein.errors import ConfigurationError, MeilensteinError, PermanentError
from meilenstein.feedback.feedback import Feedback
from meilenstein.feedback.kafka_sender import KafkaSender
from meilenstein.settings import Endpoints
from meilenstein.store.audit import AuditStore
from meilenstein.store.database import Connection, connect
from meilenstein.store.outbox import Unsent
from meilenstein_connectors.errors import TopicMissing

pytestmark = pytest.mark.stack

CHANCE = random.Random(19)
OUTCOMES = ("DONE", "PROPOSED", "REFUSED", "VIEWED")


@pytest.fixture
def connection(endpoints: Endpoints) -> Iterator[Connection]:
    with connect(endpoints.database_url, name="audit test") as opened:
        yield opened


@pytest.fixture
def record(connection: Connection) -> Callable[[int], None]:
    """Append so many entries, each in a transaction of its own."""
    trail = AuditTrail(connection, utc_now)

    def append(count: int) -> None:
        for number in range(count):
            trail.record(
                actor=CHANCE.choice(["a.muster", "b.müller"]),
                act=CHANCE.choice(["quarantine.release", "link.accept"]),
                subject=f"item:{number}",
                outcome=CHANCE.choice(OUTCOMES),
                reason="tab\there, ümlaut, \u2028",
                digest=CHANCE.choice([None, bytes(32)]),
            )
            connection.commit()

    return append


@pytest.fixture
def command(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, dict[str, object]]]:
    """Run a command of `meilenstein audit` with --json; return exit code and what it printed."""
    for name in ("bootstrap_servers", "registry_url", "database_url"):
        monkeypatch.setenv(f"MEILENSTEIN_{name.upper()}", getattr(endpoints, name))

    def run(*arguments: str) -> tuple[int, dict[str, object]]:
        done = CliRunner().invoke(audit, [*arguments, "--json"])
        if isinstance(done.exception, MeilensteinError):
            raise done.exception
        return done.exit_code, json.loads(done.stdout.splitlines()[-1])

    return run


def exported(connection: Connection, path: Path) -> list[str]:
    lines = [export_line(row) for row in AuditStore(connection).all()]
    connection.commit()
    path.write_text("".join(f"{line}\n" for line in lines))
    return lines


def test_a_thousand_forgeries_are_found_and_a_hundred_true_trails_fit(
    connection: Connection, record: Callable[[int], None], tmp_path: Path
) -> None:
    export, heads = tmp_path / "export.jsonl", tmp_path / "heads.jsonl"
    missed, alarms, forgeries = [], 0, 0
    for turn in range(100):
        record(CHANCE.randrange(1, 4) + 3 * (turn == 0))
        found = connection.execute("select value from outbox where kind = 'HEAD' order by id").fetchall()
        published = [bytes(value) for (value,) in found]
        published = published[: CHANCE.randrange(1, len(published) + 1)]
        heads.write_bytes(b"".join(head + b"\n" for head in published))
        lines = exported(connection, export)
        alarms += verifier._verdict(str(export), str(heads))[0]
        held = [json.loads(line) for line in lines[: len(published)]]
        for forge in CHANCE.sample(FORGERIES, 10) if len(held) > 1 else FORGERIES[:6] + FORGERIES[:4]:
            # What the heads hold is forged; what follows it is the stated limit, and is chained on as it was.
            forged = forge(held, CHANCE)
            export.write_bytes(b"".join(line + b"\n" for line in forged))
            code, _ = verifier._verdict(str(export), str(heads))
            forgeries += 1
            missed.extend([forge.__name__] if code != 1 else [])
    assert (alarms, missed, forgeries) == (0, [], 1000)


@pytest.mark.parametrize(
    ("forgery", "first"),
    [
        ("update audit set reason = 'other' where seq = 4", 4),
        ("delete from audit where seq = 3", 3),
        ("delete from audit where seq >= 6", 6),
        ("truncate audit", 1),
        ("rechain", 5),
    ],
)
def test_what_the_owner_of_the_tables_forges_is_found_by_the_command(
    endpoints: Endpoints,
    hub: Hub,
    connection: Connection,
    record: Callable[[int], None],
    command: Callable[..., tuple[int, dict[str, object]]],
    tmp_path: Path,
    forgery: str,
    first: int,
) -> None:
    record(7)
    assert hub.feedback().counts["sent"] == 7
    record(1)
    code, found = command("verify")
    assert (code, found["entries"], found["published"]) == (0, 8, 7)
    rows(endpoints, "alter table audit disable trigger append_only")
    try:
        if forgery == "rechain":
            entries = [json.loads(line) for line in exported(connection, tmp_path / "true")]
            for entry in rechain([*entries[:4], {**entries[4], "actor": "somebody else"}, *entries[5:]], 4):
                rows(
                    endpoints,
                    "update audit set actor = %s, prev_hash = decode(%s, 'hex'), hash = decode(%s, 'hex') "
                    "where seq = %s",
                    *(entry[name] for name in ("actor", "prev_hash", "hash", "seq")),
                )
        else:
            rows(endpoints, forgery)
    finally:
        rows(endpoints, "alter table audit enable trigger append_only")
    code, found = command("verify")
    assert (code, found["entry"]) == (1, first)


def test_files_are_written_once_and_verified_anywhere(
    hub: Hub,
    record: Callable[[int], None],
    command: Callable[..., tuple[int, dict[str, object]]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    record(3)
    hub.feedback()
    export, heads = str(tmp_path / "export.jsonl"), str(tmp_path / "heads.jsonl")
    caplog.set_level(logging.ERROR, logger="kafka")
    assert command("heads", heads) == (0, {"heads": 3, "file": heads})
    assert [record.getMessage() for record in caplog.records] == [], "the client's reader is closed without complaints"
    assert command("export", export) == (0, {"entries": 3, "file": export})
    assert (tmp_path / "export.jsonl").stat().st_mode & 0o777 == 0o600
    assert command("verify", "--export", export, "--heads", heads)[0] == 0
    with pytest.raises(ConfigurationError, match="exists already"):
        command("export", export)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        command("heads", str(tmp_path / "none" / "heads.jsonl"))
    with pytest.raises(ConfigurationError, match="or neither"):
        command("verify", "--heads", heads)
    code, listed = command("list", "--actor", "nobody")
    assert (code, listed["entries"]) == (0, [])
    _, listed = command("list", "--act", "quarantine")
    _, other = command("list", "--act", "link.accept")
    assert len(listed["entries"]) + len(other["entries"]) == 3


def test_before_anything_was_published_nothing_can_be_said(
    record: Callable[[int], None], command: Callable[..., tuple[int, dict[str, object]]]
) -> None:
    assert command("verify")[0] == 0
    record(2)
    code, found = command("verify")
    assert code == 2
    assert "none was published" in str(found["said"])


def test_a_record_of_somebody_else_among_the_heads_is_told(
    endpoints: Endpoints, command: Callable[..., tuple[int, dict[str, object]]], tmp_path: Path
) -> None:
    send_raw(endpoints, [Raw(topic=HEADS_TOPIC, value=b"no head")])
    with pytest.raises(PermanentError, match="offset 0 is no head"):
        command("heads", str(tmp_path / "heads.jsonl"))
    assert not (tmp_path / "heads.jsonl").exists()


def test_heads_that_cannot_be_sent_wait_and_delay_no_partner(
    endpoints: Endpoints,
    hub: Hub,
    connection: Connection,
    record: Callable[[int], None],
    command: Callable[..., tuple[int, dict[str, object]]],
) -> None:
    class WithoutHeadsTopic(KafkaSender):
        def send(self, messages: Sequence[Unsent]) -> list[int]:
            if messages[0].topic == HEADS_TOPIC:
                raise TopicMissing(HEADS_TOPIC)
            return super().send(messages)

    record(2)
    rows(
        endpoints,
        "insert into outbox (recipient, topic, key, value, kind) "
        "values ('zefas', 'replies.zefas', 'k', '{}', 'QUESTION')",
    )
    sender = WithoutHeadsTopic(hub.transport)
    with pytest.raises(TopicMissing, match=HEADS_TOPIC):
        Feedback(connection=connection, sender=sender).run()
    sender.close()
    assert rows(endpoints, "select recipient, count(*) from outbox where sent_at is null group by 1") == [("audit", 2)]
    assert hub.feedback().counts["sent"] == 2
    code, found = command("verify")
    assert (code, found["published"]) == (0, 2)
