"""The verifier: names the first entry that does not fit, and never cries wolf."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import pytest
from tests.support.audit_forgery import FORGERIES, hash_of, head_of, line_of, rechain

from meilenstein.audit import verifier

CHANCE = random.Random(20261121)


def chain(length: int) -> list[dict[str, object]]:
    """Return a faultless trail."""
    return rechain(
        [
            {
                "at": f"2026-11-21T12:00:{number % 60:02d}.000000Z",
                "actor": CHANCE.choice(["a.muster", "b.müller", "c"]),
                "act": CHANCE.choice(["quarantine.view", "link.accept"]),
                "object": f"item:{number}",
                "outcome": CHANCE.choice(["DONE", "PROPOSED", "REFUSED", "VIEWED"]),
                "reason": CHANCE.choice(["", "because", "ein Grund \u2028 mit Zeichen"]),
                "digest": CHANCE.choice([None, "0f" * 32]),
            }
            for number in range(length)
        ]
    )


def written(path: Path, lines: list[bytes]) -> str:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return str(path)


def verdict(folder: Path, lines: list[bytes], heads: list[bytes]) -> tuple[int, dict[str, object]]:
    return verifier._verdict(written(folder / "export", lines), written(folder / "heads", heads))


def first_difference(forged: list[bytes], true: list[bytes]) -> int:
    return next(n for n, pair in enumerate(zip_longest(forged, true), 1) if pair[0] != pair[1])


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forgery_is_found_at_the_first_entry_that_differs(tmp_path: Path, forge) -> None:
    for _ in range(20):
        entries = chain(CHANCE.randrange(2, 20))
        true = [line_of(entry) for entry in entries]
        forged = forge(entries, CHANCE)
        code, found = verdict(tmp_path, forged, [head_of(entry) for entry in entries])
        assert (code, found["entry"]) == (1, first_difference(forged, true)), found


@pytest.mark.parametrize("published", [1, 3, 7])
def test_a_true_trail_fits_however_much_of_it_is_published(tmp_path: Path, published: int) -> None:
    entries = chain(7)
    heads = [head_of(entry) for entry in entries[:published]]
    code, found = verdict(tmp_path, [line_of(entry) for entry in entries], [*heads, *heads])
    assert (code, found["ok"], found["entries"], found["published"]) == (0, True, 7, published)
    assert found["limit"] == verifier.LIMIT


def test_what_was_not_published_is_the_stated_limit(tmp_path: Path) -> None:
    entries = chain(7)
    heads = [head_of(entry) for entry in entries[:4]]
    changed = [*entries[:4], {**entries[4], "reason": "rewritten"}, *entries[5:]]
    assert verdict(tmp_path, [line_of(entry) for entry in rechain(changed, 4)], heads)[0] == 0
    assert verdict(tmp_path, [line_of(entry) for entry in entries[:4]], heads)[0] == 0
    assert verdict(tmp_path, [line_of(entry) for entry in entries[:3]], heads)[0] == 1


@pytest.mark.parametrize("name", ["seq", "prev_hash"])
def test_even_what_was_not_published_must_follow_each_other(tmp_path: Path, name: str) -> None:
    entries = chain(7)
    entries[6][name] = {"seq": 70, "prev_hash": "1" * 64}[name]
    entries[6]["hash"] = hash_of(entries[6])
    code, found = verdict(tmp_path, [line_of(entry) for entry in entries], [head_of(entry) for entry in entries[:4]])
    assert (code, found["entry"]) == (1, 7)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_the_last_head_alone_holds_the_whole_trail(tmp_path: Path, forge) -> None:
    for _ in range(20):
        entries = chain(CHANCE.randrange(2, 20))
        assert verdict(tmp_path, forge(entries, CHANCE), [head_of(entries[-1])])[0] == 1


def test_an_entry_has_one_form_of_its_bytes(tmp_path: Path) -> None:
    entries = chain(2)
    lines, heads = [line_of(entry) for entry in entries], [head_of(entry) for entry in entries]
    assert verdict(tmp_path, lines, heads)[0] == 0
    assert verdict(tmp_path, [lines[0], lines[1].replace(b",", b", ")], heads)[0] == 1


def test_two_published_hashes_of_one_entry_are_found(tmp_path: Path) -> None:
    entries = chain(3)
    heads = [*(head_of(entry) for entry in entries), head_of({**entries[1], "hash": "1" * 64})]
    code, found = verdict(tmp_path, [line_of(entry) for entry in entries], heads)
    assert (code, found["entry"]) == (1, 2)


def test_without_any_head_nothing_can_be_said(tmp_path: Path) -> None:
    code, found = verdict(tmp_path, [line_of(entry) for entry in chain(3)], [])
    assert code == 2
    assert "none was published" in found["said"]
    assert verdict(tmp_path, [], [])[0] == 0


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[1]", b'"x"', b"\xff", b"[" * 100_000, b'{"seq":true}', b'{"hash":"x","at":"x","seq":1.0}']
)
def test_a_line_that_is_nothing_is_found_in_the_export_and_makes_heads_unusable(tmp_path: Path, line: bytes) -> None:
    entries = chain(2)
    lines, heads = [line_of(entry) for entry in entries], [head_of(entry) for entry in entries]
    code, found = verdict(tmp_path, [lines[0], line], heads)
    assert (code, found["entry"]) == (1, 2)
    code, found = verdict(tmp_path, lines, [heads[0], line])
    assert code == 2
    assert "line 2 is no published head" in found["said"]


def test_the_program_runs_from_an_empty_folder_without_the_project(tmp_path: Path) -> None:
    program = shutil.copy(verifier.__file__, tmp_path / "verifier.py")
    entries = chain(5)
    export = written(tmp_path / "export.jsonl", [line_of(entry) for entry in entries])
    heads = written(tmp_path / "heads.jsonl", [head_of(entry) for entry in entries[:4]])

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # -S: not even site-packages, where the project is installed
        command = [sys.executable, "-I", "-S", str(program), *arguments]
        return subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)

    good = run(export, heads)
    assert (good.returncode, good.stderr) == (0, "")
    assert "5 entries fit; published up to entry 4" in good.stdout
    assert "Not proved" in good.stdout and "entries after entry 4: 1" in good.stdout
    written(tmp_path / "export.jsonl", [line_of(entry) for entry in entries[:3]])
    cut = run(export, heads, "--json")
    assert cut.returncode == 1
    assert json.loads(cut.stdout)["entry"] == 4
    absent = run(str(tmp_path / "none"), heads)
    assert absent.returncode == 2
    assert "cannot be read" in absent.stdout
    assert run().returncode == 2
