"""Shared fixtures: one real Kafka, registry and PostgreSQL for the whole run, emptied before each test."""

from __future__ import annotations

import os

import pytest

for _name in [
    name
    for name in os.environ
    if name.startswith("MEILENSTEIN_")
    and name not in {"MEILENSTEIN_CACHE", "MEILENSTEIN_MAVEN_URL", "MEILENSTEIN_SAMPLE_LOG"}
]:
    del os.environ[_name]  # a developer's own instance must not leak into tests

pytest_plugins = ["tests.support.instance", "tests.support.commands"]


@pytest.fixture(scope="session", autouse=True)
def _no_user_home(tmp_path_factory):
    """Commands under test must name their home; the user's own is never touched."""
    os.environ["MEILENSTEIN_HOME"] = str(tmp_path_factory.mktemp("no-home"))
