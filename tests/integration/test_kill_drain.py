"""kill -9 in the middle of each step: nothing is lost, nothing happens twice.

Whether something was applied twice is not left to the product's own unique keys: a trigger that this test installs
counts every attempt to write a journal row, a verdict or an event, with a plain counter.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from tests.support.children import Child, DrainInBatches, Step, Work
from tests.support.conservation import check_conservation
from tests.support.raw_kafka import Raw, entry, framed, read_topic, rows, schema_id_of, send_raw

from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints

pytestmark = pytest.mark.stack

OFFICES = ("abh-bautzen", "abh-dresden", "abh-leipzig", "abh-zwickau")
RECORDS = 20_000
MORE = 2_000
BATCH = 500
SEED = 20251122

WITNESS = """
create schema witness;
create table witness.applied (what text, about text, apply_count int not null, primary key (what, about));
create function witness.count() returns trigger language plpgsql security definer as $$
declare
    row_of jsonb := to_jsonb(new) - 'raw';
    subject text := case tg_table_name
        when 'journal' then concat_ws('/', row_of->'topic_id', row_of->'partition', row_of->'record_offset')
        else row_of->>'journal_id' end;
begin
    insert into witness.applied values (tg_table_name, subject, 1)
    on conflict (what, about) do update set apply_count = witness.applied.apply_count + 1;
    return new;
