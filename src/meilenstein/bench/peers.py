"""The same records through other programs, each in a virtual environment of its own, into the same PostgreSQL."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meilenstein.bench.lab import TOPICS, Lab
from meilenstein.errors import ConfigurationError, PermanentError

__all__ = ["PEERS", "Peer", "measure_peers"]

_FOLDER = Path(__file__).parents[3] / "bench" / "peers"
_LONGEST = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program to compare with."""

    name: str
    script: str
    packages: tuple[str, ...]


PEERS = (
    Peer(
        name="confluent_copy",
        script="confluent_copy.py",
        packages=("confluent-kafka==2.16.0", "fastavro==1.13.1", "psycopg[binary]==3.3.9"),
    ),
    Peer(
        name="quix_postgres",
        script="quix_postgres.py",
        packages=("quixstreams[avro,postgresql]==3.28.1",),
    ),
)


def measure_peers(lab: Lab, records: int, *, work: Path, times: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return events a second of each peer; one that cannot be run is told with the reason."""
    if not _FOLDER.is_dir():
        raise ConfigurationError("bench: --peers needs a checkout: the scripts lie in its folder bench/peers")
    figures: dict[str, Any] = {}
    for peer in PEERS:
        try:
            figures[peer.name] = _measure(peer, lab, records, work=work, times=times)
            say(f"  {peer.name}: {figures[peer.name]['rate']:,}/s")
        except PermanentError as error:
            figures[peer.name] = {"error": str(error)}
            say(f"  {error}")
    return {"peers": figures}


def _measure(peer: Peer, lab: Lab, records: int, *, work: Path, times: int) -> dict[str, Any]:
    python = _environment(peer, work / "peers" / peer.name)
    database = lab.endpoints.owner_database_url or ""
    endpoints = (lab.endpoints.bootstrap_servers, lab.endpoints.registry_url, database)
    rates, cpus = [], []
    for _ in range(times):
        told = lab.run_with(python, str(_FOLDER / peer.script), *endpoints, *TOPICS, given=f"{records}\n")
        if told["records"] != records:
            raise PermanentError(f"bench: {peer.name} read {told['records']} of {records} records")
        rates.append(told["records"] / told["seconds"])
        cpus.append(told["cpu"] / told["records"] * 1e6)
    return {
        "rate": round(statistics.median(rates)),
        "cpu_us": round(statistics.median(cpus), 1),
        "packages": list(peer.packages),
    }


def _environment(peer: Peer, folder: Path) -> Path:
    """Make the peer's virtual environment, unless it is there, and return its Python."""
    python = folder / "bin" / "python"
    if python.exists():
        return python
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(python), *peer.packages],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, check=False)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise PermanentError(f"bench: {peer.name} cannot be installed ({last})")
    return python
