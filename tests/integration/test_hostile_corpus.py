"""Records that would break a careless consumer: each ends with exactly one fate and the right reason.

The corpus is `tests/corpus/`: files, and a list of what the hub has to say about each (see `tests/corpus/make.py`).
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.corpus import make as maker
from tests.support.children import Child, PeakMemory
from tests.support.conservation import check_conservation
from tests.support.raw_kafka import Raw, answers, entry, framed, rows, schema_id_of, send_raw

from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints
from meilenstein.store.quarantine import Selection
from meilenstein_connectors.registry_client import RegistryClient

CORPUS = Path(__file__).parents[1] / "corpus"
LISTED: list[dict[str, Any]] = json.loads((CORPUS / "list.json").read_text())
FOREIGN = '{"type": "record", "name": "Weather", "namespace": "org.example", "fields": [{"name": "t", "type": "int"}]}'
HEADERS: dict[str, list[tuple[str, bytes]]] = {
    "thousand": [(f"header-{number}", b"x" * 20) for number in range(1000)],
    "nul": [("na\x00me", b"va\x00lue")],
    "empty": [("", b"")],
}
OFFICES = ("abh-dresden", "abh-leipzig")


def test_every_file_of_the_corpus_is_listed_and_every_entry_has_its_file() -> None:
    assert sorted(entry["file"] for entry in LISTED) == sorted(path.name for path in CORPUS.glob("*.bin"))


def test_the_committed_corpus_is_the_one_that_its_script_makes() -> None:
    made = maker.cases()
    assert (CORPUS / "list.json").read_text() == maker.listed(made)
    assert {case.name: (CORPUS / f"{case.name}.bin").read_bytes() for case in made} == {
        case.name: case.value for case in made
    }


def test_the_corpus_holds_every_kind_of_attack_that_our_contracts_can_express() -> None:
    refused = Counter(code for entry in LISTED for code in entry["codes"])
    assert {"UNREADABLE", "UNKNOWN_SCHEMA", "NOT_STORABLE", "TOO_LARGE", "WRONG_PUBLISHER"} <= set(refused)
    assert {"FORBIDDEN_CONTENT", "OCCURRED_AFTER_RECORDED", "FUTURE_FACT"} <= set(refused)
    assert {entry["detail"] for entry in LISTED if entry["codes"] == ["UNREADABLE"]} == {
        "BAD_BOOLEAN",
        "BAD_COUNT",
        "BAD_FRAMING",
        "BAD_INDEX",
        "BAD_LENGTH",
        "BAD_UTF8",
        "BAD_VARINT",
        "DATE_RANGE",
        "INT_RANGE",
        "NO_VALUE",
        "TRAILING_BYTES",
        "TRUNCATED",
    }
    assert len(LISTED) >= 110


@pytest.fixture(scope="module")
def foreign_id(stack_endpoints: Endpoints) -> int:
    return RegistryClient(stack_endpoints.registry_url).register("org.example.Weather", FOREIGN)


def as_record(listed: dict[str, Any], ids: dict[str, int]) -> Raw:
    """Return the record of an entry as it is sent."""
    value: bytes | None = (CORPUS / listed["file"]).read_bytes()
    if listed["frame"] == "null":
        value = None
    elif listed["frame"] in ids:
        value = struct.pack(">bI", 0, ids[listed["frame"]]) + (value or b"")
    key = listed.get("key", "6b6579")
    return Raw(
        topic=listed["topic"],
        value=value,
        key=None if key is None else bytes.fromhex(key),
        headers=HEADERS.get(listed.get("headers", ""), []),
        timestamp_ms=listed.get("timestamp_ms"),
    )


@pytest.mark.stack
def test_each_record_of_the_corpus_ends_as_listed_and_a_good_one_after_them_is_accepted(
    endpoints: Endpoints, hub: Hub, foreign_id: int
) -> None:
    ids = {"contract": schema_id_of(endpoints, "EntryReported"), "foreign": foreign_id}
    sent = [as_record(listed, ids) for listed in LISTED]
    offsets = send_raw(endpoints, sent)
    good = Raw(topic="milestones.abh-dresden", value=framed(ids["contract"], entry(1)))
    (good_offset,) = send_raw(endpoints, [good])

    for _ in range(2):  # the second pass finds nothing to do: nothing was left behind
        summaries = [hub.step(name) for name in ("drain", "validate", "reconcile", "feedback")]
    assert not any(summaries)
    assert all(not summary.halted for summary in summaries)

    journal = {
        (topic, offset): (raw, detail, fate, codes, item)
        for topic, offset, raw, detail, fate, codes, item in rows(
            endpoints,
            "select j.topic, j.record_offset, j.raw, j.refusal_detail, v.fate, v.codes, q.state "
            "from journal j join verdict v on v.journal_id = j.id left join quarantine_item q on q.journal_id = j.id",
        )
    }
    assert len(journal) == len(LISTED) + 1
    assert journal["milestones.abh-dresden", good_offset][2] == "ACCEPTED"
    told = {
        (answer["topic"], answer["offset"]): answer
        for office in OFFICES
        for answer in answers(endpoints, office)
        if answer["kind"] == "REJECTED"
    }
    found = []
    for listed, record, offset in zip(LISTED, sent, offsets, strict=True):
        place = (record.topic, offset)
        raw, detail, fate, codes, item = journal[place]
        assert raw == record.value, f"{listed['file']}: the bytes in the journal are not those that were sent"
        found.append((listed["file"], fate, sorted(codes), detail))
        assert item == (None if fate == "ACCEPTED" else "OPEN"), listed["file"]
        assert (place in told) == (fate == "QUARANTINED"), f"{listed['file']}: told {told.get(place)}"
    wanted = [(entry["file"], entry["fate"], entry["codes"], entry["detail"]) for entry in LISTED]
    assert [pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]] == []
    for listed, record, offset in zip(LISTED, sent, offsets, strict=True):
        if listed["fate"] == "QUARANTINED":
            check_words(listed, told[record.topic, offset])
    counted = Counter(entry["fate"] for entry in LISTED)
    balance = check_conservation(endpoints.bootstrap_servers, endpoints.owner_database_url)
    assert (balance.accepted, balance.quarantined) == (counted["ACCEPTED"] + 1, counted["QUARANTINED"])


def check_words(listed: dict[str, Any], answer: dict[str, Any]) -> None:
    """A rejection names each reason in German and English, and how to correct it."""
    assert sorted({reason["code"] for reason in answer["reasons"]}) == listed["codes"], listed["file"]
    for reason in answer["reasons"]:
        for words in (reason["text"], reason["how"]):
            assert set(words) == {"de", "en"}, listed["file"]
            assert all(len(word) > 10 for word in words.values()), listed["file"]
            assert words["de"] != words["en"], listed["file"]
    if listed["detail"]:
        assert listed["detail"] in {reason["seen"] for reason in answer["reasons"]}, listed["file"]


@pytest.mark.stack
def test_items_in_quarantine_show_words_and_original_bytes_to_the_steward(endpoints: Endpoints, hub: Hub) -> None:
    value = struct.pack(">bI", 0, schema_id_of(endpoints, "EntryReported")) + b"\x01\x02\x03"
    send_raw(endpoints, [Raw(topic="milestones.abh-dresden", value=value)])
    hub.drain()
    hub.validate()
    (row,) = hub.quarantine().items.newest(Selection(), limit=10)
    item = hub.quarantine().items.item(row.id)
    assert item is not None
    assert (bytes(item["raw"]), item["state"], item["codes"]) == (value, "OPEN", ["UNREADABLE"])
    assert "keine" in item["reasons"][0]["text"]["de"] or "kein" in item["reasons"][0]["text"]["de"]
    assert "no readable event" in item["reasons"][0]["text"]["en"]


@pytest.mark.stack
def test_many_broken_records_in_a_row_do_not_halt_their_partition(endpoints: Endpoints, hub: Hub) -> None:
    """Only failures that nobody foresaw halt a partition; known kinds of broken bytes never do."""
    schema_id = schema_id_of(endpoints, "EntryReported")
    broken = [
        Raw(topic="milestones.abh-dresden", value=as_record(listed, {"contract": schema_id, "foreign": 0}).value)
        for listed in LISTED
        if listed["codes"] == ["UNREADABLE"]
    ]
    send_raw(endpoints, broken * 3)
    send_raw(endpoints, [Raw(topic="milestones.abh-dresden", value=framed(schema_id, entry(1)))])
    assert not hub.drain().halted
    assert dict(hub.validate().counts) == {"accepted": 1, "duplicate": 0, "quarantined": 3 * len(broken)}


@pytest.mark.stack
def test_batches_that_unpack_to_30_megabytes_are_too_large_and_memory_stays_bounded(endpoints: Endpoints) -> None:
    bomb = Raw(topic="milestones.abh-dresden", value=bytes(30_000_000))
    for compression in ("gzip", "zstd", "zstd", "lz4"):
        send_raw(endpoints, [bomb], compression=compression)
    good = framed(schema_id_of(endpoints, "EntryReported"), entry(1))
    send_raw(endpoints, [Raw(topic=bomb.topic, value=good)])
    grown = []
    for work in (PeakMemory(("drain",)), PeakMemory(("validate",))):
        child = Child(endpoints, work)
        child.go()
        grown.append(child.outcome() / 2**20)
    assert max(grown) < 256, f"MiB: {grown}"
    found = rows(
        endpoints,
        "select octet_length(raw), fate, codes from journal j join verdict v on v.journal_id = j.id order by j.id",
    )
    assert found == [(30_000_000, "QUARANTINED", ["TOO_LARGE"])] * 4 + [(len(good), "ACCEPTED", [])]
