"""Ids of the registry that suddenly mean something else must not be read with."""

from __future__ import annotations

import json

import pytest

from meilenstein.store.schema_book import SchemaBook
from meilenstein.validation.registry_check import RegistryCheck
from meilenstein_connectors.errors import RegistryUnavailable, UnknownSchema
from meilenstein_schemas.contracts import load_contracts

TEXTS = {number: contract.text for number, contract in enumerate(load_contracts().values(), start=1)}


class Archive:
    """Takes the place of the connection; what is learnt goes nowhere."""

    def execute(self, query, values):
        return self


class Registry:
    def __init__(self):
        self.texts = dict(TEXTS)
        self.down = False
        self.asked = 0

    def schema_text(self, schema_id):
        self.asked += 1
        if self.down:
            raise RegistryUnavailable("down")
        if schema_id not in self.texts:
            raise UnknownSchema("none")
        return self.texts[schema_id]


@pytest.fixture
def parts():
    book, registry, now = SchemaBook(), Registry(), [0.0]
    for schema_id, text in TEXTS.items():
        book.learn(Archive(), schema_id, text)
    return book, registry, now, RegistryCheck(registry=registry, book=book, monotonic=lambda: now[0])


def test_a_sound_registry_is_asked_once_in_ten_minutes(parts):
    book, registry, now, check = parts
    registry.texts[1] = json.dumps(json.loads(TEXTS[1]))  # written otherwise, the same schema
    check.run()
    now[0] = 599.0
    check.run()
    assert (check.mismatched, registry.asked) == ((), len(TEXTS))
    now[0] = 600.0
    check.run()
    assert registry.asked == 2 * len(TEXTS)
    assert book.schema_of(1) is not None


def test_records_of_an_id_that_means_something_else_wait_until_it_is_mended(parts):
    book, registry, now, check = parts
    registry.texts[2] = TEXTS[3]
    check.run()
    assert check.mismatched == (2,)
    assert book.distrusts(2)
    assert book.schema_of(2) is None
    assert book.schema_of(3) is not None
    registry.texts[2] = TEXTS[2]
    now[0] = 600.0
    check.run()
    assert book.schema_of(2) is not None


def test_a_registry_that_does_not_answer_or_lost_an_id_proves_nothing(parts):
    book, registry, _, check = parts
    registry.down = True
    check.run()
    assert check.mismatched == ()
    registry.down = False
    del registry.texts[4]
    check.run()
    assert check.mismatched == ()
    assert book.schema_of(4) is not None
