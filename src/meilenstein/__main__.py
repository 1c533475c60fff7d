"""`python -m meilenstein` is `meilenstein`."""

from __future__ import annotations

from meilenstein.cli.entry import main

main()
