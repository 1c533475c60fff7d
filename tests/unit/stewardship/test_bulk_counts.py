"""What a job tells of itself."""

from __future__ import annotations

from meilenstein.store.bulk import in_order


def test_counts_are_told_in_the_order_in_which_people_read_them() -> None:
    kept = {"decided": 2, "would_be_accepted": 1, "selected": 3, "refused": 0}
    assert list(in_order(kept)) == ["selected", "decided", "refused", "would_be_accepted"]
    assert in_order(kept) == kept
