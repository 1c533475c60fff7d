from __future__ import annotations

import gc
import hashlib
import io
import tarfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest

from meilenstein.embedded.artifacts import Artifact, ArtifactCache, MavenFetch, parse_lock, read_lock
from meilenstein.embedded.progress import SilentProgress
from meilenstein.errors import ConfigurationError, RetryableError


def archive_bytes() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        content = b"run me"
        entry = tarfile.TarInfo("bin/server.jar")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


CONTENT = {"first-1.jar": b"one", "second-2.jar": b"two", "server-3-all.tar.gz": archive_bytes()}


def artifact(name: str, version: str, content: bytes, *, archive: bool = False) -> Artifact:
    kind = {"classifier": "all", "extension": "tar.gz"} if archive else {}
    sha256 = hashlib.sha256(content).hexdigest()
    return Artifact(group="org.example", name=name, version=version, sha256=sha256, size=len(content), **kind)


LOCK = (
    artifact("first", "1", CONTENT["first-1.jar"]),
    artifact("second", "2", CONTENT["second-2.jar"]),
    artifact("server", "3", CONTENT["server-3-all.tar.gz"], archive=True),
)


class Source:
    """Stands in for the repository; counts what is fetched."""

    def __init__(self, content: dict[str, bytes] = CONTENT) -> None:
        self.content = content
        self.fetched: list[str] = []
        self._lock = Lock()

    def __call__(self, wanted: Artifact, folder: Path, received) -> Path:
        with self._lock:
            self.fetched.append(wanted.file_name)
        if wanted.file_name not in self.content:
            raise RetryableError(f"{wanted.file_name} could not be fetched")
        path = folder / wanted.file_name
        path.write_bytes(self.content[wanted.file_name])
        received(path.stat().st_size)
        return path


def cache_of(folder: Path, source: Source | None = None, lock=LOCK) -> ArtifactCache:
    return ArtifactCache(folder, progress=SilentProgress(), fetch=source or Source({}), lock=lock)


def test_the_lock_names_every_file_once_with_hash_and_size():
    lock = read_lock()
    assert len(lock) == 48
    assert len({item.path for item in lock}) == 48
    assert [item.file_name for item in lock if item.extension != "jar"] == ["apicurio-registry-app-3.3.3-all.tar.gz"]
    assert {item.version for item in lock if item.group == "org.apache.kafka"} == {"4.3.1"}
    assert all(item.size > 1000 for item in lock)


def test_a_lock_line_gives_group_artifact_version_classifier_and_extension():
    digest = "0" * 64
    plain, archive = parse_lock(f"# a note\n\norg.example:a:1.0 {digest} 5\norg.example:b:2:all:tar.gz {digest} 7\n")
    assert plain.path == Path("org/example/a/1.0/a-1.0.jar")
    assert archive.path == Path("org/example/b/2/b-2-all.tar.gz")
    assert (plain.size, archive.size) == (5, 7)


@pytest.mark.parametrize(
    "line",
    [
        "org.example:a:1.0",
        f"org.example:a {'0' * 64} 5",
        f"org.example:a:1.0:all {'0' * 64} 5",
        f"org.example:a:1.0 {'0' * 63} 5",
        f"org.example:a:1.0 {'0' * 64} 0",
        f"org.example::1.0 {'0' * 64} 5",
    ],
)
def test_a_lock_line_that_is_not_understood_is_named(line):
    with pytest.raises(ConfigurationError, match="line 2"):
        parse_lock(f"# head\n{line}\n")


def test_files_are_fetched_once_and_the_archive_is_unpacked(tmp_path):
    source = Source()
    cache = cache_of(tmp_path, source)
    cache.ensure()
    assert sorted(source.fetched) == sorted(CONTENT)
    assert (cache.tree("server") / "bin" / "server.jar").read_bytes() == b"run me"
    assert [Path(path).name for path in cache.class_path().split(":")] == ["first-1.jar", "second-2.jar"]
    assert cache.faults() == []


def test_a_filled_cache_works_without_network(tmp_path):
    cache_of(tmp_path, Source()).ensure()
    offline = Source({})
    cache_of(tmp_path, offline).ensure()
    assert offline.fetched == []


