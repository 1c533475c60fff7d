"""Alarms on a real store: one message per cause and channel, one all-clear, whatever the channels and the clock do."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from tests.support.ports import free_port_base
from tests.support.receivers import mail_server, web_server

from meilenstein.monitoring.alarms import CALM, Alarms
from meilenstein.monitoring.channels import MailChannel, WebhookChannel
from meilenstein.monitoring.configuration import limits_of
from meilenstein.settings import Settings
from meilenstein.store.alarms import AlarmStore
from meilenstein_schemas.rhythms import Rhythms

pytestmark = pytest.mark.stack

NOBODY = "webhook: nobody answers at the configured address; check MEILENSTEIN_ALARM_WEBHOOK_URL"

TOPIC = "milestones.hwk-dresden"
LIMITS = limits_of(Settings())


class Clock:
    """A clock that is moved by hand; it begins at the present, with which the store's own times are compared."""

    def __init__(self):
        self.now = dt.datetime.now(dt.UTC)

    def __call__(self):
        return self.now

    def passes(self, **lasts):
        self.now += dt.timedelta(**lasts)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def owner(endpoints):
    with psycopg.connect(endpoints.owner_database_url, autocommit=True, options="-c search_path=meilenstein") as found:
        yield found


def halt(owner, topic=TOPIC):
    owner.execute(
        "insert into cursor (topic, partition, topic_id, start_offset, next_offset) values (%s, 0, 'x', 0, 0) "
        "on conflict do nothing",
        (topic,),
    )
    owner.execute(
        "update cursor set halted_reason = 'LOG_TRUNCATED', halted_detail = 'secret', halted_at = now() "
        "where topic = %s",
        (topic,),
    )


def resume(owner, topic=TOPIC):
    owner.execute("update cursor set halted_reason = null, halted_at = null where topic = %s", (topic,))


@pytest.fixture(autouse=True)
def _balanced(owner):
    yield
    owner.execute("delete from cursor where topic_id = 'x'")


def evaluator(hub, clock, *channels, name="alarms", limits=LIMITS):
    return Alarms(connection=hub.connection(name), clock=clock, channels=channels, limits=limits)


def mail_to(server, **more):
    return MailChannel(
        host="127.0.0.1", port=server.port, security="none", sender="hub@example.org", recipients=["ops@example.org"],
        instance="test", **more,
    )  # fmt: skip


def test_a_halt_is_one_mail_and_its_end_one_all_clear(hub, owner, clock):
    with mail_server() as server:
        alarms = evaluator(hub, clock, mail_to(server))
        assert alarms.evaluate().opened == []
        halt(owner)
        for _ in range(3):
            alarms.evaluate()
            alarms.deliver()
            clock.passes(minutes=1)
        assert [mail["Subject"] for mail in server.mails] == [
            "[Meilenstein (test)] Alarm: PARTITION_HALTED milestones.hwk-dresden-0"
        ]
        text = server.mails[0].get_content()
        assert 'meilenstein cursor resume milestones.hwk-dresden --reason "what happened to the log"' in text
        assert "docs/how-to/when-an-alarm-comes.md#partition_halted" in text
        assert "Stelle / agency:  hwk-dresden" in text
        assert "secret" not in text
        resume(owner)
        for _ in range(3):
            alarms.evaluate()
            alarms.deliver()
        assert [mail["Subject"] for mail in server.mails[1:]] == [
            "[Meilenstein (test)] Entwarnung / all clear: PARTITION_HALTED milestones.hwk-dresden-0"
        ]
        assert alarms.open() == []


def test_a_webhook_that_is_down_is_tried_again_with_growing_pauses_and_then_told_in_order(hub, owner, clock):
    port = free_port_base()
    with mail_server() as mails:
        hook = WebhookChannel(url=f"http://127.0.0.1:{port}/in?key=geheim", seconds=2)
        alarms = evaluator(hub, clock, hook, mail_to(mails))
        halt(owner)
        alarms.evaluate()
        told = alarms.deliver()
        assert (told.sent, told.failed) == (1, {"webhook": NOBODY})
        assert len(mails.mails) == 1
        resume(owner)
        clock.passes(seconds=29)
        alarms.evaluate()
        assert alarms.deliver().failed == {}  # not its turn yet
        clock.passes(seconds=2)
        assert alarms.deliver().failed == {"webhook": NOBODY}
        clock.passes(seconds=31)
        assert alarms.deliver().failed == {}  # twice as long this time
        clock.passes(seconds=31)
        with web_server(port) as server:
            alarms.deliver()
            assert [(body["kind"], body["code"]) for _, _, body in server.requests] == [
                ("ALARM", "PARTITION_HALTED"),
                ("ALL_CLEAR", "PARTITION_HALTED"),
            ]
        assert len(mails.mails) == 2


