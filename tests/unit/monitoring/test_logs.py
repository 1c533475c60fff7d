"""Log lines: one JSON object per line, and nothing in it that a partner could have written."""

from __future__ import annotations

import io
import json
import logging

import pytest

from meilenstein.monitoring.logs import configure_logging, log_fields


@pytest.fixture
def logged():
    root, ours = logging.getLogger(), logging.getLogger("meilenstein")
    before = root.handlers[:], root.level, ours.level
    stream = io.StringIO()
    yield stream
    root.handlers[:], root.level, ours.level = before
    root.manager._clear_cache()


def test_json_is_one_object_a_line_with_the_fields_of_the_call(logged):
    configure_logging("json", stream=logged)
    logging.getLogger("meilenstein.steps").info(
        "drain: 3", extra=log_fields({"step": "drain", "counts": {"records": 3}})
    )
    (line,) = logged.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "INFO",
        "logger": "meilenstein.steps",
        "message": "drain: 3",
        "step": "drain",
        "counts": {"records": 3},
    }


def test_a_text_with_line_ends_and_terminal_commands_stays_on_one_line(logged):
    configure_logging("json", stream=logged)
    logging.getLogger("meilenstein").warning("%s", 'a\n{"level": "forged"}\x1b[31m\u2028b')
    assert len(logged.getvalue().splitlines()) == 1
    assert "\x1b" not in logged.getvalue() and "\u2028" not in logged.getvalue()


def test_of_an_exception_only_its_class_is_told(logged):
    configure_logging("json", stream=logged)
    try:
        raise ValueError("Key (event_id)=(geheim) already exists")
    except ValueError:
        logging.getLogger("meilenstein").exception("failed")
    assert json.loads(logged.getvalue())["exception"] == "ValueError"
    assert "geheim" not in logged.getvalue()


def test_plain_shows_warnings_only_and_leaves_what_a_step_met_to_its_command(logged):
    configure_logging("plain", stream=logged)
    logging.getLogger("meilenstein.alarms").info("nothing new")
    logging.getLogger("meilenstein.alarms").warning("careful")
    logging.getLogger("meilenstein.steps").error("drain failed")
    assert logged.getvalue() == "WARNING careful\n"
