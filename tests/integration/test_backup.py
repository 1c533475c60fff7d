"""A restored database catches up from Kafka, and no recipient keeps what it may not see."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.raw_kafka import rows

from meilenstein.bootstrap import Hub
from meilenstein.embedded.postgres import binaries_folder
from meilenstein.errors import ConfigurationError, PermanentError, RetryableError
from meilenstein.operations.backup import Programs, back_up, restore
from meilenstein.simulate.example_case import example_case
from meilenstein.summary import STEPS
from meilenstein_connectors.inbox import Inbox

pytestmark = pytest.mark.stack

AGENCIES = ("zefas", "hwk-dresden", "abh-dresden", "wc-dresden")
PROGRAMS = Programs(binaries_folder())


def tell(hub, folder, steps):
    for step in steps:
        for sender, event_type, body in step.events:
            with hub.publisher(sender, "example", folder / f"{sender}.sqlite") as publisher:
                publisher.publish((event_type, body))
    run(hub)


def run(hub):
    for name in STEPS:
        hub.step(name)


def views(hub, folder, suffix):
    """Return what each agency sees by an inbox that is kept under `suffix`."""
    seen = {}
    for agency in AGENCIES:
        with Inbox(agency=agency, transport=hub.transport, state=folder / f"{agency}-{suffix}.sqlite") as inbox:
            inbox.refresh()
            seen[agency] = sorted(json.dumps(c.view) for c in inbox.current_cases() if c.state == "ACTIVE")
    return seen


def stored(endpoints):
    """Return what each agency may see by the database."""
    found = rows(endpoints, "select recipient, view from feed_key where state = 'ACTIVE'")
    return {agency: sorted(json.dumps(json.loads(view)) for who, view in found if who == agency) for agency in AGENCIES}


def test_what_came_after_the_backup_comes_back_and_every_inbox_ends_equal_to_the_store(endpoints, tmp_path):
    first, second = example_case(dt.date(2026, 3, 2)), example_case(dt.date(2026, 4, 7))
    with Hub(endpoints) as hub:
        tell(hub, tmp_path, first[:2])
        back_up(endpoints.owner_database_url, tmp_path / "backup", PROGRAMS)
        for step in first[2:6]:  # one by one: a version each, which the catching up will not need
            tell(hub, tmp_path, [step])
        tell(hub, tmp_path, second[:5])
        before = views(hub, tmp_path, "kept")
        fates = rows(endpoints, "select fate, count(*) from verdict group by 1 order by 1")
    restore(endpoints.owner_database_url, tmp_path / "backup", PROGRAMS)
    assert rows(endpoints, "select fate, count(*) from verdict group by 1 order by 1") != fates
    with Hub(endpoints) as hub:
        hub.prepare()
        report = hub.align_feeds()
        assert report.behind >= 1, "the desk was told more of the first case after the backup"
        assert report.forgotten >= 3, "the second case, and the first one's later recipients, are unknown to the backup"
        assert hub.align_feeds().behind == 0, "what was revoked is revoked once"
        run(hub)
        assert views(hub, tmp_path, "kept") == before
        assert views(hub, tmp_path, "fresh") == before
        assert rows(endpoints, "select fate, count(*) from verdict group by 1 order by 1") == fates
        tell(hub, tmp_path, first[6:])
        # The consent was withdrawn: told under a version that is known already, that would be passed over.
        assert views(hub, tmp_path, "kept") == views(hub, tmp_path, "fresh") == stored(endpoints)
        assert hub.rebuild(keep=False, progress=lambda *_: None).differing == ()


def test_a_restore_is_refused_while_a_step_is_connected_and_for_what_is_no_backup(endpoints, tmp_path):
    owner = endpoints.owner_database_url
    back_up(owner, tmp_path / "backup", PROGRAMS)
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    with pytest.raises(ConfigurationError, match="is there already"):
        back_up(owner, tmp_path / "backup", PROGRAMS)
    with pytest.raises(ConfigurationError, match="cannot write"):
        back_up(owner, tmp_path / "nowhere" / "backup", PROGRAMS)
    with Hub(endpoints) as hub:
        hub.drain()
        with pytest.raises(RetryableError, match="still connected: meilenstein drain"):
            restore(owner, tmp_path / "backup", PROGRAMS)
    with Hub(endpoints) as hub:  # the watch runs with every instance
        hub.connection("metrics").execute("select 1")
        hub.connection("alarms").rollback()
        hub.connection("metrics").rollback()
        restore(owner, tmp_path / "backup", PROGRAMS)
    (tmp_path / "text").write_text("no backup")
    with pytest.raises(ConfigurationError, match="no file that `meilenstein backup` wrote"):
        restore(owner, tmp_path / "text", PROGRAMS)
    (tmp_path / "text").write_bytes((tmp_path / "backup").read_bytes()[:1000])
    with pytest.raises(PermanentError, match="nothing was changed"):
        restore(owner, tmp_path / "text", PROGRAMS)
    with pytest.raises(ConfigurationError, match="is not installed"):
        back_up(owner, tmp_path / "other", Programs(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "text"]


def test_the_commands_write_and_read_a_backup_and_show_no_password(endpoints, stack_settings, tmp_path):
    def meilenstein(*arguments):
        environment = {**os.environ, "MEILENSTEIN_HOME": str(stack_settings.home)}
        command = [Path(sys.executable).with_name("meilenstein"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    done = meilenstein("backup", str(tmp_path / "b"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bytes"] == (tmp_path / "b").stat().st_size > 10_000
    done = meilenstein("restore", str(tmp_path / "b"), "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["forgotten"] == 0
    for arguments in (["restore"], ["restore", str(tmp_path / "c"), "--yes"], ["backup", str(tmp_path / "b")]):
        done = meilenstein(*arguments)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
