"""`meilenstein audit`: who did, saw or tried what, and the proof that nobody changed it afterwards."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from meilenstein.audit import verifier
from meilenstein.audit.acts import ACTS
from meilenstein.audit.export import export_line, read_heads, write_lines
from meilenstein.bootstrap import Hub, open_hub
from meilenstein.cli.arguments import near_words
from meilenstein.cli.output import JsonOption, counted, print_json, progress_line, show_table
from meilenstein.errors import ConfigurationError
from meilenstein.store.database import retryable

__all__ = ["add_audit_commands"]

audit = typer.Typer(help="Who did, saw or tried what: list, export, verify.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")]


def add_audit_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(audit, name="audit")


@audit.command("list")
def audit_list(
    actor: Annotated[str | None, typer.Option(help="Only what this person did, saw or tried.")] = None,
    act: Annotated[str | None, typer.Option(help="Only this act, or group of acts: quarantine.release, link.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List entries of the trail, newest first."""
    if act is not None and act not in ACTS and act not in {one.partition(".")[0] for one in ACTS}:
        raise ConfigurationError(f"--act {act!r} is no act; {near_words(act, ACTS)}")
    with open_hub() as hub:
        entries = hub.audit().latest(actor=actor, act=act, limit=limit)
    if as_json:
        print_json({"entries": [{name: getattr(entry, name) for name in entry.__slots__} for entry in entries]})
        return
    show_table(
        counted(len(entries), "entry", "entries"),
        ("entry", "at (UTC)", "actor", "act", "about", "outcome", "reason"),
        [
            (row.seq, f"{row.at:%Y-%m-%d %H:%M:%S}", row.actor, row.act, row.subject, row.outcome, row.reason)
            for row in entries
        ],
    )


@audit.command("export")
def audit_export(file: FileArgument, as_json: JsonOption = False) -> None:
    """Write the whole trail to a file, one JSON object a line."""
    with open_hub() as hub:
        count = _export(hub, file)
    progress_line(f"{counted(count, 'entry', 'entries')} written to {file}")
    if as_json:
        print_json({"entries": count, "file": str(file)})


@audit.command("heads")
def audit_heads(file: FileArgument, as_json: JsonOption = False) -> None:
    """Write the published heads to a file, as the topic audit.heads holds them now."""
    with open_hub() as hub:
        count = write_lines(file, read_heads(hub.transport))
    progress_line(f"{counted(count, 'head')} written to {file}")
    if as_json:
        print_json({"heads": count, "file": str(file)})


@audit.command("verify")
def audit_verify(
    export: Annotated[Path | None, typer.Option(help="Exported trail; without it the present one is exported.")] = None,
    heads: Annotated[Path | None, typer.Option(help="Published heads, best from a copy kept elsewhere.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the trail against its published heads. Exit code 1 if an entry does not fit, 2 if nothing can be said."""
    if (export is None) != (heads is None):
        raise ConfigurationError("audit verify: name both --export and --heads, or neither")
    if export is not None and heads is not None:
        raise typer.Exit(_verify(export, heads, as_json))
    with tempfile.TemporaryDirectory(prefix="meilenstein-audit-") as name:
        export, heads = Path(name) / "export.jsonl", Path(name) / "heads.jsonl"
        with open_hub() as hub:
            # The heads first: an entry that is made in between has no head yet, and none seems to be missing.
            write_lines(heads, read_heads(hub.transport))
            _export(hub, export)
        code = _verify(export, heads, as_json)
    raise typer.Exit(code)


def _export(hub: Hub, file: Path) -> int:
    with retryable("audit export"):
        return write_lines(file, (export_line(row) for row in hub.audit().all()))


def _verify(export: Path, heads: Path, as_json: bool) -> int:
    """Run the verifier as outsiders do, in a process of its own that sees nothing of the project."""
    command = [sys.executable, "-I", verifier.__file__, *(["--json"] if as_json else []), "--", str(export), str(heads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode
