"""Every mistake in a profile is named by file and line before a row is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from meilenstein_connectors.csv_profile import SHIPPED, load_profile
from meilenstein_connectors.errors import ConfigurationError

GOOD = """\
name: visits
version: 1
agency: hwk-dresden
source_system: files
key: [id]
rows:
  - when: {kind: arrival}
    event: EntryReported
    fields:
      case_reference: {column: file}
      occurred_on: {column: day}
      legal_route: {constant: REGULAR}
  - when: {kind: note}
    skip: a note
"""


def load(folder: Path, text: str) -> str:
    path = folder / "visits.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_profile(path)
    except ConfigurationError as error:
        return str(error)
    return ""


def test_a_good_profile_has_no_mistakes(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == ""
    assert load_profile(tmp_path / "visits.yaml").columns() == {"id", "kind", "file", "day"}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_profiles_load_by_name_and_by_file(path: Path) -> None:
    assert load_profile(path) == load_profile(path.stem) == load_profile(path.stem.replace("_", "-"))


@pytest.mark.parametrize(
    ("old", "new", "line", "named"),
    [
        ("name: visits\n", "", 1, "'name' is missing"),
        ("version: 1", "version: one", 2, "'version'"),
        ("version: 1", "version: true", 2, "'version'"),
        ("version: 1", "version: 1\nsurplus: x", 3, "unknown field 'surplus'"),
        ("key: [id]", "key: []", 5, "at least one column"),
        ("key: [id]", "key: [1]", 5, "column name"),
        ("key: [id]", "key: [id]\nkey: [id]", 6, "given twice"),
        ("key: [id]", "key: [id]\ndelimiter: ';;'", 6, "one character"),
        ("key: [id]", "key: [id]\nencoding: latin-99", 6, "unknown encoding"),
        ("key: [id]", "key: [id]\nzone: Europe/Atlantis", 6, "unknown time zone"),
        ("key: [id]", "key: [id]\nempty: [0]", 6, "texts"),
        ("{kind: note}", "{}", 13, "no column"),
        ("{kind: note}", "{kind: 7}", 13, "value"),
        ("{kind: note}", "{kind: [x, 7]}", 13, "value"),
        ("{kind: note}", "{kind: arrival}", 13, "never matches: the rule on line 7"),
        ("    skip: a note", "    surplus: x", 14, "unknown field 'surplus'"),
        ("    skip: a note", "    skip: a note\n    event: EntryReported", 13, "either"),
        ("event: EntryReported", "event: NoSuchEvent", 8, "unknown event type"),
        ("case_reference: {column: file}", "surplus: {column: file}", 10, "no field 'surplus'"),
        ("case_reference: {column: file}", "event_id: {column: file}", 10, "no field 'event_id'"),
        ("      case_reference: {column: file}\n", "", 7, "'case_reference' of EntryReported is required"),
        ("{column: file}", "file", 10, "expected fields"),
        ("{column: file}", "{}", 10, "'column' or 'constant'"),
        ("{column: file}", "{colum: file}", 10, "unknown field 'colum'"),
        ("{column: file}", "{column: 7}", 10, "'column'"),
        ("{column: file}", "{column: file, constant: x}", 10, "stands alone"),
        ("{column: file}", "{column: file, format: '%d'}", 10, "for dates and instants only"),
        ("{column: file}", "[{agency: {constant: x}}]", 10, "only a list of records"),
        ("{column: day}", "{column: day, format: TT.MM}", 11, "'format'"),
        ("{column: day}", "{constant: 2026-03-02}", 11, "quotes"),
        ("{constant: REGULAR}", "{constant: NONSENSE}", 12, "expected one of"),
        ("{constant: REGULAR}", "{column: r, values: {a: NONSENSE}}", 12, "expected one of"),
        ("legal_route: {constant: REGULAR}", "references: {column: r}", 12, "one mapping for each entry"),
        ("legal_route: {constant: REGULAR}", "references: [{agenci: {column: r}}]", 12, "unknown part 'agenci'"),
        ("legal_route: {constant: REGULAR}", "references: [{kind: {constant: X}}]", 12, "expected one of"),
        ("legal_route: {constant: REGULAR}", "test: {constant: 'no'}", 12, "true or false"),
        ("rows:", "rows: [", 7, "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, named: str) -> None:
    assert old in GOOD
    told = load(tmp_path, GOOD.replace(old, new))
    assert any(entry.startswith(f"visits.yaml:{line}: ") and named in entry for entry in told.splitlines()), told


@pytest.mark.parametrize("text", ["", "[]", "text", "- a", "\0"])
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, text: str) -> None:
    assert "visits.yaml:1: " in load(tmp_path, text)


def test_an_unknown_profile_is_told_with_the_shipped_ones() -> None:
    with pytest.raises(ConfigurationError, match="permit_receipts"):
        load_profile("no-such-profile")


def test_code_in_yaml_is_not_run(tmp_path: Path) -> None:
    told = load(tmp_path, GOOD.replace("name: visits", "name: !!python/object/apply:os.getcwd []"))
    assert "visits.yaml:1" in told
