"""`meilenstein contracts` and `meilenstein topics`: reviewed data into registry and broker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.output import JsonOption, print_json, progress_line, show_table
from meilenstein.contract_docs.documents import write_documents
from meilenstein.errors import ConfigurationError
from meilenstein.operations.contracts import lint_contracts
from meilenstein.operations.topics import plan_topics
from meilenstein_expectations import load_suites
from meilenstein_schemas.actors import lint_actors
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.codes import lint_codes
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_lint import lint_directory
from meilenstein_schemas.labels import lint_labels
from meilenstein_schemas.rhythms import lint_rhythms
from meilenstein_schemas.rules import lint_rules

__all__ = ["add_contract_commands"]

contracts = typer.Typer(help="Event contracts: lint them, register them.", no_args_is_help=True)
topics = typer.Typer(help="Topics: create what the reviewed data names.", no_args_is_help=True)


def add_contract_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(contracts, name="contracts")
    app.add_typer(topics, name="topics")


@contracts.command("lint")
def contracts_lint(as_json: JsonOption = False) -> None:
    """Check schemas, labels, code lists, registry data, rules, suites, topics; no server. Exit code 2 on a mistake."""
    tables = (*lint_labels(), *lint_directory(), *lint_actors(), *lint_rhythms(), *lint_rules(), *lint_codes())
    problems = [*lint_contracts(load_contracts().values()), *map(str, tables)]
    try:
        load_suites()
        plan_topics(["example"])
    except ConfigurationError as error:
        problems.extend(str(error).splitlines())
    if as_json:
        print_json({"problems": problems})
    if problems:
        raise ConfigurationError("\n".join(problems))
    progress_line(f"{len(load_contracts())} contracts, {len(load_directory().agencies)} agencies: no mistake found")


@contracts.command("list")
def contracts_list(as_json: JsonOption = False) -> None:
    """List the event types with version and state."""
    rows = [(c.name, c.version, c.state, c.label["de"], c.label["en"]) for c in load_contracts().values()]
    if as_json:
        print_json(
            {"contracts": [dict(zip(("name", "version", "state", "de", "en"), row, strict=True)) for row in rows]}
        )
        return
    show_table("Event types", ("name", "version", "state", "Deutsch", "English"), rows)


@contracts.command("apply")
def contracts_apply(as_json: JsonOption = False) -> None:
    """Register every contract in the registry and archive it; safe to repeat."""
    with open_hub() as hub:
        applied = hub.apply_contracts()
    if as_json:
        print_json({"contracts": [{name: getattr(one, name) for name in one.__slots__} for one in applied]})
    changed = sum(one.changed for one in applied)
    progress_line(f"contracts: {changed} registered, {len(applied) - changed} unchanged")


@contracts.command("document")
def contracts_document(
    out: Annotated[Path, typer.Option(help="Folder to write into; it is made if it is missing.")],
    as_json: JsonOption = False,
) -> None:
    """Write the AsyncAPI document and the pages of all event types, German and English; needs no server."""
    changed = write_documents(out)
    if as_json:
        print_json({"changed": [str(path) for path in changed]})
    progress_line(f"contracts: {len(changed)} files written to {out}, the others were current")


@topics.command("apply")
def topics_apply(as_json: JsonOption = False) -> None:
    """Create missing topics and set differing configs; safe to repeat."""
    with open_hub() as hub:
        report = hub.apply_topics()
    if as_json:
        print_json({"created": list(report.created), "altered": list(report.altered), "unchanged": report.unchanged})
    progress_line(f"topics: {len(report.created)} created, {len(report.altered)} altered, {report.unchanged} unchanged")
