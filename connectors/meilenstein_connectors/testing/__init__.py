"""For partners' tests: a broker and a registry in memory, and tests that any transport has to pass.

    broker = MemoryBroker(["milestones.my-agency", "replies.my-agency", "cases.my-agency"])
    with Publisher(..., transport=MemoryTransport(broker), registry=MemoryRegistry()) as publisher:
        publisher.publish(event)
    assert len(broker.records("milestones.my-agency")) == 1

The double keeps records, offsets and errors the way the real broker does; `TransportContract` runs against both.
"""

from __future__ import annotations

from meilenstein_connectors.testing.contract import TransportContract
from meilenstein_connectors.testing.memory import MemoryBroker, MemoryRegistry, MemoryTransport

__all__ = ["MemoryBroker", "MemoryRegistry", "MemoryTransport", "TransportContract"]
