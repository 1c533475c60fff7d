from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from meilenstein_schemas.directory_lint import DATA_FOLDER
from meilenstein_schemas.errors import ConfigurationError
from meilenstein_schemas.rule_lint import RULE_FILES
from meilenstein_schemas.rules import lint_rules, load_rules

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Copy the tables, replace one text in one of them, and return the folder."""

    def edited(name: str, old: str, new: str) -> Path:
        for file in RULE_FILES:
            shutil.copy(DATA_FOLDER / file, tmp_path / file)
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return edited


def test_the_tables_that_ship_have_no_mistakes() -> None:
    assert lint_rules() == []


def test_a_changed_table_is_another_version(edit: Edit) -> None:
    assert load_rules(edit("clocks.yaml", "due_within_days: 7", "due_within_days: 8")).version != load_rules().version
    assert load_rules(edit("clocks.yaml", "due_within_days: 7", "due_within_days: 7")).version == load_rules().version


@pytest.mark.parametrize(
    ("name", "old", "new", "mistake"),
    [
        ("clocks.yaml", "value: 14", "value: -1", "setting 'parking_days' is -1"),
        ("clocks.yaml", "value: 14", "value: yes", "setting 'parking_days' is True"),
        ("clocks.yaml", "setting: parking_days", "setting: parking", "unknown setting 'parking'"),
        ("clocks.yaml", "setting: parking_days", "setting: saturday_is_werktag", "setting 'parking_days' is missing"),
        ("clocks.yaml", "- id: C01", "- id: X1", "id 'X1' is not C or S with two digits"),
        ("clocks.yaml", "label: MUST", "label: MAY", "unknown label 'MAY'"),
        ("clocks.yaml", 'regulated: ["NO"]', "regulated: [NO]", "holds False, which is no text; put it in quotes"),
        ("clocks.yaml", 'regulated: ["NO"]', 'regulated: ["PERHAPS"]', "unknown regulated 'PERHAPS'"),
        ("clocks.yaml", "procedure_law: [BQFG]", "procedure_law: [BGB]", "unknown procedure_law 'BGB'"),
        ("clocks.yaml", "start: [ApplicationReceived]", "start: [ApplicationLost]", "unknown start 'ApplicationLost'"),
        ("clocks.yaml", "start: [ApplicationReceived]", "start: []", "at least one event type that starts it"),
        ("clocks.yaml", "length: 1", "length: 0", "length must be at least 1"),
        ("clocks.yaml", "length: 1\n", "length: yes\n", "'length' is True; expected a number"),
        ("clocks.yaml", "unit: MONTHS", "unit: YEARS", "unknown unit 'YEARS'"),
        ("clocks.yaml", 'regulated: ["NO"]', 'regulated: ["YES"]', "two rows of RECEIPT apply to the same thing"),
        ("clocks.yaml", "  paragraph_en: BQFG section 6(2)\n", "", "field 'paragraph_en' is missing"),
        ("clocks.yaml", "source: project-rule", "source: law", "a service target has no source"),
        ("clocks.yaml", "from: 2012-04-01", "from: 2012-04-01\n  until: 2011-01-01", "before it begins"),
        ("clocks.yaml", "procedure_law: [BQFG]", "profession: [BQFG]", "unknown facet 'profession' in 'when'"),
        ("clocks.yaml", "procedure_law: [BQFG]", "procedure_law: BQFG", "needs a list of values for 'procedure_law'"),
        ("clocks.yaml", "period: RECEIPT", "period: SOMETIME", "unknown period 'SOMETIME'"),
        ("clocks.yaml", "  length: 1\n", "", "give either 'length' or 'length_setting'"),
        ("clocks.yaml", "length_setting: inquiry_answer", "length_setting: inquiry_asking", "is no setting that holds"),
        ("clocks.yaml", "alarms: [DUE]", "alarms: [LATE]", "unknown alarms 'LATE'"),
        ("clocks.yaml", "  until: 2024-12-31\n", "", "'announcement_days' has two values on the same day"),
        ("clocks.yaml", "  extendable: true\n  extension_months", "  extension_months", "is for a clock that"),
        ("clocks.yaml", "  note_en: For automatic", "  law_version: For automatic", "field given twice"),
        ("clocks.yaml", "roll_over: true", "roll_over: maybe", "'roll_over' is 'maybe'"),
        ("clocks.yaml", "  due_within_days: 7\n", "", "field 'due_within_days' is missing"),
        ("findings.yaml", "  severity: I\n", "  severity: X\n", "unknown severity 'X'"),
        ("findings.yaml", "code: FORK", "code: SPOON", "unknown code 'SPOON'"),
        ("findings.yaml", "code: FORK", "code: RULE", "code 'RULE' is listed twice"),
        ("findings.yaml", "code: FORK", "code: RULE", "code 'FORK' has no row"),
        ("visibility.yaml", "{role: OWNER", "{role: FRIEND", "unknown role 'FRIEND'"),
        ("visibility.yaml", "fields: [timeline, clocks,", "fields: [timeline, secrets,", "unknown fields 'secrets'"),
        ("visibility.yaml", "part: own", "part: outcome", "unknown part 'outcome'"),
        ("visibility.yaml", "purpose: PROGRESS", "purpose: GOSSIP", "unknown purpose 'GOSSIP'"),
        ("visibility.yaml", "  purpose: PROGRESS\n", "", "rests on a consent: name its purpose"),
        ("visibility.yaml", "kinds: [ZEFAS, WELCOME_CENTER]", "kinds: [EVERYBODY]", "unknown kinds 'EVERYBODY'"),
        ("visibility.yaml", "when: ALWAYS, from", "when: ACCEPTED, from", "makes no sense for the role 'OWNER'"),
        ("visibility.yaml", "- ApplicationReceived\n", "- Gossip\n", "unknown events 'Gossip'"),
    ],
)
def test_each_mistake_is_named_by_file_line_and_what_is_wrong(
    edit: Edit, name: str, old: str, new: str, mistake: str
) -> None:
    folder = edit(name, old, new)
    with pytest.raises(ConfigurationError) as caught:
        load_rules(folder)
    lines = [line for line in str(caught.value).splitlines() if mistake in line]
    assert lines, str(caught.value)
    file, number, _ = lines[0].split(":", 2)
    assert file == name
    assert 1 <= int(number) <= len((folder / name).read_text(encoding="utf-8").splitlines())
