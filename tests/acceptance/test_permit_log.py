"""A partner's CSV export through its profile and the whole pipeline: a real municipality's log, and a look-alike."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from meilenstein.cli.partner import import_log
from meilenstein.settings import load_settings
from meilenstein.summary import STEPS

pytestmark = pytest.mark.stack

LOOKALIKE = Path(__file__).parents[1] / "data" / "permit_lookalike.csv"
PROFILE = "permit_receipts"


@pytest.fixture
def imported(hub, tmp_path):
    """Import a file, work it off, and import it again."""

    def run(path):
        settings = load_settings(home=tmp_path)
        first = import_log(hub, settings, path, PROFILE)
        for name in STEPS:
            hub.step(name)
        second = import_log(hub, settings, path, PROFILE)
        return first, second

    return run


def test_the_real_log_gives_its_milestones_and_nothing_else(imported, hub, endpoints):
    sample = os.environ.get("MEILENSTEIN_SAMPLE_LOG")
    if not sample:
        pytest.skip("MEILENSTEIN_SAMPLE_LOG is not set: the real log was NOT imported")
    first, second = imported(Path(sample))
    assert (first.published, sum(first.skipped.values()), first.refused) == (1330, 2784, [])
    assert (second.published, second.unchanged) == (0, 1330)
    for name in STEPS:
        assert not hub.step(name), "the second import added something"
    balance = hub.balance()
    assert balance.fates == {"accepted": 1330, "duplicate": 0, "quarantined": 0, "pending": 0}
    assert balance.cases == 698
    assert balance.findings == {"ORDER_IMPOSSIBLE": 1}
    assert set(balance.clocks) == {"NOT_DETERMINABLE"}, "no clock of this version runs under another law"
    with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
        types = dict(connection.execute("select event_type, count(*) from event group by 1").fetchall())
    assert types == {"ApplicationReceived": 698, "ReceiptConfirmed": 632}
    assert hub.rebuild(keep=False, progress=lambda _phase, _done: None).differing == ()


def test_the_lookalike_is_imported_row_by_row_and_only_once(imported, hub):
    first, second = imported(LOOKALIKE)
    skipped = sum(first.skipped.values())
    assert (first.published, first.unchanged, skipped, len(first.refused)) == (
        13,
        1,
        9,
        7,
    )  # 30 rows, one of them twice
    assert (second.published, second.unchanged) == (0, 14)
    balance = hub.balance()
    assert balance.fates == {"accepted": first.published, "duplicate": 0, "quarantined": 0, "pending": 0}
