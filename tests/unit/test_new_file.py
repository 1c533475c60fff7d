"""Files that commands write once."""

from __future__ import annotations

from pathlib import Path

import pytest

from meilenstein.audit.export import write_lines
from meilenstein.errors import ConfigurationError
from meilenstein.new_file import new_file


def test_a_new_file_is_for_its_owner_only_and_keeps_line_ends(tmp_path: Path) -> None:
    with new_file(tmp_path / "a") as out:
        out.write("ä\r\n")
    assert (tmp_path / "a").read_bytes() == "ä\r\n".encode()
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_a_file_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(ConfigurationError, match="is not overwritten"), new_file(tmp_path / "a"):
        raise AssertionError
    with pytest.raises(ConfigurationError, match="is not overwritten"):
        write_lines(tmp_path / "a", ["x"])
    assert (tmp_path / "a").read_text() == "mine"


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), ValueError("x"), KeyboardInterrupt()])
def test_what_is_not_whole_is_removed(tmp_path: Path, fault: BaseException) -> None:
    told = ConfigurationError if isinstance(fault, OSError) else type(fault)

    def write_half() -> None:
        with new_file(tmp_path / "a") as out:
            out.write("half")
            raise fault

    with pytest.raises(told) as raised:
        write_half()
    assert not (tmp_path / "a").exists()
    assert isinstance(fault, OSError) is ("No space left on device" in str(raised.value))


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_lines(tmp_path / "nowhere" / "a", ["x"])
