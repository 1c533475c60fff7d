"""One holder per home: whoever starts, ends or removes an instance holds its lock."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from meilenstein.embedded.home import Home
from meilenstein.embedded.records import ProcessRecord, parse_record
from meilenstein.errors import ConfigurationError

__all__ = ["hold", "read_holder"]

_MAX_BYTES = 4096


@contextmanager
def hold(home: Home) -> Iterator[None]:
    """Hold the home alone; a second holder gets one clear line. The lock ends with its process, however that ends."""
    descriptor = os.open(_path(home), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(descriptor)
            raise ConfigurationError(
                f"{home.path} is in use{f' by process {holder.pid}' if holder else ''}: run `meilenstein down` first, "
                "or set MEILENSTEIN_HOME and MEILENSTEIN_PORT_BASE for a second instance"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(ProcessRecord.of(os.getpid(), name="holder"))).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def read_holder(home: Home) -> ProcessRecord | None:
    """Return the living process that holds the home, if there is one."""
    try:
        descriptor = os.open(_path(home), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _path(home: Home) -> Path:
    return home.run / "lock"


def _read(descriptor: int) -> ProcessRecord | None:
    record = parse_record(os.pread(descriptor, _MAX_BYTES, 0).decode(errors="replace"))
    return record if record and record.process() else None
