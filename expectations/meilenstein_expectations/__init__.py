"""The data rules: one Great Expectations suite per event type, interpreted alike before sending and by the hub."""

from __future__ import annotations

from meilenstein_expectations.interpreter import Interpreter, check
from meilenstein_expectations.projection import columns, project
from meilenstein_expectations.suites import Rule, Suite, SuiteSet, load_suites
from meilenstein_expectations.violations import Violation

__all__ = ["Interpreter", "Rule", "Suite", "SuiteSet", "Violation", "check", "columns", "load_suites", "project"]
