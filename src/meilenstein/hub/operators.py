"""Parts for operators: how the instance stands, what is wrong with it, and what brings it into order."""

from __future__ import annotations

import time
from collections.abc import Sequence

from meilenstein.audit.trail import AuditTrail
from meilenstein.hub.connections import Connections
from meilenstein.ingest.kafka_log import quiet_client_logs
from meilenstein.kpi.make import Kpi
from meilenstein.monitoring.affected import Affected, left_behind
from meilenstein.monitoring.alarms import Alarms, open_late
from meilenstein.monitoring.causes import Limits
from meilenstein.monitoring.channels import Channel
from meilenstein.monitoring.readings import BrokerLevels, StoreReader
from meilenstein.monitoring.watch import broker_levels
from meilenstein.operations.align_feeds import AlignReport, align_feeds
from meilenstein.operations.balance import Balance, read_balance
from meilenstein.operations.contracts import AppliedContract, apply_contracts
from meilenstein.operations.lag import Work, read_work
from meilenstein.operations.resume import Resumption, resume
from meilenstein.operations.topics import TopicReport, apply_topics, plan_topics
from meilenstein.reports.make import Reports
from meilenstein.store.agency import AgencyLevels, read_agency
from meilenstein.store.database import ONLY_LOOK, retryable
from meilenstein.store.journal import Backlog, JournalStore
from meilenstein.store.levels import Levels
from meilenstein.store.step_runs import StepRunStore
from meilenstein_schemas.contracts import load_contracts

__all__ = ["OperatorParts"]

_METRICS, _ALARMS = ONLY_LOOK


class OperatorParts(Connections):
    """What the commands of operators, the watch and Airflow need."""

    def backlog(self) -> Backlog:
        """Return what the store has left to do."""
        connection = self.connection("lag")
        with retryable("lag"):
            backlog = JournalStore(connection).backlog()
            connection.rollback()
        return backlog

    def work(self) -> Work:
        """Return how much work waits, in the broker and in the store."""
        return read_work(self.log(), self.connection("lag"), self.topics())

    def failing_steps(self) -> list[tuple[str, str]]:
        """Return the steps that fail now, each with the class of its last error."""
        connection = self.connection("status")
        rows = StepRunStore(connection).known()
        connection.rollback()
        return [(row.step, row.error or "") for row in rows if row.failing_since]

    def balance(self) -> Balance:
        """Count every record, fate, finding and clock."""
        return read_balance(self.connection("status"))

    def reports(self) -> Reports:
        """Return what makes validation reports."""
        connection, rules = self.connection("report"), self.fold.rules
        return Reports(connection, directory=self.directory, rules=rules, balance=self.balance, clock=self._clock)

    def kpi(self, minimum: int) -> Kpi:
        """Return what makes monthly figures; `minimum` is the least size of a group that shows durations."""
        connection, rules = self.connection("kpi"), self.fold.rules
        return Kpi(connection, directory=self.directory, rules=rules, minimum=minimum, clock=self._clock)

    def alarms(self, limits: Limits, channels: Sequence[Channel] = ()) -> Alarms:
        """Return what evaluates and delivers alarms."""
        return Alarms(connection=self.connection(_ALARMS), clock=self._clock, channels=channels, limits=limits)

    def note_late_run(self, dag_id: str) -> None:
        """Open the alarm that a run of the DAG missed its deadline."""
        open_late(self.connection(_ALARMS), dag_id, self._clock())

    def left_behind(self, failed: Sequence[str]) -> list[Affected]:
        """Return the agencies whose work lies unfinished behind the failed steps."""
        return left_behind(Levels(self.connection("affected")), failed, self._clock())

    def agency_levels(self, agency: str) -> AgencyLevels:
        """Return one agency as the store knows it."""
        return read_agency(self.connection("read"), agency)

    def store_reader(self, *, count_seconds: float) -> StoreReader:
        """Return what reads the levels of the store again and again; see StoreReader for `count_seconds`."""
        return StoreReader(lambda: self.connection(_METRICS), self._clock, time.monotonic, count_seconds=count_seconds)

    def broker_levels(self) -> BrokerLevels:
        """Return where the partitions begin and end."""
        return broker_levels(self.log(), self.topics())

    def resume(self, topic: str, *, partition: int, at: int | None, reason: str, actor: str) -> Resumption:
        """Propose that a halted partition goes on, or let it go on as somebody else proposed."""
        connection = self.connection("resume")
        trail = AuditTrail(connection, self._clock)
        return resume(connection, self.log(), trail, topic, partition=partition, at=at, reason=reason, actor=actor)

    def apply_contracts(self) -> list[AppliedContract]:
        """Register and archive every contract."""
        return apply_contracts(
            load_contracts(), registry=self.registry, connection=self.connection("contracts"), book=self.book
        )

    def apply_topics(self) -> TopicReport:
        """Create missing topics and set their configs."""
        quiet_client_logs()
        return apply_topics(
            self._endpoints.bootstrap_servers, plan_topics(self.directory.senders, recipients=self.directory.recipients)
        )

    def align_feeds(self) -> AlignReport:
        """After a restore: revoke what recipients know and the database has forgotten."""
        return align_feeds(self.connection("align"), self.transport, sorted(self.directory.recipients))
