"""A consumer that is closed complains of a look-up that its own closing cancelled; nobody needs to read that."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from meilenstein_connectors import kafka_transport


class Complaining:
    """A client whose closing logs an error, as kafka-python's does."""

    closed = False

    def close(self) -> None:
        logging.getLogger("kafka.cluster").error("Metadata refresh: failed %s", "Cancelled")
        self.closed = True


def test_closing_is_silent_and_the_logger_is_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    client: Any = Complaining()
    before = logging.getLogger("kafka.cluster").level
    kafka_transport._close(client)
    assert client.closed and caplog.records == []
    assert logging.getLogger("kafka.cluster").level == before
