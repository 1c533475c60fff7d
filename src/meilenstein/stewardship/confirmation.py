"""The command by which a second person agrees to a proposal, ready to be typed but for the reason."""

from __future__ import annotations

import shlex

from meilenstein.store.proposals import Proposal

__all__ = ["confirm_command"]

_LINKS = {"link.accept": "accept", "link.split": "split"}


def confirm_command(proposal: Proposal) -> str | None:
    """Return the command; None where the proposal does not say enough to write it.

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
    if proposal.kind == "cursor.resume" and proposal.content.get("topic"):
        return _resume(proposal)
    return None


def _resume(proposal: Proposal) -> list[str]:
    content = proposal.content
    partition = ["--partition", str(content["partition"])] if content.get("partition") else []
    at = ["--at", str(content["at"])] if content.get("at") is not None else []
    return ["cursor", "resume", str(content["topic"]), *partition, *at]
