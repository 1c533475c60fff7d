"""Payloads that carry a token nothing else has, and the search for it wherever it must not turn up."""

from __future__ import annotations

import base64
import uuid
from pathlib import Path
from typing import Any

from tests.support.raw_kafka import Raw, entry, framed, schema_id_of

from meilenstein.settings import Endpoints

__all__ = ["TOKEN", "files_with_token", "found_in", "hostile_records", "traces"]

TOKEN = "KANARIENVOGEL"
"""Every payload holds it somewhere."""

TOPIC = "milestones.abh-dresden"


def traces() -> list[bytes]:
    """Return the token as it would look in a text, upper or lower, as hex, base64, or with every byte escaped."""
    plain = TOKEN.encode()
    forms = [
        plain,
        plain.lower(),
        plain.hex().encode(),
        plain.hex().upper().encode(),
        plain.decode().encode("utf-16-le"),
    ]
    # In base64 it depends on where the token begins; its inner part is the same each time.
    return [*forms, *(base64.b64encode(b"x" * shift + plain)[4:16] for shift in range(3))]


def found_in(content: bytes) -> bool:
    """Say whether the token is in there, in any form."""
    return any(trace in content for trace in traces())


def files_with_token(folder: Path) -> list[str]:
    """Return the files below the folder that hold the token."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and found_in(path.read_bytes())
    )


def hostile_records(endpoints: Endpoints) -> list[Raw]:
    """Return records that end in every fate, and trip over as many rules as possible, each with the token."""
    schema_id = schema_id_of(endpoints, "EntryReported")
    token = TOKEN.encode()

    def event(number: int, **fields: Any) -> bytes:
        return framed(schema_id, entry(number, salt=TOKEN, **fields))

    same = str(uuid.uuid4())
    values = [
        event(1),  # accepted
        event(1),  # a duplicate
        event(2, event_id=same),
        event(3, event_id=same),  # a conflict
        event(4, event_id=f"{TOKEN}-no-uuid"),
        event(5, publisher=TOKEN.lower()),
        event(6, district_ags=TOKEN),
        event(7, case_reference=f"{TOKEN}\n2026-01-01 ERROR {TOKEN}\x1b[31m"),
        event(8, case_reference=f"'; drop table journal; -- {TOKEN}"),
        event(9, case_reference=f"{{{{ {TOKEN} }}}} ${{{TOKEN}}} %s %({TOKEN})s"),
        event(10, source_system=TOKEN * 20),
        event(11, corrects=f"{TOKEN}-x", correction_reason="WRONG_FACT"),
        event(12, references=[{"agency": TOKEN, "kind": "CASE", "reference": TOKEN}]),
        event(13)[:-3],  # cut off
        event(14) + token,
        b"\x00\x7f\xff\xff\xff" + token,  # an unknown schema
        token,
        f'{{"case": "{TOKEN}"}}'.encode(),
        b"\x00" + schema_id.to_bytes(4, "big") + b"\xff" * 12 + token,
    ]
    plain = [Raw(topic=TOPIC, value=value) for value in values]
    odd = [
        Raw(topic=TOPIC, value=None, key=token),
        Raw(topic=TOPIC, value=event(15), key=token, headers=[(TOKEN, token), ("schema", token)]),
        Raw(topic="milestones.hwk-dresden", value=event(16)),  # somebody else's topic
    ]
    return [*plain, *odd]
