"""Entry point of `python -m meilenstein_connectors`; see `command_line`."""

from __future__ import annotations

import os
import sys

from meilenstein_connectors.command_line import main

if __name__ == "__main__":
    sys.exit(main(None, os.environ))
