"""`meilenstein competent`: who is competent for a district, by the registry; needs no server and no home."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from meilenstein.bootstrap import utc_now
from meilenstein.cases.calendar import berlin_date
from meilenstein.cli.arguments import near_words, parse_day
from meilenstein.cli.output import JsonOption, print_json, show_table
from meilenstein.errors import ConfigurationError
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.routing import (
    competent_bodies,
    fallback_for,
    foreigners_office_for,
    referral_target_for,
    welcome_center_for,
)
from meilenstein_schemas.visible import visible

__all__ = ["add_competent_command"]


def add_competent_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(competent)


def competent(
    district: Annotated[str, typer.Option(help="AGS of the district, for instance 14612.")],
    law: Annotated[str | None, typer.Option(help="Law of the procedure, for instance BQFG: shows bodies.")] = None,
    on: Annotated[str | None, typer.Option(help="Day that is asked about; default today in Berlin.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show who is competent for a district on a day: Welcome Center, foreigners' office, bodies of a law."""
    directory = load_directory()
    if district not in directory.districts:
        near = near_words(district, directory.districts)
        raise ConfigurationError(f"--district {visible(district)!r} is no district of Saxony; {near}")
    laws = {one for row in directory.competences for one in row.laws}
    if law is not None and law not in laws:
        raise ConfigurationError(f"--law {visible(law)!r}: no recognition body has it; {near_words(law, laws)}")
    day = berlin_date(utc_now()) if on is None else parse_day(on, "--on")
    found: dict[str, Any] = {
        "district": district,
        "on": day.isoformat(),
        "welcome_center": welcome_center_for(directory, district, day),
        "welcome_center_fallback": fallback_for(directory, "WELCOME_CENTER", district, day),
        "referral_target": referral_target_for(directory, district, day),
        "foreigners_office": foreigners_office_for(directory, district, day, "ResidenceTitleIssued"),
        "foreigners_office_fast_track": foreigners_office_for(directory, district, day, "FastTrackAgreementConcluded"),
        "recognition_bodies": competent_bodies(directory, law, day, district=district) if law else None,
    }
    if as_json:
        print_json(found)
        return
    keys = {name: value if isinstance(value, list) else [value] for name, value in found.items() if name not in _ASKED}
    rows = [
        [name.replace("_", " "), key or "-", directory.agencies[key].name_de if key else ""]
        for name, those in keys.items()
        for key in those
    ]
    show_table(f"{directory.districts[district].name_de}, {day}", ["who", "agency", "name"], rows)


_ASKED = frozenset({"district", "on"})
