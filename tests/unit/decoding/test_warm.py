"""What takes a second to import is imported when it is asked for, not with the first record."""

from __future__ import annotations

import subprocess
import sys

from meilenstein.decoding.decode import has_fast_path


def test_warming_imports_the_fast_path() -> None:
    code = "import sys; from meilenstein.decoding import decode; decode.warm(); print('pyruhvro' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(has_fast_path())
