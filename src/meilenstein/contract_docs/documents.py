"""All contract documents by file name, and writing them: `meilenstein contracts document`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from meilenstein.contract_docs.asyncapi import asyncapi_text
from meilenstein.contract_docs.pages import Sources, event_page, index_page
from meilenstein.errors import ConfigurationError
from meilenstein_expectations import load_suites
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.contracts import load_contracts, wire_name
from meilenstein_schemas.labels import LANGUAGES, load_labels
from meilenstein_schemas.rules import load_rules

__all__ = ["documents", "write_documents"]


def documents() -> Mapping[str, str]:
    """Return the text of each document by its file name; the same data gives the same texts."""
    sources = Sources(labels=load_labels(), directory=load_directory(), rules=load_rules(), suites=load_suites())
    pages = {
        f"{wire_name(one.name)}.{language}.md": event_page(one, language, sources)
        for one in load_contracts().values()
        for language in LANGUAGES
    }
    return {"asyncapi.yaml": asyncapi_text(), "index.md": index_page(), **pages}


def write_documents(folder: Path) -> list[Path]:
    """Write the documents into the folder, which is made if it is missing; return those whose text changed.

    A folder that cannot be written to raises ConfigurationError.
    """
    changed = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in documents().items():
            path = folder / name
            if not path.is_file() or path.read_bytes() != text.encode():
                path.write_text(text, encoding="utf-8")
                changed.append(path)
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be written ({error.strerror}); name another folder") from None
    return changed