end $$;
create trigger witness before insert on meilenstein.journal for each row execute function witness.count();
create trigger witness before insert on meilenstein.verdict for each row execute function witness.count();
create trigger witness before insert on meilenstein.quarantine_item for each row execute function witness.count();
"""
WITNESSED = ("journal", "verdict", "quarantine_item")


@pytest.fixture
def witness(endpoints: Endpoints) -> Iterator[Callable[[str], Counter[int]]]:
    """Count what is applied; gives how many subjects were applied how often."""
    rows(endpoints, WITNESS)

    def seen(what: str) -> Counter[int]:
        found = rows(endpoints, "select apply_count, count(*) from witness.applied where what = %s group by 1", what)
        return Counter(dict(found))

    yield seen
    for table in WITNESSED:
        rows(endpoints, f"drop trigger witness on meilenstein.{table}")
    rows(endpoints, "drop schema witness cascade")


class Senders:
    """Offices that send right events and, every tenth time, broken bytes."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._schema_id = schema_id_of(endpoints, "EntryReported")
        self.sent = self.broken = 0

    def send(self, records: int) -> None:
        for office in OFFICES:
            numbers = range(self.sent, self.sent + records // len(OFFICES))
            send_raw(self._endpoints, [self._record(office, number) for number in numbers])
        self.broken += sum(number % 10 == 9 for number in numbers) * len(OFFICES)
        self.sent += len(numbers)

    @property
    def total(self) -> int:
        return self.sent * len(OFFICES)

    def _record(self, office: str, number: int) -> Raw:
        value = framed(self._schema_id, entry(number, publisher=office, subject_kind="EMPLOYER"))
        return Raw(topic=f"milestones.{office}", value=value[:-1] if number % 10 == 9 else value)


def position(endpoints: Endpoints) -> int:
    """Return how many records the cursors have passed, once no session of a killed step is left."""
    query = "select count(*) from pg_stat_activity where application_name ~ '^meilenstein (dr|val|fe|scr|ru)'"
    while rows(endpoints, query) != [(0,)]:
        time.sleep(0.01)
    ((done,),) = rows(endpoints, "select coalesce(sum(next_offset - start_offset), 0)::bigint from cursor")
    return int(done)


def count(endpoints: Endpoints, table: str, where: str = "true") -> int:
    position(endpoints)
    ((found,),) = rows(endpoints, f"select count(*) from {table} where {where}")
    return int(found)


def kill_at_work(
    endpoints: Endpoints, work: Work, chance: random.Random, longest: float, *, after: str | None = None
) -> bool:
    """Start the work, kill it after at most `longest` seconds; say whether it was at work."""
    child = Child(endpoints, work)
    child.go()
    if after is not None:
        assert child.told() == after
    time.sleep(chance.uniform(0, longest))
    return child.kill()


@pytest.mark.timeout(300)
def test_no_kill_of_drain_validate_or_feedback_loses_a_record_or_applies_one_twice(
    endpoints: Endpoints, witness: Callable[[str], Counter[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)
    senders = Senders(endpoints)
    senders.send(RECORDS)

    said = [kill_drain(endpoints, senders, chance, kills=20)]
    undisturbed(endpoints, "drain")
    assert position(endpoints) == senders.total
    assert witness("journal") == {1: senders.total}

    said.append(kill_validate(endpoints, senders, chance, kills=5))
    undisturbed(endpoints, "validate")
    assert witness("verdict") == {1: senders.total}
    assert witness("quarantine_item") == {1: senders.broken}

    said.append(kill_feedback(endpoints, chance, kills=5))
    undisturbed(endpoints, "feedback")
    found = check_conservation(endpoints.bootstrap_servers, endpoints.owner_database_url)
    assert (found.records, found.quarantined) == (senders.total, senders.broken)
    assert found.accepted == senders.total - senders.broken
    repeated = check_every_message_arrived(endpoints)
    with capsys.disabled():
        sys.stderr.write(f"\n  {'; '.join(said)}; {repeated} messages came more than once\n")


def undisturbed(endpoints: Endpoints, name: str) -> None:
    with Hub(endpoints) as hub:
        hub.step(name)


def kill_drain(endpoints: Endpoints, senders: Senders, chance: random.Random, *, kills: int) -> str:
    """Kill drain until `kills` of the kills landed strictly between start and end of the work."""
    landed = missed = 0
    while landed < kills:
        before = position(endpoints)
        after = "reading" if chance.random() < 0.9 else None
        at_work = kill_at_work(endpoints, DrainInBatches(BATCH), chance, 0.25, after=after)
        stands = position(endpoints)
        assert before <= stands <= senders.total
        if at_work and 0 < stands < senders.total:
            landed += 1
        else:
            missed += 1
            assert missed < 3 * kills
        if senders.total - stands < MORE:
            senders.send(MORE)
    return f"{landed} kills of drain landed, {missed} did not"


def kill_validate(endpoints: Endpoints, senders: Senders, chance: random.Random, *, kills: int) -> str:
    landed = missed = 0
    while landed < kills:
        at_work = kill_at_work(
            endpoints, Step("validate"), chance, 2.0 + missed
        )  # the import of the rules may take long
        stands = count(endpoints, "verdict")
        assert stands < senders.total, "all was judged before enough kills had landed: send more records"
        landed, missed = (landed + 1, missed) if at_work and stands else (landed, missed + 1)
        assert missed < 3 * kills
    return f"{landed} kills of validate landed, {missed} did not"


def kill_feedback(endpoints: Endpoints, chance: random.Random, *, kills: int) -> str:
    landed = missed = 0
    while landed < kills:
        at_work = kill_at_work(endpoints, Step("feedback"), chance, 0.4)
        sent = count(endpoints, "outbox", "sent_at is not null")
        assert count(endpoints, "outbox", "sent_at is null"), "all was sent before enough kills had landed"
        landed, missed = (landed + 1, missed) if at_work and sent else (landed, missed + 1)
        assert missed < 3 * kills
    return f"{landed} kills of feedback landed, {missed} did not"


def check_every_message_arrived(endpoints: Endpoints) -> int:
    """Compare outbox and topics: every message is there, in order of its first arrival; return how many came twice."""
    assert count(endpoints, "outbox", "sent_at is null") == 0
    repeated = 0
    for office in OFFICES:
        wanted = [
            bytes(value)
            for (value,) in rows(
                endpoints, "select value from outbox where topic = %s order by id", f"replies.{office}"
            )
        ]
        arrived = [record.value for record in read_topic(endpoints, f"replies.{office}")]
        assert list(dict.fromkeys(arrived)) == wanted
        repeated += len(arrived) - len(wanted)
    return repeated
