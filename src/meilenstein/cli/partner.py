"""`meilenstein publish`, `import` and `simulate`: what partners do, done here against this instance."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from meilenstein.bootstrap import Hub, open_hub, utc_now
from meilenstein.cases.calendar import berlin_date
from meilenstein.cli.arguments import parse_day, require_agency
from meilenstein.cli.output import JsonOption, print_json, progress_line, stderr
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.settings import Settings, load_settings
from meilenstein.simulate.labels import export_simulation
from meilenstein.simulate.publishing import TransportRawSender, installations
from meilenstein.simulate.publishing import publish as publish_simulation
from meilenstein.simulate.simulation import Simulation
from meilenstein.simulate.simulation import simulate as run_simulation
from meilenstein_connectors.csv_import import ImportReport, import_csv
from meilenstein_connectors.csv_profile import load_profile
from meilenstein_connectors.errors import InvalidEvent, InvalidLine
from meilenstein_connectors.plain_json import read_lines
from meilenstein_connectors.preparation import content_id
from meilenstein_connectors.publisher import Publisher
from meilenstein_expectations import check
from meilenstein_schemas.agencies import load_directory

__all__ = ["add_partner_commands", "import_log", "outboxes", "publish_months"]


def add_partner_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(publish)
    app.command("import")(import_file)
    app.command()(simulate)


def outboxes(settings: Settings) -> Path:
    """Return the folder of the outboxes of this home, readable by its owner only: they hold references."""
    folder = settings.home / "partners"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def publish(
    file: Annotated[Path, typer.Argument(help="One event a line as plain JSON, with its `type`.")],
    agency: Annotated[str, typer.Option(help="Technical sender: its topic is written to.")],
    source_system: Annotated[str, typer.Option(help="Business application the events come from.")] = "publish",
    as_json: JsonOption = False,
) -> None:
    """Publish events from a file through the partner SDK, checked before they are sent."""
    settings = load_settings()
    with open_hub(settings) as hub:
        require_agency(agency)
        if not file.is_file():
            raise ConfigurationError(f"{file}: no such file")
        with hub.publisher(agency, source_system, outboxes(settings) / f"{agency}-{source_system}.sqlite") as publisher:
            event_ids = _take(publisher, file)
            report = publisher.send(timeout=60.0).require_all()
    progress_line(f"published {report.sent} of {len(event_ids)} events; the others were published before")
    if as_json:
        print_json({"events": len(event_ids), "sent": report.sent, "event_ids": event_ids})


def _take(publisher: Publisher, file: Path) -> list[str]:
    """Keep all events of a file in the outbox, or none; a mistake names file and line."""
    prepared = []
    number = 0
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, event_type, body in read_lines(lines):  # noqa: B007 - named in the error
                event_id = body.get("event_id") or content_id(event_type, body)
                prepared.append(publisher.prepare((event_type, body), event_id=event_id))
    except UnicodeDecodeError:
        raise PermanentError(f"{file}: not UTF-8 text; one event a line as JSON is expected") from None
    except InvalidLine as error:
        raise PermanentError(f"{file}: {error}") from None
    except InvalidEvent as error:
        raise PermanentError(f"{file}: line {number}: {error}") from None
    publisher.take(prepared)
    return [event.event_id for event in prepared]


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file.")],
    profile: Annotated[str, typer.Option(help="Reviewed profile: a path, or the name of a shipped one.")],
    as_json: JsonOption = False,
) -> None:
    """Import a CSV export through a reviewed profile; each row is published, skipped or refused with a reason."""
    settings = load_settings()
    with open_hub(settings) as hub:
        report = import_log(hub, settings, file, profile)
    refused = [{"line": line, "reason": reason} for line, reason in report.refused]
    if as_json:
        print_json(
            {
                "published": report.published,
                "unchanged": report.unchanged,
                "skipped": dict(report.skipped),
                "refused": refused,
            }
        )
    if refused:
        shown = "; ".join(f"line {row['line']}: {row['reason']}" for row in refused[:10])
        raise PermanentError(f"{file}: {len(refused)} rows refused: {shown}")


def import_log(hub: Hub, settings: Settings, file: Path, profile: str) -> ImportReport:
    """Import a file through a profile and say on stderr what became of its rows."""
    if not file.is_file():
        raise ConfigurationError(f"{file}: no such file")
    loaded = load_profile(profile)
    require_agency(loaded.agency)
    outbox = outboxes(settings) / f"{loaded.agency}-{loaded.name}.sqlite"
    with hub.publisher(loaded.agency, loaded.source_system, outbox) as publisher:
        report = import_csv(file, loaded, publisher)
    progress_line(
        f"import: {report.published:,} events published, {report.unchanged:,} known from before, "
        f"{sum(report.skipped.values()):,} rows skipped, {len(report.refused):,} refused"
    )
    return report


def simulate(
    seed: Annotated[int, typer.Option(help="Same seed, same events.")] = 1,
    cases: Annotated[int, typer.Option(min=1, max=1_000_000)] = 400,
    months: Annotated[int, typer.Option(min=1, max=120)] = 1,
    until: Annotated[str | None, typer.Option(help="Last day of which anything is known; default yesterday.")] = None,
    clean: Annotated[bool, typer.Option("--clean", help="Inject no defects.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write records, labels and truth below this folder.")] = None,
    publish_: Annotated[bool, typer.Option("--publish", help="Publish to this instance.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Simulate plausible months in Saxony, with labelled defects and known truth."""
    day = parse_day(until) if until else berlin_date(utc_now()) - dt.timedelta(days=1)
    if not out and not publish_:
        raise ConfigurationError("simulate: say --out FOLDER, --publish, or both")
    simulation = _simulation(seed=seed, cases=cases, months=months, until=day, clean=clean)
    summary: dict[str, Any] = dict(simulation.summary())
    if out:
        export_simulation(simulation, out)
        progress_line(f"{len(simulation.records):,} records written to {out}")
    if publish_:
        settings = load_settings()
        with open_hub(settings) as hub:
            summary["published"] = publish_months(hub, settings, simulation)
    if as_json:
        print_json(summary)


def _simulation(*, seed: int, cases: int, months: int, until: dt.date, clean: bool) -> Simulation:
    directory = load_directory()
    if clean:
        return run_simulation(seed=seed, cases=cases, months=months, until=until, directory=directory, defects=None)
    return run_simulation(seed=seed, cases=cases, months=months, until=until, directory=directory)


def publish_months(hub: Hub, settings: Settings, simulation: Simulation) -> int:
    """Publish a simulation with a progress bar; return how many records the broker confirmed."""
    folder = outboxes(settings) / f"simulation-{simulation.seed}-{simulation.until}"
    folder.mkdir(mode=0o700, exist_ok=True)
    raw = TransportRawSender(hub.transport)
    try:
        with Progress(console=stderr(), transient=True) as bar:
            task = bar.add_task("publishing", total=len(simulation.records))
            report = publish_simulation(
                simulation,
                publishers=installations(folder, transport=hub.transport, registry=hub.registry, check=check),
                raw=raw,
                registry=hub.registry,
                progress=lambda done, _total: bar.update(task, completed=done),
            )
    finally:
        raw.close()
    progress_line(f"published {report.published:,} records of {report.senders} senders")
    return report.published
