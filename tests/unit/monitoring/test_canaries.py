"""The search for payloads finds them in every form in which a log could hold them."""

from __future__ import annotations

import base64

import pytest
from tests.support.canaries import TOKEN, files_with_token, found_in


@pytest.mark.parametrize(
    "content",
    [
        f"Key (event_id)=({TOKEN}-1) already exists",
        TOKEN.lower(),
        f"a record {TOKEN} of".encode().hex(),
        *(base64.b64encode(b"y" * shift + TOKEN.encode() + b" and more").decode() for shift in range(5)),
    ],
)
def test_a_token_is_found(content, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.log").write_text(f"before {content} after")
    assert files_with_token(tmp_path) == ["deep/a.log"]


def test_utf_16_is_looked_at_and_other_text_is_not_taken_for_it():
    assert found_in(f"xx{TOKEN}".encode("utf-16"))
    assert not found_in(b"13 records, canaries none")
