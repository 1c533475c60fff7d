"""The files an instance needs beyond Python packages: a locked list, fetched once, checked before every use.

`artifacts.lock` names each file with its SHA-256. It was made by resolving `org.apache.kafka:kafka_2.13:<version>`
*alone* with `jgo.maven` (resolving several coordinates at once mixes their version tables and silently picks other
versions), adding `log4j-slf4j-impl` of the log4j version found there (slf4j is 1.7, so not the slf4j2 binding),
`kafka-tools` of Kafka's version (its console tools; what they need is there already) and the registry's archive, and
hashing what came. A new version means: make the list again, run the tests of this package.

The cache is shared by all instances of a user. A file appears in it only when complete and checked; processes that
fetch at the same time wait for each other; once everything is there, no network is used.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import Event

import requests

from meilenstein.embedded.progress import Progress
from meilenstein.errors import ConfigurationError, RetryableError

__all__ = ["Artifact", "ArtifactCache", "Fetch", "MavenFetch", "parse_lock", "read_lock"]

_LINE = re.compile(r"(?P<coordinate>\S+) (?P<sha256>[0-9a-f]{64}) (?P<size>[1-9][0-9]*)")
_ATTEMPTS = 3
_AT_ONCE = 4
_TIMEOUT_SECONDS = 30

Received = Callable[[int], None]
"""Told how many more bytes have come."""

Fetch = Callable[["Artifact", Path, Received], Path]
"""Fetches one file into a folder and returns its path; raises RetryableError when the source does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file of the lock."""

    group: str
    name: str
    version: str
    classifier: str = ""
    extension: str = "jar"
    sha256: str
    size: int
    """Bytes."""

    @property
    def path(self) -> Path:
        """Where the file lies below the cache: the layout of a Maven repository."""
        return Path(*self.group.split("."), self.name, self.version, self.file_name)

    @property
    def file_name(self) -> str:
        """The file's name."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.name}-{self.version}{classifier}.{self.extension}"


def parse_lock(text: str) -> tuple[Artifact, ...]:
    """Return the files a lock names, in its order; a line that is not understood is named."""
    return tuple(
        _parse(line.strip(), number)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.startswith("#")
    )


def read_lock() -> tuple[Artifact, ...]:
    """Return the files this version needs."""
    return parse_lock(files("meilenstein.embedded").joinpath("artifacts.lock").read_text(encoding="utf-8"))


def _parse(line: str, number: int) -> Artifact:
    match = _LINE.fullmatch(line)
    parts = match["coordinate"].split(":") if match else []
    if match is None or len(parts) not in (3, 5) or not all(parts):
        raise ConfigurationError(
            f"artifacts.lock, line {number}: expected `group:artifact:version[:classifier:extension] sha256 bytes`"
        )
    classifier, extension = parts[3:] or ("", "jar")
    return Artifact(
        group=parts[0],
        name=parts[1],
        version=parts[2],
        classifier=classifier,
        extension=extension,
        sha256=match["sha256"],
        size=int(match["size"]),
    )


class MavenFetch:
    """Fetches from the default Maven repository, or from a mirror of it."""

    def __init__(self, mirror: str | None = None) -> None:
        self._mirror = mirror

    def __call__(self, artifact: Artifact, folder: Path, received: Received) -> Path:
        """Fetch the file, trying again when the connection breaks."""
        fault: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                return self._fetch(artifact, Path(tempfile.mkdtemp(dir=folder)), received)
            except (requests.RequestException, OSError, RuntimeError) as error:
                fault = error
        source = self._mirror or "the Maven repository"
        raise RetryableError(
            f"{artifact.file_name} could not be fetched from {source} ({_first_line(fault)}): check the network, "
            "or set MEILENSTEIN_MAVEN_URL to a mirror you can reach"
        )

    def _fetch(self, artifact: Artifact, folder: Path, received: Received) -> Path:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - a third of a second, for downloads only

        @contextmanager
        def report(_name: str, _total: int) -> Iterator[Received]:
            yield received

        context = MavenContext(
            resolver=PythonResolver(progress_callback=report),
            repo_cache=folder,
            remote_repos={"central": self._mirror.rstrip("/")} if self._mirror else None,
            timeout=_TIMEOUT_SECONDS,
        )
        component = context.project(artifact.group, artifact.name).at_version(artifact.version)
        return Path(component.artifact(artifact.classifier, artifact.extension).resolve())


