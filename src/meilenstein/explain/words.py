"""The fixed words of an explained case, German and English."""

from __future__ import annotations

from collections.abc import Mapping

from meilenstein_schemas.labels import Text

__all__ = ["CLOCK_LABELS", "CLOCK_STATES", "FIELDS", "LANGUAGES", "SEVERITIES", "STATES", "WORDS"]

LANGUAGES = ("de", "en")

CLOCK_STATES: Mapping[str, Text] = {
    "RUNNING": {"de": "läuft", "en": "running"},
    "DUE": {"de": "endet bald", "en": "ends soon"},
    "OVER": {"de": "vorbei, kein Ende bekannt", "en": "over, no stop known"},
    "FICTION_ELAPSED": {"de": "abgelaufen, keine Antwort bekannt", "en": "elapsed, no answer known"},
    "PAUSED": {"de": "gehemmt", "en": "suspended"},
    "STOPPED": {"de": "beendet", "en": "stopped"},
    "NOT_APPLICABLE": {"de": "nicht anwendbar", "en": "not applicable"},
    "NOT_DETERMINABLE": {"de": "nicht feststellbar", "en": "not determinable"},
}

CLOCK_LABELS: Mapping[str, Text] = {
    "MUST": {"de": "gesetzliche Frist (muss)", "en": "statutory period (must)"},
    "SHALL_NORMALLY": {"de": "gesetzliches Ziel (soll)", "en": "statutory target (shall normally)"},
    "REGULAR": {"de": "in der Regel", "en": "what the law calls regular"},
    "SERVICE": {"de": "Serviceziel, keine gesetzliche Frist", "en": "service target, not a legal period"},
}

STATES: Mapping[str, Text] = {
    "OPEN": {"de": "offen", "en": "open"},
    "RECEIVED": {"de": "liegt vor", "en": "received"},
    "WAIVED": {"de": "ohne sie entschieden", "en": "decided without it"},
    "ENDED": {"de": "Verfahren hier beendet", "en": "procedure ended here"},
    "SENT": {"de": "gesendet", "en": "sent"},
    "ACCEPTED": {"de": "angenommen", "en": "accepted"},
    "DECLINED": {"de": "abgelehnt", "en": "declined"},
    "RETURNED": {"de": "zurückgegeben", "en": "returned"},
    "CONSENT_WITHDRAWN": {"de": "Einwilligung widerrufen", "en": "consent withdrawn"},
    **CLOCK_STATES,
}
"""Of clocks, requirements and referrals."""

SEVERITIES: Mapping[str, Text] = {
    "W": {"de": "Warnung", "en": "warning"},
    "I": {"de": "Hinweis", "en": "information"},
}

FIELDS: Mapping[str, Text] = {
    "law": {"de": "Gesetz", "en": "law"},
    "regulated": {"de": "Beruf", "en": "profession"},
    "legal_route": {"de": "Weg", "en": "route"},
    "received_on": {"de": "Antrag eingegangen", "en": "application received"},
    "confirmed_on": {"de": "Eingang bestätigt", "en": "receipt confirmed"},
    "complete_on": {"de": "Unterlagen vollständig", "en": "documents complete"},
    "waived_on": {"de": "Verzicht auf die Prüfung", "en": "check waived"},
    "forwarded_on": {"de": "abgegeben", "en": "forwarded"},
    "forwarded_to": {"de": "an", "en": "to"},
    "withdrawn_on": {"de": "zurückgenommen", "en": "withdrawn"},
    "closed_on": {"de": "ohne Bescheid beendet", "en": "closed without a decision"},
    "decided_on": {"de": "Bescheid", "en": "decision"},
    "outcome": {"de": "Ergebnis", "en": "outcome"},
    "sender": {"de": "von", "en": "from"},
    "target": {"de": "an", "en": "to"},
    "reason": {"de": "Grund", "en": "reason"},
    "sent_on": {"de": "gesendet", "en": "sent"},
    "legal_basis": {"de": "Grundlage", "en": "basis"},
    "consent": {"de": "Einwilligung", "en": "consent"},
    "state": {"de": "Stand", "en": "state"},
    "answered_on": {"de": "Antwort", "en": "answered"},
    "decline_reason": {"de": "Grund der Ablehnung", "en": "reason for declining"},
    "return_reason": {"de": "Grund der Rückgabe", "en": "reason for the return"},
    "start": {"de": "Beginn", "en": "start"},
    "due": {"de": "letzter Tag", "en": "last day"},
    "stopped_on": {"de": "beendet am", "en": "stopped on"},
    "paragraph": {"de": "Vorschrift", "en": "provision"},
    "purposes": {"de": "Zwecke", "en": "purposes"},
    "recipients": {"de": "Empfänger", "en": "recipients"},
    "valid_from": {"de": "gültig ab", "en": "valid from"},
    "valid_until": {"de": "gültig bis", "en": "valid until"},
    "entered_on": {"de": "eingereist", "en": "entered"},
    "district_ags": {"de": "Kreis", "en": "district"},
    "asked_on": {"de": "verlangt", "en": "asked for"},
    "due_on": {"de": "bis", "en": "by"},
    "open": {"de": "Befund", "en": "finding"},
    "together": {"de": "Akten", "en": "files"},
}

WORDS: Mapping[str, Text] = {
    "case": {"de": "Fall {number} von {count}, Stand {day}", "en": "Case {number} of {count}, as of {day}"},
    "sandbox": {"de": "Übungsverkehr", "en": "sandbox"},
    "files": {"de": "Akten", "en": "Files"},
    "timeline": {"de": "Zeitleiste", "en": "Timeline"},
    "procedures": {"de": "Verfahren", "en": "Procedures"},
    "referrals": {"de": "Verweise", "en": "Referrals"},
    "entry": {"de": "Einreise", "en": "Entry"},
    "clocks": {"de": "Fristen", "en": "Clocks"},
    "findings": {"de": "Befunde", "en": "Findings"},
    "none": {"de": "keine", "en": "none"},
    "informative": {"de": "nur nachrichtlich", "en": "informative only"},
    "FORKED": {"de": "zwei Berichtigungen, keine gilt", "en": "two corrections, neither applies"},
    "WAITING": {"de": "wartet auf die Meldung, die sie berichtigt", "en": "waits for the event it corrects"},
    "last_day": {"de": "letzter Tag {day}", "en": "last day {day}"},
    "no_last_day": {"de": "kein letzter Tag", "en": "no last day"},
    "since": {"de": "seit {day}", "en": "since {day}"},
    "no_case": {"de": "Keine Meldung begründet einen Fall.", "en": "No event makes a case."},
    "refused": {"de": "Nicht angenommene Zeilen", "en": "Lines that were refused"},
    "line": {"de": "Zeile {line}, {event}: {what}", "en": "Line {line}, {event}: {what}"},
    "seen": {"de": "gesehen {seen}", "en": "seen {seen}"},
    "expected": {"de": "erwartet {expected}", "en": "expected {expected}"},
    "repeated": {"de": "Wiederholte Zeilen, die einmal zählen: {lines}", "en": "Repeated lines, counted once: {lines}"},
    "later": {
        "de": "Zeilen nach dem Stichtag, nicht berücksichtigt: {lines}",
        "en": "Lines after the day, left out: {lines}",
    },
    "without_case": {
        "de": "Zeilen ohne Fall (anonym oder Arbeitgeber): {lines}",
        "en": "Lines without a case (anonymous or employer): {lines}",
    },
}
