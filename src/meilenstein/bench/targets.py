"""What the figures should reach on two quiet cores, and whether they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["judge_figures"]


def judge_figures(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for each target whose figures were measured: the goal, what was found, and whether it is met."""
    latency = {way: figures.get(f"latency_{way}", {}).get("p95") for way in ("follow", "airflow")}
    nights = figures.get("clock_run", {})
    ratio = None
    if figures.get("drain") and figures.get("decode"):
        ratio = round(figures["drain"] / figures["decode"], 2)
    found = {
        "drain_to_decode": (ratio, 1.2, "at least"),
        "pipeline": (figures.get("pipeline"), 10_000, "at least"),
        "pipeline_mixed": (figures.get("pipeline_mixed"), 8_000, "at least"),
        "rss_mb": (figures.get("rss_mb"), 400, "below"),
        "flatness": (figures.get("flatness"), 1.1, "at most"),
        "clock_run": (nights.get("ordinary_night", {}).get("seconds"), 60, "at most"),
        "latency_follow_p95": (latency["follow"], 1.5, "at most"),
        "latency_airflow_p95": (latency["airflow"], 6.0, "at most"),
    }
    return {
        name: {"goal": f"{word} {goal}", "found": value, "met": _met(value, goal, word)}
        for name, (value, goal, word) in found.items()
        if value is not None
    }


def _met(value: float, goal: float, word: str) -> bool:
    return {"at least": value >= goal, "at most": value <= goal, "below": value < goal}[word]
