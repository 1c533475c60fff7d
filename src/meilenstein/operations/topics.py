"""Topics from reviewed data: `meilenstein topics apply`. Nothing else ever creates a topic."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    InvalidConfigurationError,
    InvalidPartitionsError,
    InvalidReplicationFactorError,
    InvalidTopicError,
    KafkaError,
    PolicyViolationError,
)

from meilenstein.errors import ConfigurationError, RetryableError
from meilenstein_connectors.kafka_faults import lasting_fault
from meilenstein_schemas.directory_lint import DATA_FOLDER
from meilenstein_schemas.tables import Problem, Row, read_rows, refuse

__all__ = ["TopicPlan", "TopicReport", "apply_topics", "plan_topics"]

_FIELDS: Mapping[str, type] = {"name": str, "purpose": str, "partitions": int, "configs": dict}
_OPTIONAL: Mapping[str, type] = {"of": str}
_OWNERS = ("SENDERS", "RECIPIENTS")
_PLACE = "{agency}"
_NAME = re.compile(r"[a-z]+\.([a-z]+|\{agency\})")
_VISIBLE_SECONDS = 30.0
_REFUSED = (
    InvalidConfigurationError,
    InvalidPartitionsError,
    InvalidReplicationFactorError,
    InvalidTopicError,
    PolicyViolationError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPlan:
    """A topic as it ought to be; sizes in bytes and times in milliseconds, as Kafka writes them."""

    name: str
    partitions: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicReport:
    """What applying the plan did."""

    created: tuple[str, ...]
    altered: tuple[str, ...]
    unchanged: int


def plan_topics(
    senders: Iterable[str], folder: Path = DATA_FOLDER, *, recipients: Iterable[str] | None = None
) -> list[TopicPlan]:
    """Return the topics of the agencies, then the hub's own, from `topics.yaml`; mistakes name file and line.

    `senders` may publish; `recipients` may be told of cases, which without a word about them are the same.
    """
    rows = read_rows(folder / "topics.yaml")
    refuse(_problems(rows))
    owners = {"SENDERS": set(senders)}
    owners["RECIPIENTS"] = owners["SENDERS"] if recipients is None else set(recipients)
    each = [row for row in rows if _PLACE in row.values["name"]]
    own = [row for row in rows if _PLACE not in row.values["name"]]
    return [
        _plan(row, agency)
        for agency in sorted(set().union(*owners.values()))
        for row in each
        if agency in owners[row.values.get("of") or "SENDERS"]
    ] + [_plan(row, "") for row in own]


def _plan(row: Row, agency: str) -> TopicPlan:
    return TopicPlan(
        name=row.values["name"].replace(_PLACE, agency),
        partitions=row.values["partitions"],
        configs=row.values["configs"],
    )


def _problems(rows: Iterable[Row]) -> Iterator[Problem]:
    for row in rows:
        yield from row.check(required=_FIELDS, optional=_OPTIONAL)
        if row.values.get("of") not in {None, *_OWNERS}:
            yield row.problem(f"'of' is one of {', '.join(_OWNERS)}; without it SENDERS")
        if not _NAME.fullmatch(str(row.values.get("name", ""))):
            yield row.problem(f"name must end in .{_PLACE}, or be one topic of the hub, such as audit.heads")
        if (row.values.get("partitions") or 0) < 1:
            yield row.problem("partitions must be at least 1")
        for name, value in (row.values.get("configs") or {}).items():
            if not isinstance(value, str):
                yield row.problem(f"config {name} must be written in quotes")


def apply_topics(bootstrap_servers: str, plan: Iterable[TopicPlan]) -> TopicReport:
    """Create what is missing and set configs that differ; partitions are never changed. Safe to repeat."""
    wanted = {topic.name: topic for topic in plan}
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers.split(","), bootstrap_timeout_ms=8000)
    except KafkaError as error:
        raise lasting_fault(error, servers=bootstrap_servers) or RetryableError(
            f"Kafka at {bootstrap_servers} does not answer ({type(error).__name__}): is it up?"
        ) from None
    try:
        present = set(admin.list_topics())
        missing = [topic for name, topic in sorted(wanted.items()) if name not in present]
        if missing:
            admin.create_topics(
                {
                    topic.name: {"num_partitions": topic.partitions, "replication_factor": -1, "configs": topic.configs}
                    for topic in missing
                }
            )
            _await_visible(admin, [topic.name for topic in missing])
        altered = _alter(admin, [topic for name, topic in sorted(wanted.items()) if name in present])
    except _REFUSED as error:
        raise ConfigurationError(
            f"topics: Kafka refuses what topics.yaml asks for ({type(error).__name__}); correct it there"
        ) from None
    except KafkaError as error:
        raise lasting_fault(error, servers=bootstrap_servers) or RetryableError(
            f"topics: Kafka did not answer ({type(error).__name__})"
        ) from None
    finally:
        admin.close()
    return TopicReport(
        created=tuple(topic.name for topic in missing),
        altered=tuple(altered),
        unchanged=len(wanted) - len(missing) - len(altered),
    )


def _await_visible(admin: Any, names: list[str]) -> None:
    """A created topic is usable only once every broker tells of it."""
    deadline = time.monotonic() + _VISIBLE_SECONDS
    while set(names) - set(admin.list_topics()):
        if time.monotonic() > deadline:
            raise RetryableError("topics: created, but not visible yet; run `meilenstein topics apply` again")
        time.sleep(0.05)


def _alter(admin: Any, topics: list[TopicPlan]) -> list[str]:
    if not topics:
        return []
    described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics])
    now = described["topic"]
    different = [
        topic for topic in topics if any(_config(now[topic.name], key) != value for key, value in topic.configs.items())
    ]
    if different:
        answer = admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.configs)) for topic in different]
        )
        refused = {name: word for name, word in answer["topic"].items() if word != "OK"}
        if refused:
            raise ConfigurationError(f"topics: Kafka refused the settings of {', '.join(sorted(refused))}")
    return [topic.name for topic in different]


def _config(configs: Mapping[str, Any], key: str) -> str | None:
    value = configs.get(key)
    return value.get("value") if isinstance(value, dict) else value
