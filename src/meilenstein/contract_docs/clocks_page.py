"""The page of clocks, generated from the clock table: every row, and every switch of counting with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from meilenstein_schemas.directory_lint import DATA_FOLDER
from meilenstein_schemas.rules import ClockRule, RuleTable, load_rules
from meilenstein_schemas.tables import read_rows

__all__ = ["clocks_page", "condition", "length"]

_UNITS: Mapping[str, tuple[str, str]] = {
    "DAYS": ("day", "days"),
    "WEEKS": ("week", "weeks"),
    "MONTHS": ("month", "months"),
    "WERKTAGE": ("Werktag", "Werktage"),
}


def clocks_page() -> str:
    """Return the page without its first line."""
    rules = load_rules()
    return "\n".join([*_head(rules), *_table(rules), "", *_details(rules), *_settings()]) + "\n"


def length(rule: ClockRule) -> str:
    """Return the length of a period in words."""
    one, many = _UNITS[rule.unit]
    return f"{rule.length} {one if rule.length == 1 else many}"


def condition(rule: ClockRule) -> str:
    """Return what a row applies to."""
    when = [f"{name}: {', '.join(sorted(values))}" for name, values in rule.when.items()]
    unless = [f"not {name}: {', '.join(sorted(values))}" for name, values in rule.unless.items()]
    return "; ".join([*when, *unless]) or "every one"


def _head(rules: RuleTable) -> Iterator[str]:
    yield from (
        "# Clocks: the table",
        "",
        f"{len({rule.id for rule in rules.clocks})} clocks in {len(rules.clocks)} rows of",
        "`schemas/meilenstein_schemas/data/clocks.yaml`. How they are counted, what their states mean and what they",
        "do not say is explained on [another page](../explanation/clocks.md); `meilenstein deadline` counts them.",
        "A row applies to what started on its first day or later. The first event under *to* is the one that is waited",
        "for; the others end the waiting.",
        "",
    )


def _table(rules: RuleTable) -> Iterator[str]:
    yield "| clock | per | label | from | to | length | applies to | paragraph |"
    yield "|---|---|---|---|---|---|---|---|"
    for rule in rules.clocks:
        cells = (
            rule.id,
            rule.per.lower(),
            rule.label,
            " or ".join(rule.start),
            ", ".join(rule.stop) or "none",
            length(rule),
            condition(rule),
            rule.paragraph["de"] if rule.paragraph else "none: a service target, not a legal period",
        )
        yield f"| {' | '.join(cells)} |"


def _details(rules: RuleTable) -> Iterator[str]:
    yield from (
        "## Names and details",
        "",
        "*Moves*: an end on a Saturday, Sunday or holiday moves to the next working day. *Findings*: which of",
        "`CLOCK_DUE` and `CLOCK_OVER` it raises, and how many days before its end it is due. *Version*: the act, and",
        "since when the provision reads like this (that day is general knowledge). *Source*: `law` was read in the law",
        "as consolidated on 2026-08-19.",
        "",
        "| clock | Deutsch | English | moves | suspended | extended | findings | version | source |",
        "|---|---|---|---|---|---|---|---|---|",
    )
    for rule in rules.clocks:
        most = f", {rule.extension_months} month at most" if rule.extension_months else ""
        cells = (
            rule.id,
            rule.name["de"],
            rule.name["en"],
            "yes" if rule.roll_over else "no",
            "yes" if rule.pausable else "no",
            f"once{most}" if rule.extendable else "no",
            f"{', '.join(sorted(rule.alarms)) or 'none'} ({rule.due_within_days} days)",
            rule.law_version or "-",
            rule.source,
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _settings() -> Iterator[str]:
    yield from ("## Settings", "", "| setting | value | reason |", "|---|---|---|")
    for row in read_rows(DATA_FOLDER / "clocks.yaml"):
        values = row.values
        if "setting" in values:
            value = str(values["value"]).lower()
            span = "".join(f", {word} {values[name]}" for word, name in (("from", "from"), ("until", "until")) if
                           name in values)  # fmt: skip
            yield f"| `{values['setting']}` | {value}{span} | {values['reason']} |"
