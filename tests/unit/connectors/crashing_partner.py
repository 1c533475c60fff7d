"""A partner's program that takes events and is killed; run by `test_outbox_crash`."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from meilenstein_connectors.events import EntryReported
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport

if __name__ == "__main__":
    publisher = Publisher(
        agency="hwk-dresden",
        source_system="files",
        outbox=Path(sys.argv[1]),
        transport=MemoryTransport(MemoryBroker()),
        registry=MemoryRegistry(),
        check=None,
    )
    number = 0
    while True:
        number += 1
        event = EntryReported(case_reference=f"A-{number}", occurred_on=dt.date(2026, 3, 2))
        # Written after `add` returned: whoever reads this line may rely on the event.
        sys.stdout.write(publisher.add(event) + "\n")
        sys.stdout.flush()
