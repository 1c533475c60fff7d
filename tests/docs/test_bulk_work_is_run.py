"""Whoever makes a job is told on the same page that it must be run, and how a second person agrees."""

from __future__ import annotations

import pytest
from tests.docs.pages import ROOT, page, pages


@pytest.mark.parametrize("name", [str(path.relative_to(ROOT / "docs")) for path in pages() if "docs/" in str(path)])
def test_a_page_that_makes_a_job_says_how_it_is_run(name: str) -> None:
    text = page(name)
    if "meilenstein replay start" in text:
        assert "replay run" in text and "replay confirm" in text
