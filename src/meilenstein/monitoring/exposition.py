"""Metrics as text for Prometheus, as plain values for people, and as a page of the manual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from meilenstein.monitoring.metrics import METRICS
from meilenstein.monitoring.readings import Readings

__all__ = ["CONTENT_TYPE", "as_page", "as_text", "as_values"]

CONTENT_TYPE = CONTENT_TYPE_LATEST


class _Once(Collector):
    """The metrics of one moment."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Family]:
        for metric in METRICS:
            family: CounterMetricFamily | GaugeMetricFamily
            if metric.kind == "counter":
                family = CounterMetricFamily(metric.name.removesuffix("_total"), metric.help, labels=metric.labels)
            else:
                family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            for labels, value in metric.samples(self._readings):
                family.add_metric(labels, value)
            yield family


def as_text(readings: Readings) -> bytes:
    """Return the metrics in Prometheus' text format; a metric without a value keeps its heading."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(readings))
    return generate_latest(registry)


def as_values(readings: Readings) -> dict[str, list[dict[str, Any]]]:
    """Return the same as plain values: a list of labels and value for each metric."""
    return {
        metric.name: [
            {"labels": dict(zip(metric.labels, labels, strict=True)), "value": value}
            for labels, value in metric.samples(readings)
        ]
        for metric in METRICS
    }


def as_page() -> str:
    """Return `docs/reference/metrics.md`, which is generated from this."""
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.help} |"
        for metric in METRICS
    ]
    return "\n".join([_PAGE_HEAD, *rows, ""])


_PAGE_HEAD = """\
# Metrics

`meilenstein watch` tells them at `/metrics`; `meilenstein up` starts it at the port base + 6. How to use them:
[watch an instance](../how-to/watch-an-instance.md).

Labels hold keys of agencies, codes and states only. Times are seconds, timestamps seconds since 1970. A value is at
most a few seconds old (findings and clocks: half a minute); `meilenstein_reading_age_seconds` says how old. Where a
part does not answer, `meilenstein_part_up` is 0 and what it would have told is absent.

| metric | kind | labels | says |
|---|---|---|---|"""
