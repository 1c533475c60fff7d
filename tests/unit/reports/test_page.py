"""The page: readable for everybody, complete without a network, inert whatever partners send."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re

import pytest
from tests.unit.reports.html_check import check_headings, check_references, check_tables, read_page
from tests.unit.reports.samples import EVENT_ID, FRIDAY, MADE_AT, busy_report, fate, report, with_text

from meilenstein.reports.period import month_period, run_period
from meilenstein.reports.phrases import NOUNS, PHRASES
from meilenstein.reports.render import render, style_sheet
from meilenstein.reports.words import WORDS

LANGUAGES = ("de", "en")


def reports():
    empty = report(fates=[], versions=[])
    day = report(month_period(dt.date(2026, 3, 1), FRIDAY))
    run = report(run_period(1, FRIDAY, ("1",)), fates=[], starts={"1": MADE_AT})
    return {"busy": busy_report(), "calm": report(), "empty": empty, "month": day, "run": run}


PAGES = {
    f"{name}-{language}": render(model, language, other=f"other.{language}.html")
    for name, model in reports().items()
    for language in LANGUAGES
}
every_page = pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)


@every_page
def test_the_page_is_well_formed_and_every_id_stands_once(html):
    check_references(read_page(html))


@every_page
def test_headings_begin_with_one_h1_and_leave_out_no_level(html):
    check_headings(read_page(html))


@every_page
def test_every_heading_and_link_has_words(html):
    for element in read_page(html).all("h1", "h2", "h3", "h4", "a", "summary", "caption", "title"):
        assert element.text.strip(), element.tag


@every_page
def test_every_table_has_a_caption_and_scoped_headings(html):
    check_tables(read_page(html))


@every_page
def test_every_picture_has_words_and_its_bars_stay_inside(html):
    page = read_page(html)
    for picture in page.all("svg"):
        assert picture.attributes["role"] == "img"
        names = picture.attributes.get("aria-labelledby", "").split()
        texts = [element.text for element in page.elements if element.attributes.get("id") in names]
        assert picture.attributes.get("aria-label", "") or (len(texts) == 2 and all(texts))
        width, height = (float(number) for number in picture.attributes["viewbox"].split()[2:])
        for bar in picture.all("rect"):
            x, y, wide, high = (float(bar.attributes[name]) for name in ("x", "y", "width", "height"))
            assert 0 <= x <= width - wide
            assert y >= 0
            assert 0 < high <= height - y + 0.01


@every_page
def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(html):
    for element in read_page(html).elements:
        if "scroll" in element.attributes.get("class", "").split():
            assert element.attributes["tabindex"] == "0"
            assert element.attributes["role"] == "region"
            assert element.attributes["aria-labelledby"]


@every_page
def test_the_first_link_leads_past_the_head_to_the_content(html):
    page = read_page(html)
    first = page.all("a")[0]
    (main,) = page.all("main")
    assert first.attributes == {"class": "skip", "href": f"#{main.attributes['id']}"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_declared_and_the_other_one_is_linked(language):
    page = read_page(render(report(), language, other="day.xx.html"))
    other = next(code for code in LANGUAGES if code != language)
    assert page.all("html")[0].attributes["lang"] == language
    (link,) = [element for element in page.all("a") if element.attributes.get("href") == "day.xx.html"]
    assert link.attributes["lang"] == link.attributes["hreflang"] == other
    assert not read_page(render(report(), language)).all("nav"), "a page that stands alone points nowhere"


@every_page
def test_the_page_needs_nothing_else(html):
    assert re.findall(r"https?:|//[a-z]|\bsrc\s*=|srcset|url\(|@import|javascript:|<script|<iframe|<object", html) == []
    page = read_page(html)
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"], element.tag


@every_page
def test_the_policy_allows_this_style_and_nothing_else(html):
    page = read_page(html)
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    (policy,) = [meta.attributes["content"] for meta in page.all("meta") if "http-equiv" in meta.attributes]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


# What a text colour stands on, and how much it must differ: 4.5 for text, 3 for what only has to be seen.
TEXT = {
    ("ink", "paper"), ("ink", "card"), ("ink", "code"), ("muted", "paper"), ("muted", "card"), ("muted", "code"),
    ("accent", "paper"), ("accent", "card"), ("bad", "card"), ("bad", "bad-soft"), ("warn", "warn-soft"),
    ("good", "good-soft"), ("note", "note-soft"),
}  # fmt: skip
GRAPHICS = {
    ("bar-accepted", "card"), ("bar-duplicate", "card"), ("bar-quarantined", "card"), ("bar-waiting", "card"),
    ("edge", "card"), ("bad", "paper"), ("warn", "paper"), ("good", "paper"), ("note", "paper"),
}  # fmt: skip


def schemes():
    """Return the colours of each scheme by name: light, then what dark and print change in it."""
    css = style_sheet()
    roots = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    blocks = [dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", block)) for block in roots]
    light, dark, paper = blocks
    return {"light": light, "dark": {**light, **dark}, "print": {**light, **paper}}


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    bright, dim = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_colours_differ_enough_in_every_scheme(scheme):
    colours = schemes()[scheme]
    assert set(colours) == set(schemes()["light"])
    low = {pair: contrast(*(colours[name] for name in pair)) for pair in TEXT}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}
    seen = {pair: contrast(*(colours[name] for name in pair)) for pair in GRAPHICS}
    assert {pair: ratio for pair, ratio in seen.items() if ratio < 3} == {}


def test_every_colour_that_is_used_is_among_those_computed():
    rules = re.sub(r":root \{.*?\}", "", style_sheet(), flags=re.DOTALL)
    fronts = set(re.findall(r"(?<![-a-z])(?:color|fill): var\(--([a-z-]+)\)", rules))
    backs = set(re.findall(r"background(?:-color)?: var\(--([a-z-]+)\)", rules))
    assert fronts <= {front for front, _ in TEXT | GRAPHICS}
    assert backs - {name for name in backs if name.startswith("bar-")} <= {back for _, back in TEXT | GRAPHICS}
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl", rules), "colours stand in one place"


def test_the_style_serves_dark_screens_paper_and_forced_colours():
    for words in ("prefers-color-scheme: dark", "@media print", "forced-colors: active", ":focus-visible"):
        assert words in style_sheet()
    assert "outline: none" not in style_sheet()


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title></svg><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u2066 \x07\x1b[31m",
    "javascript:alert(1)",
    "' onmouseover='x",
]


def shape(html):
    """Return the page without its texts: every element with the names of its attributes."""
    return [(element.tag, sorted(element.attributes), element.ancestors) for element in read_page(html).elements]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_texts_are_shown_and_do_nothing(text, language):
    model = busy_report()
    tame = render(with_text(model, "harmless"), language)
    hostile = render(with_text(model, text), language)
    assert shape(hostile) == shape(tame)
    assert "<script" not in hostile
    assert "onerror=alert(1)>" not in hostile
    assert "49" not in re.findall(r"\{\{.*?\}\}|\b49\b", hostile)


def test_controls_and_marks_of_direction_stay_inside_their_text():
    html = render(with_text(busy_report(), "A\u202eB\x1bC"), "de")
    codes = read_page(html).all("bdi")
    assert codes
    assert {element.text for element in codes} == {"A\\u202eB\\u001bC"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_are_an_event_id_or_the_place_of_the_record(language):
    page = read_page(render(busy_report(), language))
    told = [element.text for element in page.all("bdi")]
    assert EVENT_ID in told
    assert "milestones.zefas-0@42" in told
    assert "milestones.zefas-0@41" not in told


def test_the_page_says_figures_and_days_in_the_manner_of_its_language():
    german, english = (
        read_page(render(report(fates=[fate(FRIDAY, "zefas", "ACCEPTED", 100_000)]), code)).root.text
        for code in LANGUAGES
    )
    assert "Freitag, 27.\u00a0März 2026" in german
    assert "100.000\u00a0Meldungen" in german
    assert "Friday, 27\u00a0March 2026" in english
    assert "100,000\u00a0records" in english


def test_the_same_rows_give_the_same_bytes():
    assert render(busy_report(), "de") == render(busy_report(), "de")


@pytest.mark.parametrize("table", [WORDS, PHRASES], ids=["words", "phrases"])
def test_both_languages_say_the_same_things(table):
    for name, (german, english) in table.items():
        places = [sorted(set(re.findall(r"\{(\w+)\}", text))) for text in (german, english)]
        assert places[0] == places[1], name
        assert german, name
        assert english, name


def test_every_word_is_used():
    texts = "".join(PAGES.values())
    for name, (german, _) in WORDS.items():
        found = german.split("{")[0] in texts or name.startswith(("usual_", "trend_", "weight_", "status_", "urgency_"))
        assert found or name in {"warning_title", "info_title"}, name
    assert all(len(forms) == 2 for pair in NOUNS.values() for forms in pair)
