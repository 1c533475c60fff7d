"""Words for people are complete in both languages, and gaps are named with file and line."""

from __future__ import annotations

import shutil

import pytest

from meilenstein.errors import ConfigurationError
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_lint import AGENCY_KINDS, DATA_FOLDER
from meilenstein_schemas.labels import LANGUAGES, lint_labels, load_labels


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(DATA_FOLDER, copy)
    return copy


def enums(kind):
    if isinstance(kind, list):
        return [one for part in kind for one in enums(part)]
    if not isinstance(kind, dict):
        return []
    inner = [one for field in kind.get("fields", ()) for one in enums(field["type"])]
    return [*([kind] if kind["type"] == "enum" else []), *enums(kind.get("items")), *inner]


def test_every_type_field_code_and_kind_has_words_in_both_languages():
    labels = load_labels()
    for contract in load_contracts().values():
        texts = [contract.label, labels.events[contract.name]]
        for field in contract.schema["fields"]:
            texts += [labels.fields[field["name"]], labels.meanings[field["name"]]]
            texts += [
                labels.codes[f"{one['name']}.{symbol}"] for one in enums(field["type"]) for symbol in one["symbols"]
            ]
        assert all(text[language].strip() for text in texts for language in LANGUAGES)
    assert set(labels.kinds) == set(AGENCY_KINDS)


def test_a_field_means_the_same_in_every_contract():
    docs = {}
    for contract in load_contracts().values():
        for field in contract.schema["fields"]:
            docs.setdefault(field["name"], set()).add(field["doc"])
    assert {name: texts for name, texts in docs.items() if len(texts) > 1} == {}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("- {code: Regulated.YES, de: reglementiert, en: regulated}\n", "", "add a row for code 'Regulated.YES'"),
        ("code: Regulated.YES,", "code: Regulated.MAYBE,", "code 'Regulated.MAYBE' is in no contract"),
        ("code: Regulated.YES,", "code: Regulated.NO,", "code 'Regulated.NO' is labelled twice"),
        ("de: reglementiert,", "", "field 'de' is missing"),
        ("de: reglementiert,", 'de: " ",', "'de' is blank"),
        ("de: reglementiert,", "de: reglementiert, colour: red,", "unknown field 'colour'"),
    ],
)
def test_a_gap_or_mistake_is_named_with_file_and_line(folder, before, after, expected):
    path = folder / "labels.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    problems = [str(problem) for problem in lint_labels(folder)]
    assert any(problem.startswith("labels.yaml:") and expected in problem for problem in problems), problems
    with pytest.raises(ConfigurationError, match=r"labels\.yaml:\d+: "):
        load_labels(folder)


def test_the_shipped_labels_have_no_mistake():
    assert lint_labels() == []
