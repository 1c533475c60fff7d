"""When a demonstration counts as a success."""

from __future__ import annotations

from typing import Any

import pytest

from meilenstein.cli.demo_run import succeeded


def result(dags: dict[str, int], *, pending: int = 0, conserved: bool = True) -> dict[str, Any]:
    return {"conserved": conserved, "fates": {"pending": pending}, "dags": dags}


@pytest.mark.parametrize("dags", [{"success": 2}, {"success": 1, "running": 1}, {"success": 1, "queued": 1}])
def test_a_run_that_is_under_way_is_no_failure(dags: dict[str, int]) -> None:
    assert succeeded(result(dags))


@pytest.mark.parametrize(
    "told",
    [
        result({"success": 2, "failed": 1}),
        result({"running": 1}),
        result({}),
        result({"success": 1}, pending=1),
        result({"success": 1}, conserved=False),
    ],
)
def test_a_failed_run_no_run_at_all_or_records_without_a_fate_are_failures(told: dict[str, Any]) -> None:
    assert not succeeded(told)
