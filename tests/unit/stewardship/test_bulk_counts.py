"""What a job tells of itself."""

from __future__ import annotations

from meilenstein.store.bulk import counts_line, in_order


def test_counts_are_told_in_the_order_in_which_people_read_them() -> None:
    kept = {"decided": 2, "would_be_accepted": 1, "selected": 3, "refused:NO_CASE": 1, "refused": 1}
    assert list(in_order(kept)) == ["selected", "decided", "refused", "would_be_accepted", "refused:NO_CASE"]
    assert in_order(kept) == kept
    assert counts_line(kept) == "3 selected, 2 decided, 1 refused, 1 would be accepted, 1 refused:NO_CASE"
