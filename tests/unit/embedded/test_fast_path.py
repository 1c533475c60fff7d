"""An installation without the extra `fast` works, and says so where an operator looks."""

from __future__ import annotations

import pytest

from meilenstein.embedded import doctor


def test_the_doctor_is_loud_where_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._fast_path().startswith("installed")
    monkeypatch.setattr(doctor, "has_fast_path", lambda: False)
    assert doctor._fast_path().startswith("NOT INSTALLED")
    assert "`fast`" in doctor._fast_path()
