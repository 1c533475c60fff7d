"""Every metric: its name, what it says, its labels, and how it follows from the readings.

Labels hold agency keys, codes and states only: no reference, no event id, no text of a partner.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from meilenstein.monitoring.readings import Readings, StoreLevels, lag_of
from meilenstein.monitoring.texts import CODES
from meilenstein.store.levels import agency_of

__all__ = ["METRICS", "Metric", "Sample"]

Sample = tuple[Sequence[str], float]
"""Values of the labels, and the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. Times are in seconds, ages count from the scrape; a counter's name ends in `_total`."""

    name: str
    kind: str
    """`counter` or `gauge`."""
    labels: Sequence[str]
    help: str
    samples: Callable[[Readings], Iterable[Sample]]


def _of_store(read: Callable[[StoreLevels], Iterable[Sample]]) -> Callable[[Readings], Iterable[Sample]]:
    return lambda readings: read(readings.store) if readings.store is not None else ()


def _parts(readings: Readings) -> Iterator[Sample]:
    yield from (((name,), float(up)) for name, up in readings.parts().items())


def _ages(readings: Readings) -> Iterator[Sample]:
    yield from (((name,), age) for name, age in readings.ages.items())


def _failures(store: StoreLevels) -> Iterator[Sample]:
    yield from (((name,), count) for name, count in store.failures.items())


def _records(store: StoreLevels) -> Iterator[Sample]:
    totals: Counter[str] = Counter()
    for (agency, _), count in store.fates.items():
        totals[agency] += count
    yield from (((agency,), count) for agency, count in sorted(totals.items()))


def _fates(store: StoreLevels) -> Iterator[Sample]:
    for agency in sorted({agency for agency, _ in store.fates}):
        for fate in ("ACCEPTED", "DUPLICATE", "QUARANTINED"):
            yield (agency, fate.lower()), store.fates.get((agency, fate), 0)


def _pending(store: StoreLevels) -> Iterator[Sample]:
    for agency in sorted({agency for agency, _ in store.fates}):
        yield (agency,), store.fates.get((agency, "PENDING"), 0)


def _last_record(store: StoreLevels) -> Iterator[Sample]:
    for row in store.partitions:
        if row.received_at is not None:
            yield (agency_of(row.topic), str(row.partition)), row.received_at.timestamp()


def _halted(store: StoreLevels) -> Iterator[Sample]:
    for row in store.partitions:
        yield (agency_of(row.topic), str(row.partition)), float(bool(row.halted_reason))


def _lag(readings: Readings) -> Iterator[Sample]:
    if readings.store is not None and readings.broker is not None:
        for (topic, partition), lag in sorted(lag_of(readings.store, readings.broker, halted=True).items()):
            yield (agency_of(topic), str(partition)), lag


def _quarantine(store: StoreLevels) -> Iterator[Sample]:
    yield from (((row.agency,), row.count) for row in store.quarantine)


def _quarantine_age(store: StoreLevels) -> Iterator[Sample]:
    yield from (((row.agency,), _age(store, row.oldest)) for row in store.quarantine)


def _findings(store: StoreLevels) -> Iterator[Sample]:
    yield from (((code, severity), count) for code, severity, count in store.findings)


def _clocks(store: StoreLevels) -> Iterator[Sample]:
    yield from (((state,), count) for state, count in store.clocks)


def _unsent(store: StoreLevels) -> Iterator[Sample]:
    yield from (((row.recipient, row.kind), row.count) for row in store.unsent)


def _unsent_age(store: StoreLevels) -> Iterator[Sample]:
    yield from (((row.recipient, row.kind), _age(store, row.oldest)) for row in store.unsent)


def _batches(store: StoreLevels) -> Iterator[Sample]:
    counts = Counter(batch.state for batch in store.batches)
    yield from (((state,), counts[state]) for state in ("OPEN", "WAITING"))


def _batch_age(store: StoreLevels) -> Iterator[Sample]:
    for state in ("OPEN", "WAITING"):
        oldest = min((batch.drained_at for batch in store.batches if batch.state == state), default=store.now)
        yield (state,), _age(store, oldest)


def _proposals(store: StoreLevels) -> Iterator[Sample]:
    yield from (((kind,), count) for kind, count in sorted(Counter(row.kind for row in store.proposals).items()))


def _step_runs(store: StoreLevels) -> Iterator[Sample]:
    for row in store.steps:
        yield (row.step, "success"), row.runs - row.failures
        yield (row.step, "failure"), row.failures


def _step_success(store: StoreLevels) -> Iterator[Sample]:
    for row in store.steps:
        if row.success_finished_at is not None:
            yield (row.step,), row.success_finished_at.timestamp()


