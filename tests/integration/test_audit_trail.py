"""The audit trail on a real database and broker: one chain, whoever writes; nothing refused is forgotten."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import psycopg
import pytest
from tests.support.raw_kafka import rows

from meilenstein.audit.trail import AuditTrail
from meilenstein.bootstrap import utc_now
from meilenstein.errors import PermanentError
from meilenstein.settings import Endpoints
from meilenstein.stewardship.second_person import SecondPerson
from meilenstein.store.database import Connection, connect
from meilenstein.store.proposals import ProposalStore

pytestmark = pytest.mark.stack

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def connection(endpoints: Endpoints) -> Iterator[Connection]:
    with connect(endpoints.database_url, name="audit test") as opened:
        yield opened


@pytest.fixture
def trail(connection: Connection) -> AuditTrail:
    return AuditTrail(connection, lambda: NOON)


def entries(endpoints: Endpoints) -> list[tuple[object, ...]]:
    return rows(endpoints, "select seq, actor, act, object, outcome, reason from audit order by seq")


def test_a_refused_attempt_is_recorded_although_the_act_is_rolled_back(
    endpoints: Endpoints, connection: Connection, trail: AuditTrail
) -> None:
    def act() -> None:
        with trail.attempt(actor="a.muster", act="quarantine.correct", subject="item:17"):
            trail.record(actor="a.muster", act="quarantine.correct", subject="item:17", outcome="DONE")
            raise PermanentError("item 17: 'Müller' is not what was expected\nsecond line")

    with pytest.raises(PermanentError, match="Müller"):
        act()
    connection.rollback()
    assert entries(endpoints) == [(1, "a.muster", "quarantine.correct", "item:17", "REFUSED", "PermanentError")]


def test_what_an_error_offers_for_the_trail_is_recorded_in_place_of_its_line(
    endpoints: Endpoints, connection: Connection, trail: AuditTrail
) -> None:
    with (
        pytest.raises(PermanentError, match="O'Neil"),
        trail.attempt(actor="a.muster", act="link.accept", subject="link:1-2"),
    ):
        raise PermanentError("zefas/O'Neil and zefas/d'Arc cannot be one case", audit_line="TWO_FILES_OF_ONE_AGENCY")
    assert entries(endpoints) == [(1, "a.muster", "link.accept", "link:1-2", "REFUSED", "TWO_FILES_OF_ONE_AGENCY")]


def test_eight_writers_at_once_leave_one_chain_in_the_order_of_their_commits(endpoints: Endpoints) -> None:
    def write(number: int) -> None:
        with connect(endpoints.database_url, name=f"writer {number}") as own:
            trail = AuditTrail(own, utc_now)
            for turn in range(25):
                trail.record(actor=f"w{number}", act="quarantine.view", subject=f"item:{turn}", outcome="VIEWED")
                (own.rollback if turn % 5 == 4 else own.commit)()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    chain = rows(endpoints, "select seq, prev_hash, hash from audit order by seq")
    assert [seq for seq, _, _ in chain] == list(range(1, 161))
    assert [bytes(prev) for _, prev, _ in chain] == [bytes(32), *(bytes(own) for _, _, own in chain[:-1])]
    heads = rows(
        endpoints, "select convert_from(value, 'UTF8')::jsonb ->> 'hash' from outbox where kind = 'HEAD' order by id"
    )
    assert [head for (head,) in heads] == [bytes(own).hex() for _, _, own in chain]


@pytest.mark.parametrize("table", ["audit", "decision"])
@pytest.mark.parametrize("statement", ["update {} set actor = 'other'", "delete from {}", "truncate {}"])
def test_the_pipelines_role_can_neither_change_nor_remove_what_was_recorded(
    connection: Connection, trail: AuditTrail, table: str, statement: str
) -> None:
    trail.record(actor="a.muster", act="quarantine.view", subject="item:1", outcome="VIEWED")
    connection.commit()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(table))
    connection.rollback()


def test_a_second_person_confirms_and_the_first_cannot(
    endpoints: Endpoints, connection: Connection, trail: AuditTrail
) -> None:
    second = SecondPerson(connection, trail)
    wanted = {"kind": "link.accept", "about": "link:a/1 b/2", "content": {"left": "a/1", "n": 1}}
    assert second.confirm(**wanted, actor="a.muster", reason="one person") is None
    assert second.standing is not None and "another person must repeat" in second.told
    connection.commit()
    assert second.confirm(**wanted, actor=" A.Muster", reason="again") is None
    connection.commit()
    assert entries(endpoints) == [(1, "a.muster", "link.accept", "link:a/1 b/2", "PROPOSED", "one person")]
    number = second.confirm(**wanted, actor="b.beispiel", reason="I looked")
    connection.commit()
    assert rows(endpoints, "select id, state, closed_by from proposal") == [(number, "CONFIRMED", "b.beispiel")]


def test_other_content_overtakes_what_was_proposed_and_says_so(
    endpoints: Endpoints, connection: Connection, trail: AuditTrail
) -> None:
    second = SecondPerson(connection, trail)
    first = {"kind": "cursor.resume", "about": "milestones.x-0", "content": {"at": 4}}
    assert second.confirm(**first, actor="a.muster", reason="at 4") is None
    assert second.confirm(**{**first, "content": {"at": 5}}, actor="b.beispiel", reason="at 5") is None
    assert second.overtaken is not None and second.overtaken.actor == "a.muster"
    assert "which a.muster made at" in second.told and '{"at":4}' in second.told
    assert second.confirm(**first, actor="b.beispiel", reason="4 after all") is None
    connection.commit()
    assert rows(endpoints, "select state from proposal order by id") == [("OVERTAKEN",), ("OVERTAKEN",), ("OPEN",)]


def test_whatever_a_proposal_holds_the_list_shows_it(
    endpoints: Endpoints, connection: Connection, trail: AuditTrail
) -> None:
    rows(endpoints, "insert into case_file (publisher, case_reference, test) values ('zefas', 'Z-1', false)")
    second = SecondPerson(connection, trail)
    for number, content in enumerate(({"files": "a b"}, {"files": [4711]}, {"files": None}, {})):
        second.confirm(kind="link.accept", about=f"link:{number}", content=content, actor="a.muster", reason="x")
    connection.commit()
    assert [row.files for row in ProposalStore(connection).list(state="OPEN", limit=10)] == [None] * 4


def test_of_two_people_who_propose_the_same_at_once_one_proposes_and_one_confirms(endpoints: Endpoints) -> None:
    results: list[int | None] = []
    together = threading.Barrier(2)

    def propose(actor: str) -> None:
        with connect(endpoints.database_url, name=actor) as own:
            second = SecondPerson(own, AuditTrail(own, utc_now))
            together.wait()
            results.append(
                second.confirm(kind="link.split", about="link:a/1 b/2", content={"x": 1}, actor=actor, reason="both")
            )
            own.commit()

    people = [threading.Thread(target=propose, args=(name,)) for name in ("a.muster", "b.beispiel")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(results, key=str) == [1, None]
    assert rows(endpoints, "select count(*), min(state) from proposal") == [(1, "CONFIRMED")]
