"""The fixed words of the page, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["WORDS", "words_of"]

WORDS: Mapping[str, tuple[str, str]] = {
    "product": ("Meilenstein", "Meilenstein"),
    "report": ("Prüfbericht", "Validation report"),
    "skip": ("Zum Inhalt springen", "Skip to content"),
    "languages": ("Sprache", "Language"),
    # status
    "status_now": ("Sofort handeln", "Act now"),
    "status_today": ("Heute ansehen", "Look at it today"),
    "status_week": ("Diese Woche ansehen", "Look at it this week"),
    "status_good": ("Alles in Ordnung", "All is well"),
    "urgency_now": ("Sofort", "Now"),
    "urgency_today": ("Heute", "Today"),
    "urgency_week": ("Diese Woche", "This week"),
    # what to do
    "todo": ("Was jetzt zu tun ist", "What to do now"),
    "todo_none": ("Nichts. Keine Partition steht still, niemand schweigt, die Quarantäne ist leer.",
                  "Nothing. No partition stands still, nobody is silent, quarantine is empty."),
    "todo_note": ("Das Wichtigste zuerst; Stand bei Erstellung dieses Berichts.",
                  "The most important first; as things stood when this report was made."),
    "open_items": ("Offen in Quarantäne", "Open in quarantine"),
    "open_week": ("älter als 7 Tage", "older than 7 days"),
    "open_day": ("1 bis 7 Tage", "1 to 7 days"),
    "open_young": ("jünger als 1 Tag", "less than 1 day"),
    # what arrived
    "arrived_title": ("Was angekommen ist", "What arrived"),
    "arrived": ("Angekommen", "Arrived"),
    "accepted": ("Angenommen", "Accepted"),
    "duplicate": ("Doppelt", "Duplicate"),
    "quarantined": ("In Quarantäne", "Quarantined"),
    "waiting": ("Wartet", "Waiting"),
    "usual_day": ("sonst {n} je Tag", "usually {n} a day"),
    "usual_run": ("sonst {n} je Lauf", "usually {n} a run"),
    "usual_month": ("Vormonat {n}", "month before: {n}"),
    "agencies": ("Je Stelle", "By agency"),
    "agencies_caption": ("Meldungen je technischem Sender; stillstehende und schweigende zuerst",
                         "Records by technical sender; halted and silent ones first"),
    "agency": ("Stelle", "Agency"),
    "state": ("Zustand", "State"),
    "rate": ("Quote", "Rate"),
    "rate_long": ("angenommen von allem, was nicht doppelt war", "accepted of all that were no duplicates"),
    "last": ("Letzte Meldung", "Last record"),
    "course": ("Verlauf", "Course"),
    "state_halted": ("steht still", "halted"),
    "state_silent": ("schweigt", "silent"),
    "state_quiet": ("auffällig still", "unusually quiet"),
    "state_live": ("läuft", "live"),
    "total": ("Zusammen", "Total"),
    "idle": ("Nichts gesendet, aber im üblichen Rahmen", "Sent nothing, which is not unusual"),
    "never": ("Angeschlossen, aber bis dahin noch nie gemeldet", "Connected, but nothing ever sent by then"),
    "nothing_arrived": ("In diesem Zeitraum ist nichts angekommen.", "Nothing arrived in this period."),
    # reasons
    "reasons": ("Warum etwas in Quarantäne kam oder auffiel", "Why records were quarantined or stood out"),
    "reasons_none": ("Nichts kam in Quarantäne, keine Prüfregel schlug an.",
                     "Nothing was quarantined, no rule was broken."),
    "critical_title": ("In Quarantäne", "Quarantined"),
    "warning_title": ("Angenommen, aber mit Befund", "Accepted, but with a finding"),
    "info_title": ("Nur vermerkt", "Only noted"),
    "how": ("So wird es berichtigt:", "How to correct it:"),
    "concerns": ("Betroffen:", "Concerns:"),
    "examples": ("Beispiele:", "Examples:"),
    "item": ("Eintrag", "item"),
    "still_open": ("noch offen", "still open"),
    "expected": ("sonst etwa {n}", "usually about {n}"),
    "jumped": ("sprunghaft gestiegen", "jumped"),
    # findings
    "findings": ("Offene Befunde an angenommenen Fällen", "Open findings on accepted cases"),
    "findings_note": ("Stand bei Erstellung dieses Berichts.", "As things stood when this report was made."),
    "weight_critical": ("schwer", "critical"),
    "weight_warning": ("Warnung", "warning"),
    "weight_info": ("Hinweis", "note"),
    # trend
    "trend_day": ("Die letzten {n} Tage", "The last {n} days"),
    "trend_run": ("Die letzten {n} Läufe", "The last {n} runs"),
    "trend_month": ("Der Monat nach Tagen", "The month by day"),
    "trend_one_run": ("Dieser Lauf", "This run"),
    "trend_table": ("Dieselben Zahlen als Tabelle", "The same figures as a table"),
    "trend_caption": ("Meldungen im Verlauf", "Records over time"),
    "trend_run_caption": ("Meldungen je Lauf", "Records by run"),
    "at_most": ("höchstens", "at most"),
    "day": ("Tag", "Day"),
    "run": ("Lauf", "Run"),
    "this_one": ("dieser Bericht", "this report"),
    # base
    "base": ("Grundlage", "Basis"),
    "balance": ("Bilanz", "Balance"),
    "versions_caption": ("Prüfläufe nach Fassung von Regelwerk und Registerdaten",
                         "Validation runs by version of suite and registry data"),
    "suite": ("Regelwerk", "Suite"),
    "data": ("Registerdaten", "Registry data"),
    "runs": ("Läufe", "Runs"),
    "rules": ("Prüfregeln", "Rules"),
    "first_run": ("Erster Lauf", "First run"),
    "last_run": ("Letzter Lauf", "Last run"),
    "versions_none": ("In diesem Zeitraum lief keine Prüfung.", "No validation run in this period."),
    "privacy": (
        "Dieser Bericht enthält keine Angaben aus Fällen, nur Zähler, Regeln und Nummern von Ereignissen.",
        "This report holds no facts of cases, only counts, rules and ids of events.",
    ),
    "made": (
        "Erstellt von Meilenstein {version} am {at} (Berliner Zeit).",
        "Made by Meilenstein {version} on {at} (Berlin time).",
    ),
}  # fmt: skip


def words_of(code: str) -> Mapping[str, str]:
    """Return the words in German (`de`) or English (`en`)."""
    place = 0 if code == "de" else 1
    return {name: pair[place] for name, pair in WORDS.items()}
