"""Event contracts: one Avro schema per event type and version, generated from the envelope and a short file per event.

`envelope.avsc` is the only source of the fields that all events share; `events/<Name>/event.json` holds what is the
event's own. The generated `events/<Name>/vN.avsc` is committed, so that what is registered can be read and reviewed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

__all__ = [
    "NAMESPACE",
    "Contract",
    "generate",
    "load_contracts",
    "load_envelope",
    "render",
    "similar_types",
    "wire_name",
]

NAMESPACE = "org.meilenstein.milestones.v1"
STATES = ("draft", "released")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One event type in one version, as it is registered."""

    name: str
    """PascalCase record name, without the namespace."""
    version: int
    state: str
    """`draft` (may change incompatibly) or `released` (frozen)."""
    label: Mapping[str, str]
    """Name for people, by language (`de`, `en`)."""
    schema: Mapping[str, Any]
    text: str
    """The schema exactly as it is registered."""
    own_fields: tuple[str, ...]
    """Names of the fields that the envelope does not have."""

    @property
    def full_name(self) -> str:
        """The Avro full name, which is also the registry subject (RecordNameStrategy)."""
        return f"{NAMESPACE}.{self.name}"


def wire_name(name: str) -> str:
    """Return the kebab-case form that CloudEvents headers carry: `ApplicationReceived` -> `application-received`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


def _root() -> Traversable:
    return files("meilenstein_schemas")


def load_envelope() -> dict[str, Any]:
    """Return the envelope as Avro record schema."""
    return _read(_root() / "envelope.avsc")


def _read(path: Traversable) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _event_folders() -> list[Traversable]:
    return sorted((entry for entry in (_root() / "events").iterdir() if entry.is_dir()), key=lambda entry: entry.name)


def render(envelope: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Return the text of the event's schema: the envelope's fields, then the event's own."""
    schema = {
        "type": "record",
        "name": event["name"],
        "namespace": NAMESPACE,
        "doc": event["doc"],
        "fields": [*envelope["fields"], *event["fields"]],
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def generate(folder: Path) -> list[Path]:
    """Write the current version of each event's schema below `folder` and return the files whose text changed."""
    envelope = _read(folder / "envelope.avsc")
    changed = []
    for source in sorted((folder / "events").glob("*/event.json")):
        event = _read(source)
        target = source.with_name(f"v{event['version']}.avsc")
        text = render(envelope, event)
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
            changed.append(target)
    return changed


@cache
def load_contracts() -> Mapping[str, Contract]:
    """Return the current contract of every event type, by name."""
    contracts = {}
    for folder in _event_folders():
        event = _read(folder / "event.json")
        text = (folder / f"v{event['version']}.avsc").read_text(encoding="utf-8")
        contracts[folder.name] = Contract(
            name=event["name"],
            version=event["version"],
            state=event["state"],
            label=event["label"],
            schema=json.loads(text),
            text=text,
            own_fields=tuple(field["name"] for field in event["fields"]),
        )
    return contracts


def similar_types(name: str) -> str:
    """Return what to say of a name that no event type has: those that look like it, else where all are listed."""
    near = get_close_matches(name, load_contracts(), n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"the {len(load_contracts())} types: reference/events.md"


if __name__ == "__main__":
    # Maintainers run this after editing the envelope or an event.json.
    for path in generate(Path(__file__).parent):
        print(path)  # noqa: T201
