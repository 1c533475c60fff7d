"""Aligning the feeds reads Kafka with no transaction open: the database ends a session that idles inside one."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from meilenstein.operations import align_feeds as module
from meilenstein.operations.align_feeds import align_feeds
from meilenstein_connectors.transport import Record

KEY = "0f8b6a52-3c1d-4e7a-9b60-5d2f8c1e7a34"
happened: list[str] = []


class Topics:
    """Two topics with one key each."""

    def bounds(self, topic: str) -> tuple[int, int]:
        happened.append(f"read {topic}")
        return 0, 1

    def reader(self, topic: str, offset: int) -> Any:
        value = orjson.dumps({"version": 3, "state": "ACTIVE"})
        record = Record(topic=topic, partition=0, offset=0, key=KEY.encode(), value=value, headers=())

        class Reader:
            def read(self, _timeout: float) -> list[Record]:
                return [record]

            def close(self) -> None: ...

        return Reader()


class Store:
    """Stands for every store; notes that the database is used."""

    def __init__(self, _connection: object) -> None: ...

    def __getattr__(self, name: str) -> Any:
        happened.append("database")
        return lambda *_: {}


class Connection:
    def commit(self) -> None:
        happened.append("commit")


def test_all_topics_are_read_before_the_database_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    happened.clear()
    for name in ("FeedStore", "CaseStore", "Outbox"):
        monkeypatch.setattr(module, name, Store)
    report = align_feeds(Connection(), Topics(), ["a", "b"])  # type: ignore[arg-type]
    assert report.forgotten == 2
    reads = [number for number, what in enumerate(happened) if what.startswith("read")]
    assert len(reads) == 2 and max(reads) < happened.index("database")
    assert happened[-1] == "commit"
