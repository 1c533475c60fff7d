"""`meilenstein links`: which files are one case, where people decide it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Annotated

import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cases.events import FileKey
from meilenstein.cli.arguments import ActorOption, ReasonOption, check_decision, require_agency
from meilenstein.cli.output import JsonOption, counted, print_json, progress_line, show_table
from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.link_picture import LinkPicture
from meilenstein.stewardship.links import GUARDS, LinkDesk, LinkOutcome
from meilenstein.store.links import LinkRow
from meilenstein_schemas.visible import visible

__all__ = ["add_link_commands"]

links = typer.Typer(
    help="Which files are one case: list proposals and decisions, show two files, accept, refuse, split.",
    no_args_is_help=True,
)

Left = Annotated[str, typer.Argument(metavar="LEFT", help="A file, as AGENCY/REFERENCE, for instance zefas/Z-1.")]
Right = Annotated[str, typer.Argument(metavar="RIGHT", help="The other file, likewise.")]
Test = Annotated[bool, typer.Option("--test", help="Both are sandbox files.")]


def add_link_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(links, name="links")


@links.command("list")
def links_list(
    state: Annotated[str, typer.Option(help="PROPOSED, JOINED, KEPT_APART or ALL.")] = "PROPOSED",
    agency: Annotated[str | None, typer.Option(help="Agency of either file.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List links that wait for a decision, or the newest decision about each pair of files; newest first."""
    if state not in {"PROPOSED", "JOINED", "KEPT_APART", "ALL"}:
        raise ConfigurationError(f"--state {state!r}: use PROPOSED, JOINED, KEPT_APART or ALL")
    require_agency(agency)
    found: list[LinkRow] = []
    with open_hub() as hub:
        store = hub.links()
        if state in {"PROPOSED", "ALL"}:
            found.extend(store.proposed(agency=agency, limit=limit))
        if state != "PROPOSED":
            found.extend(store.decided(state=None if state == "ALL" else state, agency=agency, limit=limit))
    if as_json:
        print_json({"links": [{name: getattr(row, name) for name in LinkRow.__slots__} for row in found]})
        return
    show_table(
        counted(len(found), "link"),
        ("left", "right", "state", "by what, or by whom", "why", "since"),
        [
            (
                row.left,
                row.right,
                f"{row.state} (test)" if row.test else row.state,
                row.actor or (row.about or "").removeprefix("link:"),
                row.why,
                row.since or f"{row.decided_at:%Y-%m-%d}",
            )
            for row in found
        ],
    )


@links.command("show")
def links_show(left: Left, right: Right, test: Test = False, as_json: JsonOption = False) -> None:
    """Show two files side by side, and who would see what after a merge (or, if they are one case, a split)."""
    with open_hub() as hub:
        picture = hub.link_desk().show(*_pair(left, right, test))
    if as_json:
        print_json(picture.as_json())
        return
    _show_picture(picture)


def _show_picture(picture: LinkPicture) -> None:
    found = picture.found
    one, other = found.sides
    agree = set(picture.agree)
    own = [[str(name) for name in side.identifiers if str(name) not in agree] for side in found.sides]
    rows: list[tuple[object, ...]] = [
        ("milestones", one.milestones, other.milestones),
        ("first", one.first_on, other.first_on),
        ("last", one.last_on, other.last_on),
        ("districts", ", ".join(one.districts), ", ".join(other.districts)),
        *(("both mention", name, name) for name in picture.agree),
        *(("only one mentions", *names) for names in zip_longest(*own)),
    ]
    show_table("One case" if found.joined else "Two cases", ("", str(one.file), str(other.file)), rows)
    evidence = ", ".join(map(str, found.evidence)) or "nothing"
    typer.echo(f"speaks for the link: {visible(evidence)}")
    if picture.decided is not None:
        row = picture.decided
        when = f"{row.decided_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{row.content['verdict']} by {visible(row.actor)} at {when}: {visible(row.reason)}")
    if not found.joined and found.refusal is not None:
        typer.echo(f"cannot be one case: {GUARDS[found.refusal]}")
        return
    show_table(
        f"After a {'split' if found.joined else 'merge'}",
        ("recipient", "effect", "parts of the view"),
        [(one.recipient, one.effect, ", ".join(one.parts)) for one in picture.changes],
    )


@links.command("accept")
def links_accept(
    left: Left,
    right: Right,
    reason: ReasonOption,
    actor: ActorOption = None,
    test: Test = False,
    as_json: JsonOption = False,
) -> None:
    """Make two files one case; a second person must repeat the command."""
    _decide(LinkDesk.accept, (left, right, test), actor, reason, as_json)


@links.command("refuse")
def links_refuse(
    left: Left,
    right: Right,
    reason: ReasonOption,
    actor: ActorOption = None,
    test: Test = False,
    as_json: JsonOption = False,
) -> None:
    """Keep two files apart that are not one case; it is proposed again only if something new speaks for it."""
    _decide(LinkDesk.refuse, (left, right, test), actor, reason, as_json)


@links.command("split")
def links_split(
    left: Left,
    right: Right,
    reason: ReasonOption,
    actor: ActorOption = None,
    test: Test = False,
    as_json: JsonOption = False,
) -> None:
    """Keep two files apart that are one case now; a second person must repeat the command."""
    _decide(LinkDesk.split, (left, right, test), actor, reason, as_json)


def _decide(
    act: Callable[..., LinkOutcome], files: tuple[str, str, bool], actor: str | None, reason: str, as_json: bool
) -> None:
    who, why = check_decision(actor, reason)
    with open_hub() as hub:
        done = act(hub.link_desk(), *_pair(*files), actor=who, reason=why)
    progress_line(done.line)
    if as_json:
        print_json(done.as_json())


def _pair(left: str, right: str, test: bool) -> tuple[FileKey, FileKey]:
    return _file(left, test), _file(right, test)


def _file(text: str, test: bool) -> FileKey:
    agency, slash, reference = text.partition("/")
    if not agency or not slash or not reference:
        raise ConfigurationError(f"{text!r} names no file; write AGENCY/REFERENCE, for instance zefas/Z-1")
    require_agency(agency)
    return FileKey(agency, reference, test)
