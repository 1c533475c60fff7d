from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest

from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.home import Home
from meilenstein.embedded.lock import hold, read_holder
from meilenstein.embedded.supervisor import request_stop, wipe
from meilenstein.errors import ConfigurationError
from meilenstein.new_file import write_private
from meilenstein.settings import load_settings

HOLDER = """
import sys
from pathlib import Path
from meilenstein.embedded.home import Home
from meilenstein.embedded.lock import hold
with hold(Home(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.prepare()
    return home


@pytest.fixture
def holder(home):
    """Another process that holds the home."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_new_home_can_be_prepared_again(home):
    home.prepare()
    assert home.exists


def test_a_folder_with_other_contents_is_not_taken_as_home(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigurationError, match="MEILENSTEIN_HOME"):
        Home(tmp_path).prepare()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_home_of_another_format_is_refused(home):
    write_private(home.path / "meilenstein.json", json.dumps({"format": 99}))
    with pytest.raises(ConfigurationError, match=r"format 99.*down --wipe"):
        home.prepare()


def test_a_home_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="MEILENSTEIN_HOME"):
        Home(tmp_path / "file" / "home").prepare()


def test_a_second_holder_is_told_who_holds_the_home(home, holder):
    with pytest.raises(ConfigurationError) as refused, hold(home):
        pass
    assert f"process {holder.pid}" in str(refused.value)
    assert "meilenstein down" in str(refused.value)
    assert read_holder(home).pid == holder.pid


def test_a_holder_that_was_killed_no_longer_holds_the_home(home, holder):
    holder.kill()
    holder.wait()
    assert read_holder(home) is None
    with hold(home):
        assert read_holder(home).pid == os.getpid()
    assert read_holder(home) is None


def test_a_request_to_stop_ends_the_holder_and_waits_for_it(home, holder):
    assert request_stop(load_settings(home=home.path)) == []
    assert holder.wait(5) is not None
    assert read_holder(home) is None


def test_a_request_to_stop_without_an_instance_is_fine(tmp_path):
    assert request_stop(load_settings(home=tmp_path / "nothing")) == []


def test_wiping_removes_a_home_with_all_it_holds(home):
    (home.path / "kafka" / "data").mkdir(parents=True)
    wipe(load_settings(home=home.path))
    assert not home.path.exists()


def test_wiping_refuses_a_folder_that_is_not_a_home(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigurationError, match="nothing was removed"):
        wipe(load_settings(home=tmp_path))
    assert (tmp_path / "thesis.txt").exists()


def test_credentials_are_made_once_and_only_their_owner_may_read_them(home):
    first = Credentials.of(home)
    assert Credentials.of(home) == first
    assert stat.S_IMODE((home.path / "secrets.json").stat().st_mode) == 0o600
    assert first.airflow_admin not in repr(first)


def test_a_damaged_credentials_file_is_named(home):
    Credentials.of(home)
    (home.path / "secrets.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"secrets\.json"):
        Credentials.of(home)
