"""`meilenstein up`, `down`, `status`, `doctor`: one real instance on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from meilenstein.bootstrap import Hub, open_hub
from meilenstein.cli.agency_status import agency_status
from meilenstein.cli.output import JsonOption, print_json, progress_line, show_table
from meilenstein.embedded import supervisor
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.doctor import doctor as examine
from meilenstein.embedded.progress import RichProgress
from meilenstein.embedded.stack import home_of
from meilenstein.embedded.status import HEALTHY, ORPHANED, is_orphaned
from meilenstein.embedded.status import status as part_status
from meilenstein.errors import MeilensteinError, PermanentError
from meilenstein.monitoring.configuration import channels_of
from meilenstein.operations.balance import COUNTED, Balance
from meilenstein.settings import Endpoints, Settings, load_settings
from meilenstein.stewardship.confirmation import resume_command

__all__ = ["add_instance_commands", "prepare_instance", "where_to_look"]


def add_instance_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(up)
    app.command()(down)
    app.command()(status)
    app.command()(doctor)


def prepare_instance(endpoints: Endpoints) -> None:
    """Bring tables, contracts, topics and the first day into place before Airflow starts."""
    with Hub(endpoints) as hub:
        hub.prepare()


def where_to_look(settings: Settings, endpoints: Endpoints) -> list[str]:
    """Return the addresses and the login, one a line."""
    lines = [f"Kafka     {endpoints.bootstrap_servers}", f"Registry  {endpoints.registry_url}"]
    if endpoints.airflow_url:
        password = Credentials.read(home_of(settings)).airflow_admin
        lines.append(f"Airflow   {endpoints.airflow_url}  (login admin / {password})")
    if endpoints.watch_url:
        lines.append(f"Metrics   {endpoints.watch_url}/metrics")
    lines.append(f"Logs      {home_of(settings).logs}")
    return lines


def up(
    airflow: Annotated[bool, typer.Option(help="Start Airflow as well.")] = True,
    watch: Annotated[bool, typer.Option(help="Serve metrics and send alarms as well.")] = True,
    dags: Annotated[Path | None, typer.Option(help="Folder of the DAGs; default: dags/ of the checkout.")] = None,
) -> None:
    """Start Kafka, the registry, PostgreSQL, Airflow and the watch; stay until Ctrl-C, then end them all."""
    settings = load_settings()
    if watch:
        channels_of(settings)  # a half-made configuration of alarms is told now, not when the first alarm is due

    def started(endpoints: Endpoints) -> None:
        for line in where_to_look(settings, endpoints):
            progress_line(line)
        progress_line("Ctrl-C ends everything")

    supervisor.run(
        settings,
        airflow=airflow,
        watching=watch,
        dags_folder=dags,
        progress=RichProgress(),
        on_ready=prepare_instance,
        on_started=started,
    )


def down(
    wipe: Annotated[bool, typer.Option("--wipe", help="Delete the home with all its data as well.")] = False,
) -> None:
    """End the instance of this home, whoever started it."""
    settings = load_settings()
    if wipe:
        supervisor.wipe(settings)
        progress_line(f"ended and deleted {settings.home}")
        return
    survivors = supervisor.request_stop(settings)
    progress_line(f"ended; left over from a killed supervisor: {', '.join(survivors)}" if survivors else "ended")


def status(
    agency: Annotated[str | None, typer.Option(help="Show how things stand with this agency.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the parts, and where every record is; or with --agency, all about one agency.

    Exit code 1 if a part is not healthy, a partition stands still or a sum does not agree.
    """
    if agency is not None:
        agency_status(agency, as_json=as_json)
        return
    settings = load_settings()
    parts = part_status(settings)
    running = [part for part in parts if part.state == "running"]
    balance = _balance(settings) if running else None
    orphaned = is_orphaned(settings)
    ok = (
        bool(running)
        and not orphaned
        and all(part.health == HEALTHY for part in running)
        and not any(part.state == "dead" for part in parts)
        and balance is not None
        and balance.conserved
        and not balance.halted
    )
    if as_json:
        print_json(
            {
                "parts": [{name: getattr(part, name) for name in part.__slots__} for part in parts],
                **(balance.as_json() if balance else dict.fromkeys(COUNTED)),
                "supervised": bool(running) and not orphaned,
                "ok": ok,
            }
        )
    else:
        _show_parts(parts)
        if balance:
            show_balance(balance)
    if orphaned:
        raise PermanentError(f"status: {ORPHANED}")
    if not ok:
        raise PermanentError(
            "status: not everything is well; `meilenstein doctor` says what to do"
            if running
            else f"status: nothing runs in {settings.home}; start it with `meilenstein up`"
        )


def _balance(settings: Settings) -> Balance | None:
    try:
        with open_hub(settings) as hub:
            return hub.balance()
    except MeilensteinError:
        return None  # the parts' table already says which one does not answer


def _show_parts(parts: list[Any]) -> None:
    rows = [
        (part.name, part.state, part.health, part.port, part.pid, f"{part.rss // 2**20} MB" if part.rss else "")
        for part in parts
    ]
    show_table("Parts", ("part", "state", "health", "port", "pid", "memory"), rows)


def show_balance(balance: Balance) -> None:
    """Show the counts as tables."""
    fates = ", ".join(f"{count:,} {fate}" for fate, count in balance.fates.items())
    agree = "the sums agree" if balance.conserved else "THE SUMS DO NOT AGREE"
    typer.echo(f"\n{balance.records:,} records: {fates} ({agree})")
    typer.echo(f"{balance.cases:,} cases")
    for title, counts in (
        ("Quarantined because", balance.reasons),
        ("Findings", balance.findings),
        ("Clocks", balance.clocks),
    ):
        if counts:
            show_table(title, ("what", "count"), list(counts.items()))
    if balance.halted:
        show_table(
            "Halted",
            ("partition", "reason", "detail"),
            [(f"{p.topic}-{p.partition}", p.halted_reason, p.halted_detail) for p in balance.halted],
        )


def doctor(as_json: JsonOption = False) -> None:
    """Examine machine, cache, ports, parts and partitions; each failed check names the next step."""
    settings = load_settings()
    checks = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in examine(settings)]
    checks.extend(_partition_checks(_balance(settings)))
    if as_json:
        print_json({"checks": checks, "ok": all(check["ok"] for check in checks)})
    else:
        for check in checks:
            typer.echo(f"{'ok  ' if check['ok'] else 'FAIL'} {check['name']}: {check['detail']}")
    if not all(check["ok"] for check in checks):
        raise PermanentError("doctor: some checks failed")


def _partition_checks(balance: Balance | None) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{partition.topic}-{partition.partition}",
            "ok": False,
            "detail": (
                f"halted at {partition.next_offset}: {partition.halted_reason}: {partition.halted_detail}; "
                "clear up with the agency what happened to its log, "
                f"then `{resume_command(partition.topic, partition.partition)} --reason ...`"
            ),
        }
        for partition in (balance.halted if balance else ())
    ]
