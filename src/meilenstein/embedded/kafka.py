"""Kafka of one instance: one node that is broker and controller, without encryption on 127.0.0.1."""

from __future__ import annotations

import base64
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

from meilenstein.embedded.home import Home
from meilenstein.embedded.java import java_command
from meilenstein.embedded.ports import HOST, Ports
from meilenstein.embedded.probes import kafka_missing
from meilenstein.embedded.processes import Children, Command, base_environment
from meilenstein.new_file import write_private

__all__ = ["NAME", "Kafka", "cluster_id"]

NAME = "kafka"

_NODE = 1
_MEMORY_MB = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Kafka:
    """The broker."""

    home: Home
    ports: Ports
    class_path: str

    @property
    def bootstrap_servers(self) -> str:
        """Where clients find the broker."""
        return f"{HOST}:{self.ports.kafka}"

    def start(self, children: Children) -> None:
        """Start the broker, formatting its storage at the first start. Keeps all data."""
        self._folder.mkdir(exist_ok=True, mode=0o700)
        (self._folder / "log4j2.xml").write_text(files("meilenstein.embedded").joinpath("log4j2.xml").read_text())
        if not self._data.exists():
            self._format(children)
        # Written anew each time: the ports may have moved since the last start.
        write_private(self._properties, _properties(self.ports, self._data))
        child = children.start(self._command(NAME, "kafka.Kafka", str(self._properties)))
        child.wait_healthy(partial(kafka_missing, self.ports), seconds=180, cancelled=children.cancelled)

    def _format(self, children: Children) -> None:
        """Make the storage beside its place and move it there when whole, so that no half one is ever used."""
        fresh = self._folder / "new"
        shutil.rmtree(fresh, ignore_errors=True)
        write_private(self._properties, _properties(self.ports, fresh))
        arguments = ["format", "--cluster-id", cluster_id(), "--config", str(self._properties)]
        children.run(self._command("kafka-format", "kafka.tools.StorageTool", *arguments), seconds=180)
        fresh.replace(self._data)

    @property
    def _folder(self) -> Path:
        return self.home.path / NAME

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    def _command(self, name: str, main_class: str, *arguments: str) -> Command:
        logging_file = f"-Dlog4j2.configurationFile={self._folder / 'log4j2.xml'}"
        java = java_command(self.home, max_memory_mb=_MEMORY_MB)
        return Command(
            name=name,
            argv=[*java, logging_file, "-cp", self.class_path, main_class, *arguments],
            env=base_environment(self.home),
            cwd=self._folder,
            log=NAME,
            port=self.ports.kafka if name == NAME else None,
            stop_seconds=30.0,
        )


def cluster_id(draw: Callable[[], bytes] = lambda: uuid.uuid4().bytes) -> str:
    """Return a new id for a cluster; one that begins with a hyphen would be taken for an option."""
    while (drawn := base64.urlsafe_b64encode(draw()).decode()[:22]).startswith("-"):
        pass
    return drawn


def _properties(ports: Ports, data: Path) -> str:
    """Return the broker's configuration: a ledger that keeps its records unless a topic says otherwise."""
    listeners = f"CLIENT://{HOST}:{ports.kafka},CONTROLLER://{HOST}:{ports.kafka_controller}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": _NODE,
        "listeners": listeners,
        "advertised.listeners": listeners,
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "CLIENT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"{_NODE}@{HOST}:{ports.kafka_controller}",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "log.retention.ms": -1,
        "num.partitions": 1,
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 3,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 3,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "unclean.leader.election.enable": "false",
    }
    return "\n".join(f"{name}={value}" for name, value in settings.items())
