"""As whom PostgreSQL runs: it refuses to run as root, so root needs another user that can reach binaries and data.

An ordinary user simply runs it. For root there is a system user of its own. Where that user cannot pass through the
folders above (a home below /root, a private temporary folder), the one capability that lets it pass
(CAP_DAC_OVERRIDE) is left to it; nobody's folders are opened to everybody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from meilenstein.embedded.processes import Identity
from meilenstein.errors import ConfigurationError

__all__ = ["PostgresUser", "find_user"]

_NAME = "meilenstein"
_FALLBACK = "nobody"
_CAP_DAC_OVERRIDE = 1 << 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresUser:
    """How to run a PostgreSQL program."""

    identity: Identity | None = None
    """The user to become, or None to stay who we are."""
    prefix: tuple[str, ...] = ()
    """What to put before the program."""

    owner: Identity | None = None
    """Who owns the data, or None for who we are."""

    def give(self, path: Path) -> None:
        """Make the folder or file belong to the user."""
        if self.owner is not None:
            os.chown(path, self.owner.uid, self.owner.gid)


def find_user(*needed: Path) -> PostgresUser:
    """Return how this process can run PostgreSQL so that it can enter the folders and run the programs `needed`."""
    if os.geteuid() != 0:
        return PostgresUser()
    account = _account()
    owner = Identity(uid=account.pw_uid, gid=account.pw_gid)
    closed = [entry for path in needed for entry in _closed(path)]
    if not closed:
        return PostgresUser(identity=owner, owner=owner)
    setpriv = shutil.which("setpriv")
    if setpriv is None or not _may_override():
        raise ConfigurationError(
            f"PostgreSQL does not run as root, and {account.pw_name}, as whom it would run, cannot enter {closed[0]}: "
            "run meilenstein as an ordinary user, or set MEILENSTEIN_HOME to a folder that everybody may enter"
        )
    return PostgresUser(
        owner=owner,
        prefix=(
            setpriv,
            f"--reuid={owner.uid}",
            f"--regid={owner.gid}",
            "--clear-groups",
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=-all,+dac_override",
            # Else access(), by which initdb looks for its other programs, asks without the capability.
            "--securebits=+no_setuid_fixup",
            "--",
        ),
    )


def _account() -> pwd.struct_passwd:
    """Return the system user, adding it once; where users cannot be added, the one every system has."""
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        pass
    useradd = shutil.which("useradd")
    if useradd is not None:
        command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _NAME]
        subprocess.run(command, check=False, capture_output=True)
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        return pwd.getpwnam(_FALLBACK)


def _closed(path: Path) -> list[Path]:
    """Return what of `path` and the folders above it a stranger may not enter or run; what is missing is not closed."""
    place = path.resolve()
    entries = [entry for entry in (place, *place.parents) if entry.exists()]
    return [entry for entry in entries if not entry.stat().st_mode & stat.S_IXOTH]


def _may_override() -> bool:
    """Return whether this root still has the capability; a restricted container may have taken it away."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapPrm:"):
            return bool(int(line.split()[1], 16) & _CAP_DAC_OVERRIDE)
    return False