def _step_duration(store: StoreLevels) -> Iterator[Sample]:
    yield from (((row.step,), row.seconds) for row in store.steps)


def _step_failing(store: StoreLevels) -> Iterator[Sample]:
    for row in store.steps:
        yield (row.step,), _age(store, row.failing_since) if row.failing_since else 0.0


def _dag_runs(readings: Readings) -> Iterator[Sample]:
    if readings.airflow is not None:
        yield from (((dag, state), count) for (dag, state), count in sorted(readings.airflow.runs.items()))


def _dag_success(readings: Readings) -> Iterator[Sample]:
    if readings.airflow is not None:
        yield from (((dag,), at.timestamp()) for dag, at in sorted(readings.airflow.succeeded_at.items()))


def _alarms(store: StoreLevels) -> Iterator[Sample]:
    if store.alarms is not None:
        yield from (((code,), store.alarms.get(code, 0)) for code in CODES)


def _alarm_messages(store: StoreLevels) -> Iterator[Sample]:
    yield from (((channel,), count) for channel, count in store.alarm_messages.items())


def _age(store: StoreLevels, since: dt.datetime) -> float:
    return max(0.0, (store.now - since).total_seconds())


def _gauge(name: str, labels: str, text: str, samples: Callable[[Readings], Iterable[Sample]]) -> Metric:
    return Metric(name=f"meilenstein_{name}", kind="gauge", labels=labels.split(), help=text, samples=samples)


def _counter(name: str, labels: str, text: str, samples: Callable[[Readings], Iterable[Sample]]) -> Metric:
    return Metric(name=f"meilenstein_{name}", kind="counter", labels=labels.split(), help=text, samples=samples)


METRICS: Sequence[Metric] = (
    _gauge("part_up", "part", "Whether the part (store, kafka, airflow) answered: 1 or 0.", _parts),
    _gauge("reading_age_seconds", "part", "Age of what is told about the part.", _ages),
    _counter("reading_failures_total", "reading", "Readings of the store that took too long.", _of_store(_failures)),
    _counter("records_total", "agency", "Records that were drained into the journal.", _of_store(_records)),
    _counter("fates_total", "agency fate", "Verdicts: accepted, duplicate or quarantined.", _of_store(_fates)),
    _gauge("pending_records", "agency", "Records without a verdict.", _of_store(_pending)),
    _gauge("lag_records", "agency partition", "Records in Kafka that are not drained, halted ones included.", _lag),
    _gauge(
        "last_record_timestamp_seconds", "agency partition", "When the newest record was drained.",
        _of_store(_last_record),
    ),
    _gauge("partition_halted", "agency partition", "1 where a partition stands still.", _of_store(_halted)),
    _gauge("quarantine_open_items", "agency", "Quarantined records nobody has decided on.", _of_store(_quarantine)),
    _gauge("quarantine_oldest_open_seconds", "agency", "Age of the oldest open item.", _of_store(_quarantine_age)),
    _gauge("findings", "code severity", "Findings in cases that nobody has decided.", _of_store(_findings)),
    _gauge("clocks", "state", "Clocks of cases by state.", _of_store(_clocks)),
    _gauge("outbox_unsent_messages", "recipient kind", "Messages that are not delivered.", _of_store(_unsent)),
    _gauge("outbox_oldest_unsent_seconds", "recipient kind", "Age of the oldest of them.", _of_store(_unsent_age)),
    _gauge("batches", "state", "Batches to judge (OPEN), or waiting for a schema (WAITING).", _of_store(_batches)),
    _gauge("batch_oldest_seconds", "state", "Age of the oldest such batch; 0 if there is none.", _of_store(_batch_age)),
    _gauge("proposals_open", "kind", "Decisions that wait for a second person.", _of_store(_proposals)),
    _counter("step_runs_total", "step outcome", "Runs of a step: success or failure.", _of_store(_step_runs)),
    _gauge(
        "step_last_success_timestamp_seconds", "step", "When the step last succeeded.", _of_store(_step_success)
    ),
    _gauge("step_last_duration_seconds", "step", "How long its last run took.", _of_store(_step_duration)),
    _gauge("step_failing_seconds", "step", "For how long every run has failed; 0 if the last was good.",
           _of_store(_step_failing)),
    _gauge("dag_runs", "dag state", "Airflow's runs of the last 24 hours.", _dag_runs),
    _gauge("dag_last_success_timestamp_seconds", "dag", "When a run of the DAG last succeeded.", _dag_success),
    _gauge("alarms", "code", "Alarms that are open.", _of_store(_alarms)),
    _gauge("alarm_messages_unsent", "channel", "Messages a channel has not taken yet.", _of_store(_alarm_messages)),
)  # fmt: skip
"""In the order in which they are told."""