def test_two_evaluators_at_once_send_once(hub, endpoints, owner, clock):
    for number in range(20):
        halt(owner, f"milestones.agency-{number}")
    with web_server() as server:
        hook = WebhookChannel(url=f"http://127.0.0.1:{server.port}/")

        def work(name):
            with type(hub)(endpoints) as own:
                alarms = evaluator(own, clock, hook, name=name)
                for _ in range(5):
                    alarms.evaluate()
                    alarms.deliver()

        with ThreadPoolExecutor(4) as pool:
            for job in [pool.submit(work, f"alarms {number}") for number in range(4)]:
                job.result()
        told = sorted(body["about"] for _, _, body in server.requests)
    assert told == sorted(f"milestones.agency-{number}-0" for number in range(20))


def test_a_cause_that_flaps_is_counted_and_announced_again_only_if_it_stays(hub, owner, clock):
    with web_server() as server:
        alarms = evaluator(hub, clock, WebhookChannel(url=f"http://127.0.0.1:{server.port}/"))

        def look():
            alarms.evaluate()
            alarms.deliver()
            return [body["kind"] for _, _, body in server.requests]

        halt(owner)
        assert look() == ["ALARM"]
        for _ in range(4):
            resume(owner)
            look()
            clock.passes(seconds=30)
            halt(owner)
            look()
            clock.passes(seconds=30)
        assert look() == ["ALARM", "ALL_CLEAR"]
        (alarm,) = alarms.open()
        assert alarm.episode == 5
        clock.passes(seconds=CALM.total_seconds())
        assert look() == ["ALARM", "ALL_CLEAR", "ALARM"]
        assert server.requests[-1][2]["episode"] == 5
        resume(owner)
        assert look() == ["ALARM", "ALL_CLEAR", "ALARM", "ALL_CLEAR"]
        clock.passes(minutes=11)
        halt(owner)
        look()
        (fresh,) = alarms.open()
        assert fresh.id != alarm.id and fresh.episode == 1


def test_a_redirect_is_not_followed(hub, owner, clock):
    halt(owner)
    with web_server() as server:
        server.status = 307
        alarms = evaluator(hub, clock, WebhookChannel(url=f"http://127.0.0.1:{server.port}/in"))
        alarms.evaluate()
        assert alarms.deliver().failed == {"webhook": "webhook: answered 307"}
        assert [path for path, _, _ in server.requests] == ["/in"]


def test_what_a_mail_server_says_is_not_repeated(hub, owner, clock):
    halt(owner)
    with mail_server() as server:
        server.refused = "ops@"
        alarms = evaluator(hub, clock, mail_to(server))
        alarms.evaluate()
        (said,) = alarms.deliver().failed.values()
        assert "hunter2" not in said and "SMTPRecipientsRefused" in said


def test_a_channel_set_up_later_is_told_what_is_open(hub, owner, clock):
    halt(owner)
    evaluator(hub, clock).evaluate()
    with web_server() as server:
        alarms = evaluator(hub, clock, WebhookChannel(url=f"http://127.0.0.1:{server.port}/"))
        alarms.evaluate()
        assert alarms.deliver().sent == 1


