"""The steps, and what one run of a step did: counts for people and machines, never values of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["STEPS", "Summary"]

STEPS = ("drain", "validate", "reconcile", "feedback")
"""The four steps, in the order in which they always run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The outcome of one run of a step; true if the run moved anything on."""

    step: str
    seconds: float
    counts: Mapping[str, int] = field(default_factory=dict)
    waits: Mapping[str, int] = field(default_factory=dict)
    """What stays undone for a cause outside, such as a registry that does not answer; tried again by the next run."""
    halted: tuple[str, ...] = ()
    """Partitions that stand still until a person resumes them, as `topic-partition: reason`."""
    missing: tuple[str, ...] = ()
    """Topics that the directory names and the broker does not have."""

    def __bool__(self) -> bool:
        return any(self.counts.values())

    def __str__(self) -> str:
        done = ", ".join(f"{count:,} {name}" for name, count in self.counts.items() if count) or "nothing to do"
        left = "".join(f"; {count:,} {name}" for name, count in self.waits.items() if count)
        stopped = f"; halted: {'; '.join(self.halted)}" if self.halted else ""
        absent = f"; missing topics: {', '.join(self.missing)}" if self.missing else ""
        return f"{self.step}: {done} in {self.seconds:.2f} s{left}{stopped}{absent}"

    def as_json(self) -> dict[str, object]:
        """Return the summary as plain values."""
        return {
            "step": self.step,
            "seconds": round(self.seconds, 3),
            "counts": dict(self.counts),
            "waits": dict(self.waits),
            "halted": list(self.halted),
            "missing": list(self.missing),
        }
