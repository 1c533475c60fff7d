"""The sentences of a report as patterns in German and English, and the nouns that are counted in them."""

from __future__ import annotations

from collections.abc import Mapping

from meilenstein.reports.language import Language

__all__ = ["NOUNS", "PHRASES", "count", "say"]

PHRASES: Mapping[str, tuple[str, str]] = {
    # headline: how it was
    "came": ("{records} von {senders} angekommen; {became}.", "{records} from {senders} arrived; {became}."),
    "some_quarantined": (
        "{share} angenommen, {quarantined} in Quarantäne",
        "{share} accepted, {quarantined} quarantined",
    ),
    "none_quarantined": ("keine in Quarantäne", "none quarantined"),
    "all_duplicates": ("alles davon war doppelt", "all of it was duplicate"),
    "no_verdicts": ("das Urteil steht noch aus", "the verdict is still to come"),
    "some_wait": ("{n} ohne Urteil", "{n} without a verdict"),
    "no_run": ("Dieser Lauf gab kein Urteil ab.", "This run gave no verdict."),
    "no_month": ("In diesem Monat ist nichts angekommen.", "Nothing arrived in this month."),
    "no_day": ("An diesem Tag ist nichts angekommen.", "Nothing arrived on this day."),
    "no_day_yet": ("Heute ist bisher nichts angekommen.", "Nothing has arrived today so far."),
    "weekend": ("Wochenende: nichts angekommen.", "Weekend: nothing arrived."),
    "holiday": ("Feiertag ({name}): nichts angekommen.", "Public holiday ({name}): nothing arrived."),
    # headline: what comes first
    "nothing_to_do": ("Es ist nichts zu tun.", "There is nothing to do."),
    "first": ("Zuerst: {what}.", "First: {what}."),
    "first_of_several": ("Zuerst: {what}; danach {rest}.", "First: {what}; then {rest}."),
    # what to do: title and detail of each act
    "UNBALANCED": ("Die Bilanz der Instanz stimmt nicht", "The balance of the instance does not agree"),
    "UNBALANCED_todo": (
        "Eine Meldung fehlt oder zählt doppelt: Der Betrieb sieht das an, bevor jemand Einträge entscheidet.",
        "A record is missing or counted twice: operations look at it before anybody decides on items.",
    ),
    "HALTED": ("{agency} steht still", "{agency} stands still"),
    "HALTED_todo": (
        "{partition}: {reason}, seit {since}. Ursache klären, dann weiterlesen lassen; so lange kommt von dort nichts.",
        "{partition}: {reason}, since {since}. Find the cause, then let it go on; until then nothing arrives.",
    ),
    "WAITING": ("{batches} ohne Urteil", "{batches} without a verdict"),
    "WAITING_todo": (
        "Seit {since}. Meist antwortet die Registry nicht, oder die Prüfung läuft nicht.",
        "Since {since}. Most often the registry does not answer, or validation does not run.",
    ),
    "NOTHING_CAME": ("An einem Arbeitstag kam gar nichts an", "Nothing at all arrived on a working day"),
    "NOTHING_CAME_todo": (
        "Prüfen, ob Kafka und der Schritt drain laufen, bevor jemand die Stellen anruft.",
        "Check that Kafka and the step drain run before anybody calls the agencies.",
    ),
    "JUMP": ("{code} {n}-mal statt etwa {usual}-mal", "{code} {n} times instead of about {usual}"),
    "JUMP_todo": (
        "„{text}“ Am häufigsten: {agency} ({most}). Dort nachfragen, was sich geändert hat.",
        "“{text}” Most often: {agency} ({most}). Ask there what has changed.",
    ),
    "OPEN": ("{items} – {agency}", "{items} – {agency}"),
    "OPEN_todo": (
        "Ältester: Nr. {item} vom {since}. Häufigster Grund: „{text}“ Berichtigen, freigeben oder zurückweisen.",
        "Oldest: no. {item} of {since}. Most frequent reason: “{text}” Correct, release or reject.",
    ),
    "OPEN_old_todo": (
        "{old} älter als 7 Tage; ältester: Nr. {item} vom {since}. Häufigster Grund: „{text}“ Jetzt entscheiden.",
        "{old} older than 7 days; oldest: no. {item} of {since}. Most frequent reason: “{text}” Decide now.",
    ),
    "OPEN_REST": ("{items} von {others}", "{items} of {others}"),
    "OPEN_REST_todo": ("{names}.", "{names}."),
    "PROPOSALS": ("{waiting} auf eine zweite Person", "{waiting} for a second person"),
    "PROPOSALS_todo": (
        "Ältester Vorschlag: {since}. Wer ihn nicht selbst gemacht hat, prüft ihn und bestätigt oder nimmt ihn zurück.",
        "Oldest proposal: {since}. Whoever did not propose it checks it, then confirms or withdraws it.",
    ),
    "LINKS": ("{links}", "{links}"),
    "LINKS_todo": (
        "Akten gegenüberstellen; verbinden (zwei Personen) oder ablehnen.",
        "Put the files side by side; join them (two people) or refuse.",
    ),
    "FINDINGS": ("{findings}", "{findings}"),
    "FINDINGS_todo": (
        "Am häufigsten: „{text}“. Ansehen und entscheiden; was die Ursache verliert, verschwindet von selbst.",
        "Most often: “{text}”. Look at them and decide; what loses its cause goes away by itself.",
    ),
    "SILENT": ("{agencies}", "{agencies}"),
    "SILENT_todo": (
        "{names}. Anrufen, ob die Anbindung läuft; bis dahin sagt Schweigen nichts über Fristen dort.",
        "{names}. Call to ask whether the connection works; until then silence proves nothing about periods there.",
    ),
    "QUIET": ("{agencies}", "{agencies}"),
    "QUIET_todo": ("{names}. Nachfragen, falls das nicht erklärlich ist.", "{names}. Ask, unless it is explained."),
    "silent_for": ("{name} (seit {days})", "{name} (for {days})"),
    "quarantined_only": ("{name} (sendet, aber nichts wird angenommen)", "{name} (sends, but nothing is accepted)"),
    "some_more": ("{n} weitere", "{n} more"),
    "idle": ("{name} (zuletzt {day})", "{name} (last on {day})"),
    "named": ("{name} ({n})", "{name} ({n})"),
    # basis
    "balance": (
        (
            "{arrived} angekommen = {accepted} angenommen + {duplicate} doppelt "
            "+ {quarantined} in Quarantäne + {waiting} wartet."
        ),
        (
            "{arrived} arrived = {accepted} accepted + {duplicate} duplicate "
            "+ {quarantined} quarantined + {waiting} waiting."
        ),
    ),
    "conserved": (
        "Die Bilanz der ganzen Instanz ({partitions}) stimmt: Keine Meldung fehlt, keine zählt doppelt.",
        "The balance of the whole instance ({partitions}) agrees: no record is missing, none is counted twice.",
    ),
    "not_conserved": (
        "Die Bilanz der ganzen Instanz ({partitions}) stimmt nicht.",
        "The balance of the whole instance ({partitions}) does not agree.",
    ),
    # pictures in words
    "trend": (
        (
            "Höchstens {most} angekommen ({where}), zuletzt {last}; "
            "zusammen {quarantined} in Quarantäne, zuletzt {last_quarantined}."
        ),
        (
            "At most {most} arrived ({where}), {last} in the end; "
            "{quarantined} quarantined in all, {last_quarantined} in the end."
        ),
    ),
    "course": ("höchstens {most}, zuletzt {last}", "at most {most}, {last} in the end"),
    "run": ("Lauf {n}", "run {n}"),
}

