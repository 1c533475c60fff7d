"""Rhythms are data: the agency's row before its kind's before the default; mistakes are named by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.errors import ConfigurationError
from meilenstein_schemas.rhythms import lint_rhythms, load_rhythms, standard_rhythms

DEFAULT = "- {working_days: 20, origin: example}\n"


def rhythms(folder: Path, text: str) -> object:
    (folder / "rhythms.yaml").write_text(text, encoding="utf-8")
    return load_rhythms(load_directory(), folder)


def test_the_nearest_row_decides(tmp_path: Path) -> None:
    (tmp_path / "rhythms.yaml").write_text(
        DEFAULT + "- {kind: RECOGNITION_BODY, working_days: 40, origin: example}\n"
        "- {agency: hwk-dresden, working_days: 5, origin: agreed}\n"
    )
    found = load_rhythms(load_directory(), tmp_path)
    assert [found.of(key) for key in ("hwk-dresden", "lds", "zefas", "nobody")] == [5, 40, 20, 20]


def test_every_agency_that_comes_with_the_program_has_a_rhythm() -> None:
    found = standard_rhythms()
    assert all(1 <= found.of(key) <= 60 for key in load_directory().agencies)
    assert found.of("zefas") == found.default == 20


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "rhythms.yaml:1: one row must name neither agency nor kind"),
        (DEFAULT + DEFAULT, "rhythms.yaml:2: the default has two rows"),
        (DEFAULT + "- {agency: nobody, working_days: 3, origin: example}", "rhythms.yaml:2: agency 'nobody' is not"),
        (DEFAULT + "- {kind: NOBODY, working_days: 3, origin: example}", "rhythms.yaml:2: unknown kind 'NOBODY'"),
        (DEFAULT + "- {kind: ZEFAS, working_days: 0, origin: example}", "'working_days' is 0; expected 1 to 500"),
        (DEFAULT + "- {kind: ZEFAS, working_days: often, origin: example}", "expected a value of type int"),
        (DEFAULT + "- {kind: ZEFAS, agency: zefas, working_days: 3, origin: example}", "names an agency and a kind"),
        (DEFAULT + "- {kind: ZEFAS, origin: example}", "field 'working_days' is missing"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said.replace("(", r"\(")):
        rhythms(tmp_path, text)


def test_the_lint_of_all_tables_finds_the_mistakes_without_a_sound_directory(tmp_path: Path) -> None:
    assert lint_rhythms() == []
    (tmp_path / "agencies.yaml").write_text("- {key: zefas}\n")
    (tmp_path / "rhythms.yaml").write_text(DEFAULT + "- {agency: lds, working_days: 3, origin: example}\n")
    assert [str(problem) for problem in lint_rhythms(tmp_path)] == [
        "rhythms.yaml:2: agency 'lds' is not in the directory"
    ]
