"""What Airflow does after an error: it repeats what may succeed then, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowFailException

from meilenstein.errors import MeilensteinError, RetryableError, told

__all__ = ["failing"]


@contextmanager
def failing(doing: str, *, see: str) -> Iterator[None]:
    """Turn what cannot succeed on repetition into AirflowFailException; a RetryableError passes through.

    Task logs are read by many, so of a fault that is not ours only class and place are told; `see` is the command that
    shows more.
    """
    try:
        yield
    except RetryableError:
        raise
    except MeilensteinError as error:
        raise AirflowFailException(str(error)) from None
    except Exception as error:  # noqa: BLE001 - see above
        raise AirflowFailException(f"{doing}: {told(error)}; see `{see}` on the hub") from None
