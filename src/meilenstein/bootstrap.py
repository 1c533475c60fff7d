"""The composition root: the only place that reads settings, opens connections and puts the parts together."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from meilenstein.audit.trail import AuditTrail
from meilenstein.decoding import decode
from meilenstein.feedback.feedback import Feedback
from meilenstein.feedback.kafka_sender import KafkaSender
from meilenstein.ingest.drain import Drain
from meilenstein.ingest.kafka_log import KafkaLog, quiet_client_logs
from meilenstein.monitoring.recorder import StepRecorder
from meilenstein.operations.align_feeds import AlignReport, align_feeds
from meilenstein.operations.balance import Balance, read_balance
from meilenstein.operations.contracts import AppliedContract, apply_contracts
from meilenstein.operations.resume import Resumption, resume
from meilenstein.operations.topics import TopicReport, apply_topics, plan_topics
from meilenstein.reconciliation.fold import Fold
from meilenstein.reconciliation.rebuild import Rebuild, RebuildReport
from meilenstein.reconciliation.reconcile import Reconcile
from meilenstein.reconciliation.ticks import Clocks
from meilenstein.reports.make import Reports
from meilenstein.settings import Endpoints, Settings, load_endpoints, load_settings
from meilenstein.stewardship.findings import FindingDesk
from meilenstein.stewardship.link_picture import LinkPainter
from meilenstein.stewardship.links import LinkDesk
from meilenstein.stewardship.quarantine_parts import Judging, QuarantineParts
from meilenstein.stewardship.second_person import withdraw
from meilenstein.store.audit import AuditStore
from meilenstein.store.cases import CaseStore
from meilenstein.store.database import Connection, connect
from meilenstein.store.findings import FindingStore
from meilenstein.store.journal import Backlog, JournalStore
from meilenstein.store.links import LinkStore
from meilenstein.store.migrate import migrate
from meilenstein.store.proposals import ProposalStore
from meilenstein.store.schema_book import SchemaBook
from meilenstein.store.verdicts import VerdictStore
from meilenstein.summary import Summary
from meilenstein.validation.gx_judge import GxJudge, warm
from meilenstein.validation.registry_check import RegistryCheck
from meilenstein.validation.ruling import RulingJudge
from meilenstein.validation.validate import Validate
from meilenstein_connectors.kafka_transport import KafkaSettings, KafkaTransport
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.registry_client import RegistryClient
from meilenstein_expectations import check, load_suites
from meilenstein_schemas.agencies import Directory, load_directory
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.rules import load_rules

__all__ = ["STEPS", "Hub", "open_hub", "run_step", "utc_now"]

STEPS = ("drain", "validate", "reconcile", "feedback")
"""The four steps, in the order in which they always run."""


def utc_now() -> dt.datetime:
    """Return the present instant: the one clock that is handed to whatever needs one."""
    return dt.datetime.now(dt.UTC)


class Hub:
    """The parts of one process, each opened when it is first needed and closed together.

    A Hub belongs to one thread. After a RetryableError, `reset` closes what may be broken; the next call opens anew.
    """

    def __init__(
        self, endpoints: Endpoints, *, clock: Callable[[], dt.datetime] = utc_now, run_id: str | None = None
    ) -> None:
        self._endpoints = endpoints
        self._clock = clock
        self._run_id = run_id or str(uuid.uuid4())
        self._open = ExitStack()
        self._connections: dict[str, Connection] = {}
        self._log: KafkaLog | None = None
        self._sender: KafkaSender | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reset()

    def reset(self) -> None:
        """Close every connection and client."""
        held, self._open = self._open, ExitStack()
        self._connections.clear()
        self._log = self._sender = None
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
        return [f"milestones.{key}" for key in self.directory.keys()]  # noqa: SIM118 - a method, not a mapping

    def warm(self) -> None:
        """Import now what takes seconds, so that the first record need not wait for it."""
        warm()
        decode.warm()

    def drain(self) -> Summary:
        """Run drain once."""
        return Drain(connection=self.connection("drain"), log=self.log(), book=self.book, topics=self.topics()).run()

    def validate(self) -> Summary:
        """Run validate once; Great Expectations is imported only if a batch waits."""
        return Validate(
            connection=self.connection("validate"),
            scratch=self.connection("scratch"),
            judge=self.judge,
            registry=self.registry,
            book=self.book,
            directory=self.directory,
            clock=self._clock,
            check=self.registry_check,
        ).run()

    def reconcile(self) -> Summary:
        """Run reconcile once."""
        return Reconcile(connection=self.connection("reconcile"), fold=self.fold, clock=self._clock).run()

    def feedback(self) -> Summary:
        """Run feedback once."""
        if self._sender is None:
            self._sender = KafkaSender(self.transport)
            self._open.callback(self._sender.close)
        return Feedback(connection=self.connection("feedback"), sender=self._sender).run()

    def clocks(self, as_of: dt.date | None = None) -> Summary:
        """Move the day on to `as_of` (default today, Berlin) and touch the cases this changes."""
        clocks = Clocks(connection=self.connection("clocks"), fold=self.fold, clock=self._clock)
        return self._recorder.run("clocks", lambda: clocks.run(as_of))

    def step(self, name: str) -> Summary:
        """Run one of STEPS by name."""
        steps = {
            "drain": self.drain,
            "validate": self.validate,
            "reconcile": self.reconcile,
            "feedback": self.feedback,
        }
        return self._recorder.run(name, steps[name])

    @cached_property
    def _recorder(self) -> StepRecorder:
        return StepRecorder(lambda: self.connection("record"), self._clock, run_id=self._run_id)

    def rebuild(self, *, keep: bool, progress: Callable[[str, int], None]) -> RebuildReport:
        """Derive events and cases again; `keep=False` only compares."""
        connection = self.connection("rebuild")
        return Rebuild(connection=connection, fold=self.fold, clock=self._clock, progress=progress).run(keep=keep)

    def backlog(self) -> Backlog:
        """Return what the store has left to do."""
        connection = self.connection("watch")
        backlog = JournalStore(connection).backlog()
        connection.rollback()
        return backlog

    def balance(self) -> Balance:
        """Count every record, fate, finding and clock."""
        return read_balance(self.connection("status"))

    def reports(self) -> Reports:
        """Return what makes validation reports."""
        connection, rules = self.connection("report"), self.fold.rules
        return Reports(connection, directory=self.directory, rules=rules, balance=self.balance, clock=self._clock)

    def resume(self, topic: str, *, partition: int, at: int | None, reason: str, actor: str) -> Resumption:
        """Propose that a halted partition goes on, or let it go on as somebody else proposed."""
        connection = self.connection("resume")
        trail = AuditTrail(connection, self._clock)
        return resume(connection, self.log(), trail, topic, partition=partition, at=at, reason=reason, actor=actor)

    def audit(self) -> AuditStore:
        """Return the audit trail for reading."""
        return AuditStore(self.connection("read"))

    def proposals(self) -> ProposalStore:
        """Return what waits for a second person, for reading."""
        return ProposalStore(self.connection("read"))

    def withdraw(self, proposal: int, *, actor: str, reason: str) -> str:
        """Take a proposal back."""
        connection = self.connection("withdraw")
        return withdraw(connection, AuditTrail(connection, self._clock), proposal, actor=actor, reason=reason)

    def cases(self) -> CaseStore:
        """Return the cases for reading."""
        return CaseStore(self.connection("read"))

    def verdicts(self) -> VerdictStore:
        """Return verdicts for reading."""
        return VerdictStore(self.connection("read"))

    def quarantine(self) -> QuarantineParts:
        """Return what lists, decides and judges again what did not pass."""
        judging = Judging(
            scratch=lambda: self.connection("scratch"),
            judge=lambda: self.judge,
            registry=lambda: self.registry,
            check=lambda: self.registry_check,
        )
        return QuarantineParts(self.connection("steward"), judging=judging, fold=self.fold, clock=self._clock)

    def apply_contracts(self) -> list[AppliedContract]:
        """Register and archive every contract."""
        return apply_contracts(
            load_contracts(), registry=self.registry, connection=self.connection("contracts"), book=self.book
        )

    def apply_topics(self) -> TopicReport:
        """Create missing topics and set their configs."""
        quiet_client_logs()
        return apply_topics(self._endpoints.bootstrap_servers, plan_topics(self.directory.keys()))

    def prepare(self) -> None:
        """Bring a new or older instance to what this code needs: tables, contracts, topics, the first day."""
        if self._endpoints.owner_database_url:
            migrate(self._endpoints.owner_database_url)
        self.apply_contracts()
        self.apply_topics()
        if self.cases().latest_tick() is None:
            self.clocks()

    def link_desk(self) -> LinkDesk:
        """Return what stewards decide about pairs of files."""
        connection = self.connection("links")
        painter = LinkPainter(connection, fold=self.fold, clock=self._clock)
        return LinkDesk(connection, trail=AuditTrail(connection, self._clock), painter=painter)

    def links(self) -> LinkStore:
        """Return proposed and decided links for reading."""
        return LinkStore(self.connection("read"))

    def finding_desk(self) -> FindingDesk:
        """Return what stewards decide about findings."""
        connection = self.connection("findings")
        trail = AuditTrail(connection, self._clock)
        return FindingDesk(connection, trail=trail, rules=self.fold.rules, clock=self._clock)

    def findings(self) -> FindingStore:
        """Return findings with their decisions for reading."""
        return FindingStore(self.connection("read"))

    def align_feeds(self) -> AlignReport:
        """After a restore: revoke what recipients know and the database has forgotten."""
        return align_feeds(self.connection("align"), self.transport, self.directory.keys())

    def publisher(self, agency: str, source_system: str, outbox: Path, *, checked: bool = True) -> Publisher:
        """Return a publisher as a partner system would have it."""
        return Publisher(
            agency=agency,
            source_system=source_system,
            outbox=outbox,
            transport=self.transport,
            registry=self.registry,
            clock=self._clock,
            check=check if checked else None,
        )


def open_hub(settings: Settings | None = None) -> Hub:
    """Return the parts for the instance that the settings name; opens nothing yet."""
    return Hub(load_endpoints(settings or load_settings()))


def run_step(name: str, *, run_id: str | None = None) -> dict[str, object]:
    """Run one step for a scheduler: settings from the environment, the summary as plain values."""
    logging.getLogger("meilenstein").setLevel(logging.INFO)
    with Hub(load_endpoints(load_settings()), run_id=run_id) as hub:
        summary = hub.clocks() if name == "clocks" else hub.step(name)
    return summary.as_json()
