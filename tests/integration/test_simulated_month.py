"""A simulated month with every labelled defect: fates, findings, conservation and rebuild against the known truth."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import psycopg
import pytest
from tests.support.instance import TEST_DAY

from meilenstein.simulate.publishing import TransportRawSender, installations, publish
from meilenstein.simulate.simulation import simulate
from meilenstein.summary import STEPS
from meilenstein_expectations import check

pytestmark = pytest.mark.stack

UNTIL = TEST_DAY


@pytest.fixture
def month(hub, tmp_path):
    simulation = simulate(seed=7, cases=120, until=UNTIL, months=1, directory=hub.directory)
    raw = TransportRawSender(hub.transport)
    publish(
        simulation,
        publishers=installations(tmp_path, transport=hub.transport, registry=hub.registry, check=check),
        raw=raw,
        registry=hub.registry,
    )
    raw.close()
    return simulation


def test_fates_findings_and_rebuild_agree_with_the_truth(month, hub, endpoints):
    for name in STEPS:
        hub.step(name)
    balance = hub.balance()
    summary = month.summary()
    assert balance.conserved
    assert balance.records == summary["records"]
    assert balance.fates == {"pending": 0, **summary["fates"]}
    assert balance.reasons == summary["reasons"]
    with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
        found = Counter(row[0] for row in connection.execute("select code from finding"))
    assert found == Counter(summary["findings"])

    assert hub.rebuild(keep=False, progress=lambda _phase, _done: None).differing == ()
    before = hub.balance()
    assert hub.rebuild(keep=True, progress=lambda _phase, _done: None).differing == ()
    assert not hub.step("reconcile").counts["told"], "a rebuild without a difference told somebody something"
    assert hub.balance() == before

    for name in STEPS:
        assert not hub.step(name), f"{name} found something to do although nothing was published"


def test_a_later_day_moves_clocks_on_and_the_rebuild_still_agrees(month, hub):
    for name in STEPS:
        hub.step(name)
    before = Counter(hub.balance().clocks)
    hub.clocks(dt.date(2027, 3, 1))
    hub.step("reconcile")
    hub.step("feedback")
    after = Counter(hub.balance().clocks)
    assert after["OVER"] > before["OVER"]
    assert after["RUNNING"] < before["RUNNING"]
    assert hub.rebuild(keep=False, progress=lambda _phase, _done: None).differing == ()


def test_rebuild_notices_a_changed_row(month, hub, endpoints):
    for name in STEPS:
        hub.step(name)
    with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
        connection.execute(
            "update finding set severity = 'X' "
            "where (case_id, code, about) = (select case_id, code, about from finding limit 1)"
        )
    assert hub.rebuild(keep=False, progress=lambda _phase, _done: None).differing == ("finding",)
