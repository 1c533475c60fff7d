"""The fixed words of the page, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["WORDS", "words_of"]

WORDS: Mapping[str, tuple[str, str]] = {
    "product": ("Meilenstein", "Meilenstein"),
    "report": ("Kennzahlen", "Figures"),
    "skip": ("Zum Inhalt springen", "Skip to content"),
    "languages": ("Sprache", "Language"),
    "applications": ("Anträge", "Applications"),
    "decisions": ("Erste Bescheide", "First decisions"),
    "pending": ("Offen", "Open"),
    "overdue": ("Frist vorbei", "Overdue"),
    "sent": ("Verweise", "Referrals"),
    "group": ("Gruppe", "Group"),
    "count": ("Anzahl", "Count"),
    "bar": ("Balken", "Bar"),
    "outcomes": ("Wie entschieden wurde", "How it was decided"),
    "outcomes_caption": (
        "Ergebnisklassen der amtlichen Statistik; die ersten Bescheide des Monats, beendete und offene Verfahren",
        "Outcome classes of the official statistics; first decisions of the month, ended and open procedures",
    ),
    "regions": ("Nach Kreis", "By district"),
    "regions_caption": (
        "Kreis des Wohnorts oder des beabsichtigten Wohnorts, mit dem ehemaligen Direktionsbezirk",
        "District of residence or intended residence, with the former Direktionsbezirk",
    ),
    "bodies": ("Nach Anerkennungsstelle", "By recognition body"),
    "bodies_caption": ("Stellen, bei denen etwas gezählt wurde", "Bodies where something was counted"),
    "groups": ("Nach Ausbildungsstaat und rechtlichem Weg", "By state of training and legal route"),
    "groups_caption": (
        "Leer, wo die Zahl des Landes klein ist; Anträge und Bescheide nach Ausbildungsstaat stehen bei den Merkmalen",
        "Empty where the figure of the Land is small; applications and decisions by state are among the variables",
    ),
    "groups_none": (
        "Die Zahlen des Landes sind dafür in diesem Monat zu klein.",
        "The figures of the Land are too small for that in this month.",
    ),
    "durations": ("Wie lange es dauerte", "How long it took"),
    "durations_caption": (
        "Tage vom Beginn bis zum Ende jeder Uhr, die im Monat endete; gehemmte Zeit zählt mit",
        "Days from start to stop of each clock that stopped in the month; suspended time counts",
    ),
    "durations_none": (
        "In diesem Monat zeigt keine Uhr Dauern: zu wenige Verfahren.",
        "No clock shows durations in this month: too few procedures.",
    ),
    "durations_all": ("Dieselben Zahlen nach Gruppen", "The same figures by group"),
    "clock": ("Uhr", "Clock"),
    "share": ("Fristgerecht", "Within the period"),
    "median": ("Median", "Median"),
    "quartiles": ("Mittlere Hälfte", "Middle half"),
    "span": ("Spanne", "Span"),
    "days_between": ("{low} bis {high} Tage, Median {median}", "{low} to {high} days, median {median}"),
    "referrals": ("Was aus Verweisen wurde", "What became of referrals"),
    "referrals_caption": (
        "Gesendet, beantwortet und zum Antrag geworden im Monat; unbeantwortet am Ende des Stichtags",
        "Sent, answered and led to an application in the month; unanswered at the end of the last day",
    ),
    "variables": ("Merkmale der Bundesstatistik", "Variables of the federal statistics"),
    "variables_caption": (
        "§ 17 Abs. 2 BQFG: was davon die Meilensteine enthalten",
        "BQFG § 17(2): which of them the milestones hold",
    ),
    "variables_counts": ("Anzahl je Merkmal", "Counts by variable"),
    "variables_counts_caption": (
        "Nur Werte, deren veröffentlichte Zahl nicht 0 ist",
        "Only values whose published number is not 0",
    ),
    "variable": ("Merkmal", "Variable"),
    "value": ("Wert", "Value"),
    "population": ("Grundgesamtheit", "Population"),
    "there": ("Vorhanden", "There"),
    "yes": ("ja", "yes"),
    "no": ("nein", "no"),
    "note": ("Wie oder warum nicht", "How, or why not"),
    "reading": ("Wie diese Zahlen zu lesen sind", "How to read these figures"),
    "rounding": (
        "Jede Zahl ist auf ein Vielfaches von 3 gerundet: 0 heißt 0 oder 1, 6 heißt 5, 6 oder 7.",
        "Every number is rounded to a multiple of 3: 0 means 0 or 1, 6 means 5, 6 or 7.",
    ),
    "totals": (
        "Summen sind für sich gerundet und ergeben sich meist nicht aus den Zahlen darunter.",
        "Totals are rounded on their own and mostly do not add up.",
    ),
    "minimum": (
        "Dauern stehen da, wo die Uhr mindestens {n}-mal endete und die anderen Zahlen für sich diese Größe zeigen.",
        "Durations are given where the clock stopped at least {n} times and the other numbers alone show that size.",
    ),
    "dash": (
        "Ein Strich heißt: nicht angegeben, weil die Zahl zusammen mit einer Summe zu viel verriete oder zu klein ist.",
        "A dash means: not given, because the number would tell too much beside a total, or is too small.",
    ),
    "late": (
        "Gezählt wird, was bis zum Stichtag geschah und bekannt ist; spätere Meldungen ergeben eine neue Fassung.",
        "What happened by the last day and is known is counted; what is reported later makes a new revision.",
    ),
    "overdue_note": (
        "„Frist vorbei“ heißt: kein Ende bekannt. Es heißt nicht, dass die Stelle säumig ist.",
        "“Overdue” means: no stop is known here. It does not mean that the body is late.",
    ),
    "made": (
        "Erstellt von Meilenstein {version}; keine Angaben zu einzelnen Fällen oder Personen.",
        "Made by Meilenstein {version}; nothing about single cases or persons.",
    ),
}  # fmt: skip


def words_of(code: str) -> Mapping[str, str]:
    """Return the words in German (`de`) or English (`en`)."""
    place = 0 if code == "de" else 1
    return {name: pair[place] for name, pair in WORDS.items()}
