"""A month with troubles, lost events and a silent agency, and a clean one, through every step against the truth."""

from __future__ import annotations

import pytest

from meilenstein.evaluation.evaluation import last_day
from meilenstein.evaluation.pipeline_way import Instance
from meilenstein.evaluation.score import Score
from meilenstein.simulate.simulation import simulate
from meilenstein_schemas.agencies import load_directory

pytestmark = pytest.mark.stack


def test_what_the_pipeline_concludes_is_what_is_true(endpoints):
    score, directory, instance = Score(), load_directory(), Instance(endpoints)
    day = last_day(9)
    month = simulate(seed=9, cases=150, until=day, directory=directory, sources=True)
    score.add(month, instance.run(month), clean=False)
    clean = simulate(seed=9, cases=100, until=day, directory=directory, defects=None)
    score.add(clean, instance.run(clean), clean=True)
    assert score.differences == []
    figures = score.result()
    assert figures["findings"]["SEQUENCE_GAP"]["expected"] == figures["findings"]["PUBLISHER_SILENT"]["expected"] == 1
    assert figures["clean_false_findings"] == 0
    assert figures["records"]["checked"] > 1_500