def test_a_download_with_a_wrong_hash_is_refused_and_not_kept(tmp_path):
    cache = cache_of(tmp_path, Source({**CONTENT, "second-2.jar": b"evil"}))
    with pytest.raises(ConfigurationError) as refused:
        cache.ensure()
    message = str(refused.value)
    assert "\n" not in message
    assert "second-2.jar" in message
    assert LOCK[1].sha256 in message
    assert hashlib.sha256(b"evil").hexdigest() in message
    assert not list(tmp_path.rglob("second-2.jar"))


def test_a_cached_file_with_a_wrong_hash_is_refused_removed_and_then_fetched_anew(tmp_path):
    cache_of(tmp_path, Source()).ensure()
    damaged = tmp_path / "maven" / LOCK[0].path
    damaged.write_bytes(b"evil")
    assert "first-1.jar" in cache_of(tmp_path).faults()[0]
    with pytest.raises(ConfigurationError, match=r"first-1\.jar is not the locked file .* was removed"):
        cache_of(tmp_path).ensure()
    assert not damaged.exists()
    source = Source()
    cache_of(tmp_path, source).ensure()
    assert source.fetched == ["first-1.jar"]


def test_an_archive_with_a_wrong_hash_takes_its_unpacked_tree_with_it(tmp_path):
    cache = cache_of(tmp_path, Source())
    cache.ensure()
    (tmp_path / "maven" / LOCK[2].path).write_bytes(b"evil")
    with pytest.raises(ConfigurationError, match=r"server-3-all\.tar\.gz"):
        cache.ensure()
    assert not cache.tree("server").exists()


def test_an_archive_that_reaches_outside_its_folder_is_refused(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    lock = (artifact("server", "3", buffer.getvalue(), archive=True),)
    with pytest.raises(tarfile.OutsideDestinationError):
        cache_of(tmp_path / "cache", Source({"server-3-all.tar.gz": buffer.getvalue()}), lock).ensure()
    assert not (tmp_path / "outside").exists()
    assert not list((tmp_path / "cache" / "unpacked").iterdir())


def test_processes_that_share_a_cache_fetch_each_file_once(tmp_path):
    source = Source()
    threads = [Thread(target=cache_of(tmp_path, source).ensure) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(source.fetched) == sorted(CONTENT)


def test_a_source_that_does_not_answer_is_worth_trying_again(tmp_path):
    with pytest.raises(RetryableError, match=r"first-1\.jar"):
        cache_of(tmp_path, Source({"second-2.jar": b"two"})).ensure()


def test_an_unreachable_mirror_is_one_line_that_names_the_setting(tmp_path):
    fetch = MavenFetch("http://127.0.0.1:9/maven")
    with pytest.raises(RetryableError) as failed:
        fetch(LOCK[0], tmp_path, lambda _: None)
    assert "MEILENSTEIN_MAVEN_URL" in str(failed.value)
    assert "\n" not in str(failed.value)


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="MEILENSTEIN_CACHE"):
        cache_of(tmp_path / "file" / "cache").ensure()


# jgo does not close the answer "not found"; collecting it here keeps the warning out of other tests.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_mirror_is_asked_for_the_file_by_its_repository_path(tmp_path):
    served = tmp_path / "mirror" / LOCK[0].path
    served.parent.mkdir(parents=True)
    served.write_bytes(CONTENT["first-1.jar"])
    received: list[int] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=tmp_path / "mirror")) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            (tmp_path / "scratch").mkdir()
            mirror = MavenFetch(f"http://127.0.0.1:{server.server_port}/")
            path = mirror(LOCK[0], tmp_path / "scratch", received.append)
            with pytest.raises(RetryableError, match=r"second-2\.jar could not be fetched from http://127\.0\.0\.1"):
                mirror(LOCK[1], tmp_path / "scratch", received.append)
        finally:
            server.shutdown()
            thread.join()
    gc.collect()
    assert path.read_bytes() == b"one"
    assert sum(received) == 3


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_args) -> None:
        """Keep the test's output clean."""
