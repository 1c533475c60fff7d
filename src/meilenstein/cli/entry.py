"""Where the program begins: Ctrl-C ends it without a word, even while it imports its parts."""

from __future__ import annotations

import sys

__all__ = ["INTERRUPTED", "main"]

INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def main() -> None:
    """Import the command line and run it."""
    try:
        from meilenstein.cli.main import main as run  # noqa: PLC0415 - it takes a second, in which Ctrl-C may come

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
