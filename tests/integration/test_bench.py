"""The bench measures what it says, on an instance of its own; how fast is no matter of tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.stack


@pytest.mark.timeout(600)
def test_the_bench_measures_drain_and_pipeline_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "meilenstein", "bench", "--events", "2000", "--only", "decode,drain,pipeline"]
    done = subprocess.run(
        [*command, "--work", str(tmp_path), "--json"], capture_output=True, text=True, timeout=580, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert (figures["events"], figures["partitions"]) == (2000, 6)
    assert figures["bytes_per_record"]["value"] > 100
    assert min(figures[name] for name in ("decode", "drain", "pipeline", "rss_mb", "rss_pipeline_mb")) > 0
    assert set(figures["targets"]) == {"drain_to_decode", "pipeline", "rss_mb"}
    assert "poll" not in figures
    assert not (tmp_path / "home").exists()


def test_an_unknown_measure_is_one_line_with_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "meilenstein", "bench", "--only", "speed"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("meilenstein: bench: --only knows no 'speed'; choose from poll, decode")
