"""Numbers that never came, and agencies that fell silent: found by the clocks run, asked about, and settled again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.support.commands import Command
from tests.support.instance import TEST_DAY
from tests.support.raw_kafka import Raw, answers, framed, rows, schema_id_of, send_raw
from tests.support.story import Story

from meilenstein.bootstrap import Hub, utc_now
from meilenstein.monitoring.configuration import limits_of
from meilenstein.settings import Endpoints, load_settings
from meilenstein.store.findings import FindingView
from meilenstein_connectors.cloud_events import headers_of
from meilenstein_connectors.inbox import Inbox
from meilenstein_connectors.replies import Decision, Question, Receipt

pytestmark = pytest.mark.stack

HWK, SYSTEM = "hwk-dresden", "Fachverfahren"
PARKED = TEST_DAY + dt.timedelta(days=15)
ABOUT = f"source:{HWK}/{SYSTEM}"


class Source:
    """A system of an agency that loses some of its events on the way."""

    def __init__(self, endpoints: Endpoints, hub: Hub, folder: Path) -> None:
        self._endpoints = endpoints
        self.hub = hub
        self.story = Story(hub, folder)
        self._ids = {"DocumentsComplete": schema_id_of(endpoints, "DocumentsComplete")}

    def send(self, numbers: Sequence[int | None], *, topic: str = HWK, **facts: Any) -> None:
        """Send events with these numbers and let the hub work them off."""
        records = []
        for number in numbers:
            more = {"source_system": SYSTEM, "sequence": number, "procedure_reference": f"P-{number}", **facts}
            _, kind, body = self.story.event("DocumentsComplete", HWK, f"F-{number}", 3, **more)
            headers = headers_of(kind, body, agency=topic)
            records.append(Raw(topic=f"milestones.{topic}", value=framed(self._ids[kind], body, kind), headers=headers))
        send_raw(self._endpoints, records)
        self.story.run()

    def told(self) -> list[Any]:
        """Return what the agency is told that it was not told before."""
        self.hub.feedback()
        with self.story.inbox(HWK) as inbox:
            return list(inbox.replies(timeout=1))


@pytest.fixture
def source(endpoints: Endpoints, hub: Hub, tmp_path: Path) -> Source:
    return Source(endpoints, hub, tmp_path)


def found(hub: Hub, code: str = "SEQUENCE_GAP", **more: Any) -> list[FindingView]:
    return hub.findings().search(code=code, **more)


def health(endpoints: Endpoints) -> dict[str, str]:
    ((known,),) = rows(endpoints, "select feed_health from tick order by id desc limit 1")
    return known


def test_a_gap_is_a_question_after_the_parking_span_and_settles_when_the_events_come(
    source: Source, hub: Hub, endpoints: Endpoints, command: Command
) -> None:
    source.send([1, 2, 4, 5, 9])
    (receipt,) = source.told()
    assert isinstance(receipt, Receipt)
    assert [(one.publisher, one.source_system, one.source_epoch, one.sequence) for one in receipt.complete_to] == [
        (HWK, SYSTEM, None, 2)
    ]
    hub.clocks(TEST_DAY)
    assert (found(hub), health(endpoints)) == ([], {})
    hub.clocks(TEST_DAY + dt.timedelta(days=1))
    assert (found(hub), health(endpoints)) == ([], {HWK: "GAPS"})
    assert hub.clocks(PARKED - dt.timedelta(days=1)).counts["source_findings"] == 0
    assert source.told() == []
    assert hub.clocks(PARKED).counts["source_findings"] == 1
    (gap,) = found(hub, agency=HWK)
    assert (gap.about, gap.case_id, gap.asked, gap.since, gap.severity) == (ABOUT, None, HWK, PARKED, "W")
    assert (gap.detail["gaps"], gap.detail["events"]) == (2, 4)
    (question,) = source.told()
    assert isinstance(question, Question)
    assert "Numbers: 3, 6-8." in question.text["en"] and question.about == ABOUT
    hub.clocks(PARKED + dt.timedelta(days=3))
    assert source.told() == [], "the same question is asked once"

    source.send([7])
    (receipt,) = source.told()
    assert receipt.complete_to[0].sequence == 2
    hub.clocks(PARKED + dt.timedelta(days=4))
    assert [(one["first"], one["last"]) for one in found(hub)[0].detail["missing"]] == [(3, 3), (6, 6), (8, 8)]
    assert source.told() == [], "less is missing: nothing new to ask"
    code, out, _ = command("findings", "show", gap.number, "--json")
    assert (code, json.loads(out)["case_id"], json.loads(out)["asked"]) == (0, None, HWK)

    source.send([8, 6, 3])
    (receipt,) = source.told()
    assert receipt.complete_to[0].sequence == 9
    hub.clocks(PARKED + dt.timedelta(days=5))
    assert (found(hub), health(endpoints), rows(endpoints, "select * from source_gap")) == ([], {}, [])
    (settled,) = source.told()
    assert isinstance(settled, Decision)
    assert (settled.decision, settled.code, settled.about) == ("FINDING_CLOSED", "SEQUENCE_GAP", ABOUT)


def test_what_was_refused_repeated_or_unreadable_has_arrived(source: Source, hub: Hub, endpoints: Endpoints) -> None:
    source.send([1])
    source.send([2], district_ags="99999")
    source.send([3], publisher="hwk-chemnitz")  # no agreement: nobody's number 3
    source.send([3], subject_kind="UNKNOWN")
    _, kind, body = source.story.event("DocumentsComplete", HWK, "F-4", 3, source_system=SYSTEM, sequence=4)
    broken = Raw(topic=f"milestones.{HWK}", value=b"no event", headers=headers_of(kind, body, agency=HWK))
    send_raw(endpoints, [broken])
    source.send([5, 5])
    assert rows(endpoints, "select count(*) from quarantine_item") == [(4,)]
    assert rows(endpoints, "select publisher, source_epoch, seen::text from source_sequence") == [(HWK, -1, "{[1,6)}")]
    for day in (0, 1, 20):
        hub.clocks(TEST_DAY + dt.timedelta(days=day))
    assert (found(hub), health(endpoints)) == ([], {})


def test_a_restart_announces_a_new_epoch_and_each_counts_by_itself(
    source: Source, hub: Hub, endpoints: Endpoints
) -> None:
    source.send([1, 2, 3])
    source.send([1, 2], source_epoch=1)
    hub.clocks(TEST_DAY)
    assert rows(endpoints, "select * from source_gap") == []
    source.send([5], source_epoch=2)
    source.send([5])
    hub.clocks(TEST_DAY + dt.timedelta(days=1))
    hub.clocks(PARKED + dt.timedelta(days=1))
    (gap,) = found(hub)
    assert [(one["epoch"], one["first"], one["last"]) for one in gap.detail["missing"]] == [(None, 4, 4), (2, 1, 4)]


def test_a_steward_may_let_lost_events_be_and_clocks_go_on(source: Source, hub: Hub, endpoints: Endpoints) -> None:
    source.send([1, 3])
    hub.clocks(TEST_DAY)
    hub.clocks(PARKED)
    (gap,) = found(hub)
    assert health(endpoints) == {HWK: "GAPS"}
    hub.finding_desk().decide(gap.number, "PARTNER_INFORMED", actor="a.muster", reason="lost for good, reported anew")
    hub.clocks(PARKED + dt.timedelta(days=1))
    assert (health(endpoints), [one.state for one in found(hub)]) == ({}, ["DECIDED"])
    source.send([5])
    hub.clocks(PARKED + dt.timedelta(days=2))
    assert health(endpoints) == {}
    hub.clocks(PARKED + dt.timedelta(days=3))
    assert health(endpoints) == {HWK: "GAPS"}, "what is missing now nobody has decided about"
    source.send([2])
    hub.clocks(PARKED + dt.timedelta(days=4))
    assert found(hub) == []


def test_a_number_that_is_no_count_is_not_followed_for_ever(source: Source, hub: Hub, endpoints: Endpoints) -> None:
    rows(
        endpoints,
        "insert into source_sequence values (%s, %s, -1, (select range_agg(int8range(n * 10, n * 10 + 1)) "
        "from generate_series(1, 1001) n), now(), now(), null)",
        HWK,
        SYSTEM,
    )
    assert hub.clocks(TEST_DAY).counts["source_findings"] == 1
    (gap,) = found(hub)
    assert (gap.detail, rows(endpoints, "select count(*) from source_gap")) == ({"contiguous": False}, [(0,)])
    source.send([20_000])
    assert rows(endpoints, "select seen::text from source_sequence") == [("{[10,20001)}",)]
    told = source.told()
    assert [type(one) for one in told] == [Receipt, Question] or [type(one) for one in told] == [Question, Receipt]
    assert all(one.complete_to == () for one in told if isinstance(one, Receipt))


def test_publishers_of_before_are_not_asked_for_what_was_never_noted(
    source: Source, hub: Hub, endpoints: Endpoints
) -> None:
    rows(endpoints, "insert into source_before values (%s, now())", HWK)
    source.send([4711, 4713])
    (receipt,) = source.told()
    assert receipt.complete_to[0].sequence == 4711
    hub.clocks(TEST_DAY)
    assert rows(endpoints, "select first, last from source_gap") == [(4712, 4712)]


class Later:
    """The present, moved on by hand."""

    by = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return utc_now() + self.by


def test_an_agency_that_falls_silent_is_asked_once_and_one_never_seen_is_not_silent(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    clock = Later()
    with Hub(endpoints, clock=clock) as hub:
        source = Source(endpoints, hub, tmp_path)
        source.send([1, 2])
        source.told()
        hub.clocks(TEST_DAY)
        assert (found(hub, "PUBLISHER_SILENT"), health(endpoints)) == ([], {})
        clock.by = dt.timedelta(days=45)
        hub.clocks(TEST_DAY)
        (silent,) = found(hub, "PUBLISHER_SILENT")
        assert (silent.about, silent.asked, silent.detail["working_days"]) == (f"publisher:{HWK}", HWK, 20)
        assert health(endpoints) == {HWK: "SILENT"}
        (question,) = source.told()
        assert isinstance(question, Question)
        assert question.code == "PUBLISHER_SILENT"
        hub.clocks(TEST_DAY)
        assert source.told() == []
        alarms = hub.alarms(limits_of(load_settings())).evaluate(lag=0).opened
        assert [(alarm.code, alarm.agency) for alarm in alarms if alarm.code == "PARTNER_SILENT"] == [
            ("PARTNER_SILENT", HWK)
        ]
        clock.by = dt.timedelta()
        source.send([3], subject_kind="UNKNOWN")  # refused, and a sign of life
        rows(endpoints, "update source_sequence set seen_at = seen_at + interval '45 days'")
        rows(endpoints, "alter table journal disable trigger append_only")
        rows(endpoints, "update journal set received_at = received_at + interval '45 days'")
        rows(endpoints, "alter table journal enable trigger append_only")
        clock.by = dt.timedelta(days=45)
        hub.clocks(TEST_DAY)
        assert found(hub, "PUBLISHER_SILENT") == []
        assert health(endpoints) == {HWK: "SILENT"}, "of what it says nothing is known"
        kinds = [type(one).__name__ for one in source.told()]
        assert sorted(kinds) == ["Decision", "Rejection"]


def test_the_partners_status_shows_what_the_hub_has_without_a_gap(source: Source, endpoints: Endpoints) -> None:
    source.send([1, 2, 4])
    source.send([1], source_epoch=3)
    source.told()
    with source.story.inbox(HWK) as inbox:
        told = inbox.complete_to()
    assert [(one.source_epoch, one.sequence) for one in told] == [(None, 2), (3, 1)]
    assert isinstance(inbox, Inbox)
    assert [answer["kind"] for answer in answers(endpoints, HWK)] == ["RECEIPT", "RECEIPT"]
