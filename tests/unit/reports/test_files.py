"""Sentences, JSON and files: the same content in every form, written for one reader only."""

from __future__ import annotations

import datetime as dt
import json
import stat

import pytest
from tests.unit.reports.html_check import read_page
from tests.unit.reports.samples import FRIDAY, busy_report, fate, now_rows, opened, report, seen

from meilenstein.errors import ConfigurationError
from meilenstein.reports.files import write_page, write_report
from meilenstein.reports.language import ENGLISH, GERMAN
from meilenstein.reports.model import Fates
from meilenstein.reports.period import day_period, month_period, parse_month
from meilenstein.reports.plain import as_json
from meilenstein.reports.sentences import action_sentence, headline, title


def said(model, language):
    return " ".join(headline(model, language)).replace("\u00a0", " ")


def test_the_headline_says_how_it_was_and_what_comes_first():
    assert said(busy_report(), GERMAN) == (
        "117 Meldungen von 2 Stellen angekommen; 89,3 % angenommen, 12 in Quarantäne, 2 ohne Urteil. "
        "Zuerst: Handwerkskammer zu Leipzig steht still; danach 8 weitere Punkte."
    )
    assert said(busy_report(), ENGLISH) == (
        "117 records from 2 agencies arrived; 89.3% accepted, 12 quarantined, 2 without a verdict. "
        "First: Chamber of Crafts Leipzig stands still; then 8 more points."
    )


@pytest.mark.parametrize(
    ("fates", "expected"),
    [
        ([("ACCEPTED", 1)], "1 Meldung von 1 Stelle angekommen; keine in Quarantäne. Es ist nichts zu tun."),
        ([("DUPLICATE", 3)], "3 Meldungen von 1 Stelle angekommen; alles davon war doppelt. Es ist nichts zu tun."),
        ([("PENDING", 3)], "3 Meldungen von 1 Stelle angekommen; das Urteil steht noch aus. Es ist nichts zu tun."),
        ([], "An diesem Tag ist nichts angekommen. Es ist nichts zu tun."),
    ],
)
def test_small_days_are_told_in_right_german(fates, expected):
    rows = [fate(FRIDAY, "zefas", name, n) for name, n in fates]
    assert said(report(fates=rows), GERMAN) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 3, 22), "Wochenende: nichts angekommen."),
        (dt.date(2025, 12, 25), "Feiertag (Erster Weihnachtstag): nichts angekommen."),
        (dt.date(2026, 3, 28), "Wochenende: nichts angekommen."),
    ],
)
def test_a_day_off_is_told_as_one(day, expected):
    assert headline(report(day_period(day), fates=[], now=now_rows(seen=[seen("zefas", day)])), GERMAN)[0] == expected


def test_a_share_that_is_not_all_is_never_rounded_to_all():
    assert GERMAN.percent(0.99999) == "99,9\u00a0%"
    assert ENGLISH.percent(1.0) == "100%"
    assert Fates(accepted=99_999, quarantined=1).share_accepted == pytest.approx(0.99999)


def test_a_month_has_its_name():
    model = report(month_period(parse_month("2026-03"), FRIDAY))
    assert (title(model, GERMAN), title(model, ENGLISH)) == ("März 2026", "March 2026")


def test_the_oldest_item_is_named_with_its_day_and_the_number_is_no_quantity():
    model = report(now=now_rows(open=[opened("zefas", 1200, days=9, item=1017, old=4)]))
    what, todo = action_sentence(model.actions[0], GERMAN)
    assert what.replace("\u00a0", " ").startswith("1.200 offene Einträge – ZEFAS")
    assert "4 älter als 7 Tage; ältester: Nr. 1017 vom 19.\u00a0März 2026." in todo


def test_the_json_says_what_the_page_says():
    model = busy_report()
    told = json.loads(json.dumps(as_json(model)))
    text = read_page_text(model)
    assert told["records"]["arrived"] == 117
    assert {part["agency"]: part["arrived"] for part in told["agencies"]} == {
        "hwk-leipzig": 0, "lasub": 0, "lds": 0, "zefas": 77, "hwk-dresden": 40,
    }  # fmt: skip
    for part in (*told["todo"], *told["reasons"], *told["findings"]):
        for words in (part.get("what"), part.get("text"), part.get("title")):
            assert words is None or words["de"] in text
    for sentence in headline(model, GERMAN):
        assert sentence in text
    assert told["urgency"] == "NOW"
    assert told["conserved"] is True


def read_page_text(model):
    from meilenstein.reports.render import render

    return read_page(render(model, "de")).root.text


def test_three_files_are_written_for_their_owner_only(tmp_path):
    folder = tmp_path / "home" / "reports"
    files = write_report(report(), folder)
    assert [path.name for path in files] == [
        "day-2026-03-27.de.html", "day-2026-03-27.en.html", "day-2026-03-27.json",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert 'href="day-2026-03-27.en.html"' in files[0].read_text("utf-8")


def test_a_report_replaces_the_earlier_one_as_a_whole(tmp_path):
    write_report(busy_report(), tmp_path)
    write_report(report(), tmp_path)
    assert json.loads((tmp_path / "day-2026-03-27.json").read_text("utf-8"))["urgency"] is None


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: write_report(report(), folder / "x"),
        lambda folder: write_page(report(), folder / "x" / "y.html", "de"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path, write):
    (tmp_path / "x").write_text("a file")
    with pytest.raises(ConfigurationError, match=r"^report: cannot write .*; choose another place by --out$"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("text", ["2026-13", "2026", "März 2026", "2026-03-01"])
def test_a_bad_month_is_one_clear_line(text):
    with pytest.raises(ConfigurationError, match="is no month; write YYYY-MM"):
        parse_month(text)
