"""Names of the DAGs, as their files in `dags/` have them."""

from __future__ import annotations

__all__ = ["CLOCKS", "DAGS", "PIPELINE", "REPLAY", "REPORTS"]

PIPELINE = "meilenstein_pipeline"
CLOCKS = "meilenstein_clocks"
REPORTS = "meilenstein_reports"
REPLAY = "meilenstein_replay"
DAGS = (PIPELINE, CLOCKS, REPORTS, REPLAY)
