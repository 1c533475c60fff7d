"""The table of visibility on its page is the one that the hub obeys."""

from __future__ import annotations

from tests.docs.pages import page, section, table_rows

from meilenstein_schemas.rule_lint import ROLES
from meilenstein_schemas.rules import load_rules


def test_every_row_of_the_table_is_on_the_page_and_no_other():
    rows = [row for row in table_rows(section(page("explanation/visibility.md"), "Visibility")) if len(row) == 6]
    assert rows[0] == ["role", "kinds", "part", "fields", "when", "consent purpose"]
    expected = [
        [
            rule.role,
            ", ".join(kind for kind in ("ZEFAS", "WELCOME_CENTER", "FOREIGNERS_OFFICE") if kind in rule.kinds) or "all",
            rule.part,
            ", ".join(rule.fields),
            rule.when,
            rule.purpose or "-",
        ]
        for rule in load_rules().visibility
    ]
    assert [row for row in rows[1:] if not set(row[0]) <= {"-"}] == expected


def test_every_role_is_explained():
    rows = [row for row in table_rows(section(page("explanation/visibility.md"), "Visibility")) if len(row) == 2]
    explained = {name for row in rows for name in row[0].split(", ")}
    assert set(ROLES) <= explained


def test_the_milestones_of_progress_are_named():
    text = page("explanation/visibility.md").replace("\n", " ")
    for rule in load_rules().visibility:
        assert {event for event in rule.events if event not in text} == set()