def test_each_cause_is_seen_with_the_agency_it_affects(hub, owner, clock):
    halt(owner)
    owner.execute(
        "insert into cursor (topic, partition, topic_id, start_offset, next_offset, last_offset) "
        "values ('milestones.zefas', 0, 'x', 0, 1, 0)"
    )
    long_ago = clock.now - dt.timedelta(days=45)
    owner.execute("insert into batch (id, n, state, drained_at) values (1, 1, 'WAITING', %s)", (long_ago,))
    owner.execute("insert into batch (id, n, state, drained_at) values (2, 1, 'OPEN', %s)", (long_ago,))
    owner.execute(
        "insert into journal (id, topic_id, partition, record_offset, topic, decode_state, received_at) "
        "values (1::bigint << 24, 'x', 0, 0, 'milestones.zefas', 'PENDING', %s)",
        (long_ago,),
    )
    owner.execute(
        "insert into outbox (recipient, topic, key, value, kind, created_at) "
        "values ('wc-dresden', 'replies.wc-dresden', 'k', 'v', 'RECEIPT', %s)",
        (long_ago,),
    )
    owner.execute(
        "insert into proposal (kind, about, content, actor, reason, proposed_at) "
        "values ('link.accept', 'zefas/Z-1 hwk/H-1', '{}', 'a', 'b', %s)",
        (long_ago,),
    )
    with pytest.raises(ZeroDivisionError):
        hub._recorder.run("reconcile", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hub._recorder.run("validate", lambda: 1 / 0)
    hub.connection("alarms").rollback()
    AlarmStore(hub.connection("alarms")).raise_(
        "RUN_LATE", "meilenstein_clocks", agency=None, count=0, since=None, now=clock.now, calm=CALM
    )
    hub.connection("alarms").commit()
    clock.passes(minutes=3)
    evaluator(hub, clock).evaluate(lag=3)
    seen = {(alarm.code, alarm.about, alarm.agency) for alarm in evaluator(hub, clock).open()}
    assert seen == {
        ("PARTITION_HALTED", "milestones.hwk-dresden-0", "hwk-dresden"),
        ("PARTNER_SILENT", "zefas", "zefas"),
        ("SCHEMA_WAITING", "zefas", "zefas"),
        ("BATCH_OPEN", "batches", None),
        ("OUTBOX_STALE", "wc-dresden", "wc-dresden"),
        ("SECOND_PERSON", "proposal 1", None),
        ("STEP_FAILED", "reconcile", None),
        ("VALIDATION_FAILED", "validate", None),
        ("RUN_LATE", "meilenstein_clocks", None),
    }
    hub.clocks()
    clock.passes(minutes=1)
    cleared = evaluator(hub, clock, limits=replace(LIMITS, rhythms=Rhythms(default=99))).evaluate().cleared
    assert {alarm.code for alarm in cleared} >= {"PARTNER_SILENT"}
    owner.execute("truncate journal, batch, outbox, proposal")


@pytest.mark.parametrize("recreated", [False, True], ids=["resumed", "recreated"])
def test_a_partner_that_is_silent_since_its_partition_was_resumed_is_an_alarm(hub, owner, clock, recreated):
    long_ago = clock.now - dt.timedelta(days=45)
    owner.execute(
        "insert into cursor (topic, partition, topic_id, start_offset, next_offset, retired_at) "
        "values ('milestones.zefas', 0, 'x', 0, 1, %s)",
        (long_ago if recreated else None,),
    )
    if recreated:
        owner.execute(
            "insert into cursor (topic, partition, topic_id, start_offset, next_offset) "
            "values ('milestones.zefas', 0, 'y', 0, 0)"
        )
    owner.execute(
        "insert into journal (id, topic_id, partition, record_offset, topic, decode_state, received_at) "
        "values (1::bigint << 24, 'x', 0, 0, 'milestones.zefas', 'PENDING', %s)",
        (long_ago,),
    )
    opened = evaluator(hub, clock).evaluate(lag=0).opened
    owner.execute("truncate journal, cursor")
    assert [(alarm.code, alarm.agency, alarm.since) for alarm in opened] == [("PARTNER_SILENT", "zefas", long_ago)]


def test_records_that_nobody_drains_are_an_alarm_and_a_silent_broker_changes_nothing(hub, clock):
    hub.drain()
    hub.step("drain")
    alarms = evaluator(hub, clock)
    clock.passes(minutes=20)
    assert alarms.evaluate(lag=0).opened == []
    (opened,) = alarms.evaluate(lag=7).opened
    assert (opened.code, opened.count) == ("NOT_DRAINED", 7)
    assert alarms.evaluate(lag=None).cleared == []
    assert [alarm.code for alarm in alarms.evaluate(lag=0).cleared] == ["NOT_DRAINED"]
