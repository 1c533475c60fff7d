"""Logs without payloads: one line per step run and per alarm, as JSON where that is asked for.

Only what the hub itself made reaches a line: names of steps, agencies and codes, counts, times. Control characters are
escaped, so no text can pretend to be a line of its own.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any, Literal, TextIO

__all__ = ["JsonLines", "configure_logging", "log_fields"]

_FIELDS = "meilenstein_fields"


def log_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `extra` of a log call that carries these fields into the JSON line."""
    return {_FIELDS: fields}


class JsonLines(logging.Formatter):
    """Formats each record as one JSON object on one line: time (UTC), level, logger, message and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of an exception only its class is told, because its text may quote a value."""
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=True, default=str)


def configure_logging(form: Literal["plain", "json"], *, stream: TextIO | None = None) -> None:
    """Set up the log of this process on `stream` (default stderr).

    JSON shows the lines of all step runs and alarms, plain only warnings: a person at a terminal sees progress anyway.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else logging.Formatter("%(levelname)s %(message)s"))
    if form == "plain":
        # A command that fails says so itself, in one line.
        handler.addFilter(lambda record: record.name != "meilenstein.steps")
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("meilenstein").setLevel(logging.INFO if form == "json" else logging.WARNING)
