"""`meilenstein evaluate`: what the pipeline finds, measured against months whose truth is known."""

from __future__ import annotations

import re
import tempfile
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from meilenstein.cli.output import JsonOption, print_json, progress_line, show_table
from meilenstein.embedded import supervisor
from meilenstein.errors import ConfigurationError
from meilenstein.evaluation.evaluation import Evaluation
from meilenstein.settings import load_settings

__all__ = ["add_evaluate_command", "parse_seeds"]

_MOST_SEEDS = 1_000
_SPAN = re.compile(r"(?P<first>[0-9]{1,9})(-(?P<last>[0-9]{1,9}))?")


def add_evaluate_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(evaluate)


def parse_seeds(text: str) -> list[int]:
    """Return the seeds of `1-20`, `3` or `1,4-6`, each once; anything else raises ConfigurationError."""
    spans = [_SPAN.fullmatch(part.strip()) for part in text.split(",")]
    seeds = [range(int(span["first"]), int(span["last"] or span["first"]) + 1) if span else range(0) for span in spans]
    if not all(map(len, seeds)) or sum(map(len, seeds)) > _MOST_SEEDS:
        raise ConfigurationError(f"--seeds {text!r}: write 1-20, or 3, or 1,4-6; {_MOST_SEEDS:,} at most")
    return list(dict.fromkeys(chain(*seeds)))


def evaluate(
    seeds: Annotated[str, typer.Option(help="Which months: 1-20, or 3, or 1,4-6.")] = "1-20",
    cases: Annotated[int, typer.Option(min=1, max=100_000, help="Cases of each month.")] = 500,
    in_memory: Annotated[
        bool,
        typer.Option("--in-memory", help="Straight into the core, without any server: quicker, and less is shown."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run months with known truth through an instance of its own; compare findings, clocks, cases and fates."""
    with tempfile.TemporaryDirectory(prefix="meilenstein-evaluate-") as fresh:
        run = Evaluation(
            settings=load_settings(),
            seeds=parse_seeds(seeds),
            cases=cases,
            in_memory=in_memory,
            work=Path(fresh),
            say=progress_line,
        )
        with supervisor.stop_on_signals():
            score, figures = run.run()
    if as_json:
        print_json(figures)
    else:
        rows = [[code, row["expected"], row["precision"], row["recall"]] for code, row in figures["findings"].items()]
        show_table("Findings", ["code", "expected", "precision", "recall"], rows)
        clocks = [[clock, row["checked"], row["wrong"]] for clock, row in figures["clocks"].items()]
        show_table("Clocks", ["clock", "checked", "wrong"], clocks)
    if not score.perfect:
        raise typer.Exit(1)
