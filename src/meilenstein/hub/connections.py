"""What the parts of one process share: connections and clients, each opened when first needed and closed together."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Self

from meilenstein.ingest.kafka_log import KafkaLog, quiet_client_logs
from meilenstein.reconciliation.fold import Fold
from meilenstein.settings import Endpoints
from meilenstein.store.database import LOST, Connection, connect, retryable
from meilenstein.store.schema_book import SchemaBook
from meilenstein.validation.gx_judge import GxJudge
from meilenstein.validation.registry_check import RegistryCheck
from meilenstein.validation.ruling import RulingJudge
from meilenstein_connectors.kafka_transport import KafkaSettings, KafkaTransport
from meilenstein_connectors.registry_client import RegistryClient
from meilenstein_expectations import load_suites
from meilenstein_schemas.agencies import Directory, load_directory
from meilenstein_schemas.rules import load_rules

__all__ = ["Connections"]


class Connections:
    """The shared ground of a Hub. It belongs to one thread.

    Left as a context by a session of the database that was lost, it raises DatabaseUnavailable instead.
    """

    def __init__(self, endpoints: Endpoints, *, clock: Callable[[], dt.datetime], run_id: str | None = None) -> None:
        self._endpoints = endpoints
        self._clock = clock
        self._run_id = run_id or str(uuid.uuid4())
        self._open = ExitStack()
        self._connections: dict[str, Connection] = {}
        self._log: KafkaLog | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reset()
        if isinstance(error, LOST):
            # Worth another try and no fault of the program, wherever in the work it was met.
            with retryable("the work"):
                raise error

    def reset(self) -> None:
        """Close every connection and client; the next call opens anew."""
        held, self._open = self._open, ExitStack()
        self._connections.clear()
        self._log = None
        held.close()

    def connection(self, name: str) -> Connection:
        """Return this process's connection of that name."""
        known = self._connections.get(name)
        if known is None or known.closed:
            known = connect(self._endpoints.database_url, name=name)
            self._open.callback(known.close)
            self._connections[name] = known
        return known

    @cached_property
    def directory(self) -> Directory:
        """Agencies and their rights."""
        return load_directory()

    @cached_property
    def fold(self) -> Fold:
        """What folding depends on."""
        return Fold(directory=self.directory, rules=load_rules(), book=self.book)

    @cached_property
    def book(self) -> SchemaBook:
        """Schemas this process has learnt."""
        return SchemaBook()

    @cached_property
    def registry(self) -> RegistryClient:
        """The schema registry."""
        return RegistryClient(self._endpoints.registry_url)

    @cached_property
    def registry_check(self) -> RegistryCheck:
        """Whether the registry's ids still mean what the archive says."""
        return RegistryCheck(registry=self.registry, book=self.book)

    @cached_property
    def transport(self) -> KafkaTransport:
        """Producers and readers for partners' topics."""
        return KafkaTransport(KafkaSettings(bootstrap_servers=self._endpoints.bootstrap_servers))

    @cached_property
    def judge(self) -> RulingJudge:
        """The data rules; one context of Great Expectations per process."""
        suites = load_suites()
        return RulingJudge(GxJudge(self._endpoints.database_url, suites), suites.version)

    def log(self) -> KafkaLog:
        """Return read access to the milestone topics."""
        if self._log is None:
            quiet_client_logs()
            self._log = KafkaLog(self._endpoints.bootstrap_servers)
            self._open.callback(self._log.close)
        return self._log

    def topics(self) -> list[str]:
        """Return the topics that are drained."""
        return [f"milestones.{key}" for key in sorted(self.directory.senders)]

    def linked_topics(self) -> list[tuple[str, str]]:
        """Return pairs of topics that can hold events of one agency, since one sends for the other."""
        return [(f"milestones.{row.sender}", f"milestones.{row.publisher}") for row in self.directory.agreements]