class ArtifactCache:
    """The files of the lock below one folder."""

    def __init__(
        self,
        folder: Path,
        *,
        progress: Progress,
        fetch: Fetch,
        cancelled: Event | None = None,
        lock: Sequence[Artifact] | None = None,
    ) -> None:
        self._folder = folder
        self._cancelled = cancelled or Event()
        self._progress = progress
        self._fetch = fetch
        self._lock = tuple(read_lock() if lock is None else lock)

    def ensure(self) -> None:
        """Have every file present and checked, and every archive unpacked; afterwards this works offline.

        A file whose hash is wrong is removed and refused with one line: it is never used.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._check(self._present())
            if self._missing() or any(not self._tree(archive).is_dir() for archive in self._archives()):
                with self._alone():
                    self._download(self._missing())
                    for archive in self._archives():
                        self._unpack(archive)
        except OSError as error:
            raise ConfigurationError(
                f"cache {self._folder}: {error.strerror or error}; free the disk or set MEILENSTEIN_CACHE"
            ) from None

    def class_path(self) -> str:
        """Return Kafka's class path; its order is the lock's."""
        return ":".join(str(self._path(artifact)) for artifact in self._lock if artifact.extension == "jar")

    def tree(self, name: str) -> Path:
        """Return the folder into which the archive of this name was unpacked."""
        return next(self._tree(archive) for archive in self._archives() if archive.name == name)

    def faults(self) -> list[str]:
        """Return what is missing or damaged, without changing anything."""
        missing = self._missing()
        faults = [f"{len(missing)} of {len(self._lock)} files are not fetched yet"] if missing else []
        return faults + [_wrong_hash(self._path(bad), bad, found) for bad, found in self._damaged(self._present())]

    def _path(self, artifact: Artifact) -> Path:
        return self._folder / "maven" / artifact.path

    def _tree(self, archive: Artifact) -> Path:
        """Return the archive's folder; its name carries the hash, so another archive never meets an old folder."""
        return self._folder / "unpacked" / f"{archive.name}-{archive.version}-{archive.sha256[:16]}"

    def _archives(self) -> list[Artifact]:
        return [artifact for artifact in self._lock if artifact.extension == "tar.gz"]

    def _present(self) -> list[Artifact]:
        return [artifact for artifact in self._lock if self._path(artifact).is_file()]

    def _missing(self) -> list[Artifact]:
        return [artifact for artifact in self._lock if not self._path(artifact).is_file()]

    def _damaged(self, artifacts: Iterable[Artifact]) -> list[tuple[Artifact, str]]:
        def check(artifact: Artifact) -> tuple[Artifact, str]:
            return artifact, _sha256(self._path(artifact))

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [(artifact, found) for artifact, found in pool.map(check, artifacts) if found != artifact.sha256]

    def _check(self, artifacts: Iterable[Artifact]) -> None:
        damaged = self._damaged(artifacts)
        for artifact, _ in damaged:
            self._path(artifact).unlink(missing_ok=True)
            shutil.rmtree(self._tree(artifact), ignore_errors=True)
        for artifact, found in damaged:
            raise ConfigurationError(
                f"{_wrong_hash(self._path(artifact), artifact, found)}; it was removed: "
                "run the command again to fetch it anew"
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the cache alone; another process that fetches is waited for."""
        with (self._folder / "lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def _download(self, artifacts: Sequence[Artifact]) -> None:
        total = sum(artifact.size for artifact in artifacts)

        def received(amount: int) -> None:
            if self._cancelled.is_set():
                raise RetryableError("the download was cancelled")
            self._progress.received("Downloading Kafka and the registry", amount, total)

        with (
            tempfile.TemporaryDirectory(prefix="fetch-", dir=self._folder) as scratch,
            ThreadPoolExecutor(_AT_ONCE) as pool,
        ):
            jobs = [pool.submit(self._obtain, artifact, Path(scratch), received) for artifact in artifacts]
            try:
                for job in jobs:
                    job.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _obtain(self, artifact: Artifact, scratch: Path, received: Received) -> None:
        fetched = self._fetch(artifact, scratch, received)
        found = _sha256(fetched)
        if found != artifact.sha256:
            raise ConfigurationError(
                f"{_wrong_hash(Path(artifact.file_name), artifact, found)}; the download was refused: "
                "check MEILENSTEIN_MAVEN_URL and any proxy on the way, then run the command again"
            )
        target = self._path(artifact)
        target.parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(target)

    def _unpack(self, archive: Artifact) -> None:
        tree = self._tree(archive)
        if tree.is_dir():
            return
        self._check([archive])
        tree.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="unpack-", dir=tree.parent) as scratch:
            fresh = Path(scratch) / "tree"
            with tarfile.open(self._path(archive)) as archived:
                archived.extractall(fresh, filter="data")
            fresh.replace(tree)  # the tree appears whole or not at all


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _wrong_hash(path: Path, artifact: Artifact, found: str) -> str:
    return f"{path} is not the locked file (expected SHA-256 {artifact.sha256}, found {found})"


def _first_line(error: Exception | None) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
