"""The AsyncAPI document is one by the official JSON Schema, and says what contracts, topics and SDK say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fastavro
import pytest
import yaml
from jsonschema import Draft7Validator

from meilenstein.contract_docs.asyncapi import asyncapi_document, asyncapi_text
from meilenstein.contract_docs.feed_messages import CASE, REPLIES, FeedMessage
from meilenstein.embedded.ports import Ports
from meilenstein.operations.topics import plan_topics
from meilenstein.settings import load_settings
from meilenstein_connectors.plain_json import from_plain
from meilenstein_connectors.replies import UnknownReply, read_case_update, read_reply
from meilenstein_schemas.contracts import load_contracts

OFFICIAL = Path(__file__).parents[2] / "data" / "asyncapi-3.0.0.json"


@cache
def official() -> Draft7Validator:
    schema = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    return Draft7Validator(schema)


@cache
def text() -> str:
    return json.dumps(yaml.safe_load(asyncapi_text()))


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text())
    return loaded


def messages() -> dict[str, Any]:
    found: dict[str, Any] = document()["components"]["messages"]
    return found


def test_the_official_schema_is_as_it_was_published() -> None:
    sources = OFFICIAL.with_name("SOURCES.md").read_text(encoding="utf-8")
    assert hashlib.sha256(OFFICIAL.read_bytes()).hexdigest() in sources


def test_the_document_is_one_by_the_official_schema() -> None:
    assert [error.message for error in official().iter_errors(document())] == []


def kafka(part: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = part["bindings"]["kafka"]
    return found


MUTATIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an unknown field of the server's binding": lambda d: kafka(d["servers"]["local"]).update(registry="x"),
    "no partition": lambda d: kafka(d["channels"]["cases"]).update(partitions=0),
    "a policy that Kafka lacks": lambda d: kafka(d["channels"]["cases"])["topicConfiguration"].update(
        {"cleanup.policy": ["keep"]}
    ),
    "a retention that is text": lambda d: kafka(d["channels"]["cases"])["topicConfiguration"].update(
        {"retention.ms": "-1"}
    ),
    "a place for ids that does not exist": lambda d: kafka(d["components"]["messages"]["ReferralSent"]).update(
        schemaIdLocation="trailer"
    ),
    "a binding of no version": lambda d: kafka(d["components"]["messages"]["ReferralSent"]).update(
        bindingVersion="0.6.0"
    ),
    "an action of version 2": lambda d: d["operations"]["sendCases"].update(action="publish"),
    "no title": lambda d: d["info"].pop("title"),
    "another version": lambda d: d.update(asyncapi="2.6.0"),
}


@pytest.mark.parametrize("what", MUTATIONS)
def test_the_official_schema_refuses(what: str) -> None:
    broken = document()
    MUTATIONS[what](broken)
    assert list(official().iter_errors(broken)) != []


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == "$ref")
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    found = set(references(whole))
    assert len(found) > 20
    for reference in found:
        place: Any = whole
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]
        assert place


def test_the_text_says_what_the_values_say() -> None:
    assert document() == json.loads(json.dumps(asyncapi_document()))


def test_the_payloads_are_the_contracts_themselves() -> None:
    for contract in load_contracts().values():
        payload = messages()[contract.name]["payload"]
        assert payload["schemaFormat"] == "application/vnd.apache.avro;version=1.9.0"
        assert payload["schema"] == contract.schema
        fastavro.parse_schema(payload["schema"], named_schemas={})


def test_channels_and_their_settings_are_those_of_the_topics() -> None:
    channels = document()["channels"]
    topics = {topic.name: topic for topic in plan_topics(["{agency}"]) if "{agency}" in topic.name}
    assert {channel["address"] for channel in channels.values()} == set(topics)
    for channel in channels.values():
        topic, binding = topics[channel["address"]], kafka(channel)
        assert (binding["topic"], binding["partitions"]) == (topic.name, topic.partitions)
        said = {
            name: ",".join(value) if isinstance(value, list) else str(value)
            for name, value in binding["topicConfiguration"].items()
        }
        assert said == topic.configs
    assert set(channels["milestones"]["messages"]) == set(load_contracts())


def test_the_server_is_the_one_that_up_starts(tmp_path: Path) -> None:
    ports = Ports(load_settings(home=tmp_path).port_base)
    server = document()["servers"]["local"]
    assert server["host"] == f"127.0.0.1:{ports.kafka}"
    assert kafka(server)["schemaRegistryUrl"] == f"http://127.0.0.1:{ports.registry}/apis/ccompat/v7"


@pytest.mark.parametrize("name", load_contracts())
def test_the_example_of_an_event_is_one(name: str) -> None:
    message = messages()[name]
    (example,) = message["examples"]
    event_type, body = from_plain({"type": name, **example["payload"]})
    assert event_type == name
    assert set(body) == {field["name"] for field in message["payload"]["schema"]["fields"]}
    trait = document()["components"]["messageTraits"]["cloudEvents"]["headers"]
    for schema in (trait, message["headers"]):
        Draft7Validator(schema).validate(example["headers"])
    assert set(example["headers"]) == set(trait["properties"])


@pytest.mark.parametrize("message", [*REPLIES, CASE], ids=lambda message: message.name)
def test_the_example_of_a_message_fits_its_schema_and_without_a_needed_field_does_not(message: FeedMessage) -> None:
    Draft7Validator(message.schema).validate(message.example)
    for name in message.schema["required"]:
        short = {key: value for key, value in message.example.items() if key != name}
        assert not Draft7Validator(message.schema).is_valid(short), name


def test_a_decision_about_a_record_needs_place_and_reason_and_one_about_a_finding_neither() -> None:
    (decided,) = (message for message in REPLIES if message.name == "Decided")
    fits = Draft7Validator(decided.schema).is_valid
    for name in ("topic", "partition", "offset", "item", "event_id", "event_type", "reason"):
        assert not fits({key: value for key, value in decided.example.items() if key != name}), name
    shared = {name: decided.example[name] for name in ("kind", "text", "decided_at")}
    finding = {**shared, "decision": "FINDING_CLOSED", "code": "FORK", "about": "event:zefas/1"}
    assert fits(finding)
    assert not fits({name: value for name, value in finding.items() if name != "about"})
    assert not fits({**finding, "decision": "RELEASED"})


def test_the_sdk_reads_every_example_of_a_reply_as_the_kind_it_is() -> None:
    unknown = [m.name for m in REPLIES if isinstance(read_reply(0, json.dumps(m.example)), UnknownReply)]
    assert unknown == []


def test_the_sdk_reads_the_example_of_a_case() -> None:
    assert read_case_update("key", json.dumps(CASE.example)).version == CASE.example["version"]
