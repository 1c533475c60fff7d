"""Commands by which people decide, ready to be typed but for the reason."""

from __future__ import annotations

import shlex

from meilenstein.store.proposals import Proposal

__all__ = ["confirm_command", "resume_command"]

_LINKS = {"link.accept": "accept", "link.split": "split"}


def resume_command(topic: str, partition: int) -> str:
    """Return the command by which a halted partition goes on; a reason must be added."""
    return f"meilenstein {shlex.join(_resume(topic, partition))}"


def confirm_command(proposal: Proposal) -> str | None:
    """Return the command by which a second person agrees; None where the proposal does not say enough to write it.

    Links are named by the references of their files, which only proposals of a list carry.
    """
    words = _words(proposal)
    return f"meilenstein {shlex.join(words)} --reason ..." if words is not None else None


def _words(proposal: Proposal) -> list[str] | None:
    number = proposal.about.rpartition(":")[2]
    if proposal.kind == "quarantine.release":
        return ["quarantine", "release", number]
    if proposal.kind == "bulk.start":
        return ["replay", "confirm", number]
    if proposal.kind in _LINKS and len(proposal.pair or ()) == 2:
        return ["links", _LINKS[proposal.kind], *(proposal.pair or ()), *(["--test"] if proposal.test else [])]
    content = proposal.content
    if proposal.kind == "cursor.resume" and content.get("topic"):
        at = ["--at", str(content["at"])] if content.get("at") is not None else []
        return [*_resume(str(content["topic"]), int(content.get("partition") or 0)), *at]
    return None


def _resume(topic: str, partition: int) -> list[str]:
    return ["cursor", "resume", topic, *(["--partition", str(partition)] if partition else [])]
