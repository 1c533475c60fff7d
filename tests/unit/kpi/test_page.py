"""The page of monthly figures: readable for everybody, complete without a network, inert whatever names hold."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from tests.unit.kpi.samples import AFTER, DIRECTORY, RULES
from tests.unit.kpi.test_tables import made, random_figures, report
from tests.unit.reports.html_check import check_headings, check_references, check_tables, read_page

from meilenstein.kpi.bars import bar, span
from meilenstein.kpi.figures import Figures
from meilenstein.kpi.month import month_of
from meilenstein.kpi.page import render
from meilenstein.kpi.words import WORDS

LANGUAGES = ("de", "en")


def reports():
    lasting = Figures(month_of(AFTER.replace(day=1), AFTER), DIRECTORY, RULES)
    return {
        "busy": report(random_figures(1, cases=3000)),
        "small": report(random_figures(1, cases=20)),
        "empty": report(random_figures(1, cases=0)),
        "lasting": report(lasting),
    }


PAGES = {
    f"{name}-{language}": render(made_, language, other=f"other.{language}.html")
    for name, made_ in reports().items()
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
def test_every_table_has_a_caption_and_scoped_headings_and_rows_of_one_width(html):
    check_tables(read_page(html))


@every_page
def test_every_picture_has_words_and_its_bars_stay_inside(html):
    for picture in read_page(html).all("svg"):
        assert picture.attributes["role"] == "img"
        assert picture.attributes["aria-label"]
        width, height = (float(number) for number in picture.attributes["viewbox"].split()[2:])
        for one in picture.all("rect"):
            x, y, wide, high = (float(one.attributes[name]) for name in ("x", "y", "width", "height"))
            assert 0 <= x <= width - wide + 0.01
            assert wide > 0
            assert 0 <= y <= height - high
            assert one.attributes["class"] in {"bar-accepted", "bar-quarantined"}, "a colour whose contrast is tested"


@every_page
def test_what_scrolls_can_be_reached_by_keyboard_and_the_first_link_leads_to_the_content(html):
    page = read_page(html)
    for element in page.elements:
        if "scroll" in element.attributes.get("class", "").split():
            assert (element.attributes["tabindex"], element.attributes["role"]) == ("0", "region")
            assert element.attributes["aria-labelledby"]
    assert page.all("a")[0].attributes == {"class": "skip", "href": f"#{page.all('main')[0].attributes['id']}"}


@every_page
def test_the_page_needs_nothing_else_and_its_policy_allows_its_style_only(html):
    assert re.findall(r"https?:|//[a-z]|\bsrc\s*=|srcset|url\(|@import|javascript:|<script|<iframe|<object", html) == []
    page = read_page(html)
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"], element.tag
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    (policy,) = [meta.attributes["content"] for meta in page.all("meta") if "http-equiv" in meta.attributes]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@every_page
def test_every_whole_number_in_a_table_of_counts_is_a_multiple_of_three(html):
    """Durations are days of groups; everything else that stands in a cell of counts is protected."""
    counts = [table for table in read_page(html).all("table") if "Median" not in table.all("tr")[0].text]
    assert len(counts) >= 4
    for table in counts:
        for cell in table.all("td"):
            if "n" in cell.attributes.get("class", "").split() and cell.text != "–":
                assert int(re.sub(r"\D", "", cell.text)) % 3 == 0, table.text[:60]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_declared_and_the_other_one_is_linked(language):
    page = read_page(PAGES[f"busy-{language}"])
    assert page.all("html")[0].attributes["lang"] == language
    (link,) = [one for one in page.all("a") if one.attributes.get("href") == f"other.{language}.html"]
    assert link.attributes["lang"] == next(code for code in LANGUAGES if code != language)


def test_the_page_says_the_month_the_day_and_the_revision():
    german, english = (
        read_page(render(report(revision=2), code)).root.text.replace("\u00a0", " ") for code in LANGUAGES
    )
    assert "Kennzahlen Oktober 2026" in german
    assert "Stand der Tatsachen: 31. Oktober 2026; so bekannt am 20. November 2026, 09:00 Uhr. Fassung 2." in german
    assert "Figures for October 2026" in english
    assert "provisional" not in english
    assert "vorläufige Zahlen" in PAGES["lasting-de"]


HOSTILE = "</style></title></svg><script>alert(1)</script>{{ 7 * 7 }}"


def test_hostile_names_are_shown_and_do_nothing():
    tables = made(random_figures(1, cases=3000))
    hostile = {
        name: replace(table, rows=[{**row, "name_de": HOSTILE, "name_en": HOSTILE} for row in table.rows])
        for name, table in tables.items()
    }
    tame = read_page(render(report(tables=tables), "de"))
    page = read_page(render(report(tables=hostile), "de"))
    assert [(one.tag, sorted(one.attributes)) for one in page.elements] == [
        (one.tag, sorted(one.attributes)) for one in tame.elements
    ]
    assert HOSTILE in page.root.text


def test_both_languages_say_the_same_things_and_every_word_is_used():
    texts = "".join(PAGES.values())
    for name, (german, english) in WORDS.items():
        places = [sorted(set(re.findall(r"\{(\w+)\}", text))) for text in (german, english)]
        assert places[0] == places[1], name
        assert german.split("{")[0] in texts, name


def test_bars_are_seen_however_small_and_end_at_the_scale():
    assert bar(0, 9) == bar(None, 9) == bar(3, 0) == []
    assert [one.width for one in (*bar(3, 3000), *bar(9, 9), *bar(12, 9))] == [1.5, 100.0, 100.0]
    middle, mark = span(0, 0, 0, 0)
    assert (middle.width, mark.width) == (1.5, 1.5)
    assert span(30, 60, 90, 90)[0].x + span(30, 60, 90, 90)[0].width <= 100
