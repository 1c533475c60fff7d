"""A case that cannot be written keeps no other from being folded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.raw_kafka import rows
from tests.support.story import Story

from meilenstein.bootstrap import Hub
from meilenstein.errors import PermanentError
from meilenstein.settings import Endpoints
from meilenstein.store.cases import CaseRow, CaseStore

pytestmark = pytest.mark.stack


def test_a_case_whose_row_the_database_refuses_stays_touched_and_all_others_are_folded(
    endpoints: Endpoints, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, write = Story(hub, tmp_path), CaseStore.write

    def refusing(self: CaseStore, found: Sequence[tuple[CaseRow, int | None]]) -> None:
        if any(3 in row.file_ids for row, _ in found):
            self._connection.execute("select cast('row (H-7)' as integer)")
        write(self, found)

    monkeypatch.setattr(CaseStore, "write", refusing)
    with pytest.raises(PermanentError, match="1 files could not be folded") as raised:
        story.publish(story.event("EntryReported", "abh-dresden", f"A-{number}", number) for number in range(5))
    assert "InvalidTextRepresentation" in str(raised.value) and "H-7" not in str(raised.value)
    folded = "select id, exists (select from case_member where file_id = id) from case_file order by id"
    assert rows(endpoints, folded) == [(number, number != 3) for number in range(1, 6)]
    monkeypatch.undo()
    story.run()
    assert rows(endpoints, folded) == [(number, True) for number in range(1, 6)]