NOUNS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "record": (("Meldung", "Meldungen"), ("record", "records")),
    "agency": (("Stelle", "Stellen"), ("agency", "agencies")),
    "silent": (("Stelle schweigt", "Stellen schweigen"), ("agency is silent", "agencies are silent")),
    "quiet": (
        ("Stelle ist auffällig still", "Stellen sind auffällig still"),
        ("agency is unusually quiet", "agencies are unusually quiet"),
    ),
    "other": (("weiteren Stelle", "weiteren Stellen"), ("more agency", "more agencies")),
    "item": (("offener Eintrag", "offene Einträge"), ("open item", "open items")),
    "waiting": (("Vorschlag wartet", "Vorschläge warten"), ("proposal waits", "proposals wait")),
    "link": (("vorgeschlagene Verknüpfung", "vorgeschlagene Verknüpfungen"), ("proposed link", "proposed links")),
    "finding": (("offener Befund", "offene Befunde"), ("open finding", "open findings")),
    "batch": (("Stapel", "Stapel"), ("batch", "batches")),
    "point": (("weiterer Punkt", "weitere Punkte"), ("more point", "more points")),
    "day": (("Tag", "Tagen"), ("day", "days")),
    "partition": (("Partition", "Partitionen"), ("partition", "partitions")),
}
"""Singular and plural by language, in the case their sentence needs."""


def say(language: Language, phrase: str, /, **values: str) -> str:
    """Return the sentence with its values filled in."""
    return PHRASES[phrase][_place(language)].format(**values)


def count(language: Language, number: int, noun: str) -> str:
    """Return a number with its noun; the two never part at the end of a line."""
    one, many = NOUNS[noun][_place(language)]
    return f"{language.number(number)}\u00a0{one if number == 1 else many}"


def _place(language: Language) -> int:
    return 0 if language.code == "de" else 1
