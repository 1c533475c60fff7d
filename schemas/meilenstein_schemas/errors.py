"""The root of every error Meilenstein raises, grouped by what the caller does next.

    MeilensteinError
    ├── RetryableError       wait and do the same again: broker, registry, database or disk did not answer
    ├── PermanentError       the same call will fail again: the record or the request itself is wrong
    └── ConfigurationError   a person must change a setting, a file or an environment first

The message is one line for a person: what, where, what to do. The process exit code follows from the class.
"""

from __future__ import annotations

__all__ = ["ConfigurationError", "MeilensteinError", "PermanentError", "RetryableError"]


class MeilensteinError(Exception):
    """Something Meilenstein was asked to do did not happen."""

    exit_code = 1
    audit_line: str | None = None
    """What a trail that is kept for ever may say of it: ids and codes only, never a name, a reference or a value."""

    def __init__(self, message: str | None = None, *, audit_line: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip().splitlines()[0])
        self.audit_line = audit_line


class RetryableError(MeilensteinError):
    """A part that is needed did not answer; the same call may succeed later."""

    exit_code = 3


class PermanentError(MeilensteinError):
    """The request itself is wrong; repeating it unchanged will fail again."""

    exit_code = 1


class ConfigurationError(MeilensteinError):
    """A setting, file or environment must be changed by a person before this can work."""

    exit_code = 2
