"""The pipeline's name for the shared error tree (see `meilenstein_schemas.errors`)."""

from __future__ import annotations

from meilenstein_schemas.errors import ConfigurationError, MeilensteinError, PermanentError, RetryableError

__all__ = ["ConfigurationError", "MeilensteinError", "PermanentError", "RetryableError"]
