"""Fixed lines for people, German and English: why a clock stands as it does, and why an entry has no effect."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["BASES", "REASONS", "REFUSALS", "UNKNOWN_FACETS"]

Line = Mapping[str, str]

REASONS: Mapping[str, Line] = {
    "NO_CLOCK": {
        "de": "Keine Uhr in dieser Version: zu diesem Gesetz, Weg oder dieser Art Beruf ist keine Frist hinterlegt.",
        "en": "No clock in this version: no period is on file for this law, this route or this kind of profession.",
    },
    "OTHER_CLOCK": {
        "de": "Nicht anwendbar: diese Frist gehört nicht zu diesen Angaben.",
        "en": "Not applicable: this period does not belong to this information.",
    },
    "LAW_NOT_IN_FORCE": {
        "de": "Nicht anwendbar: die Vorschrift galt am Tag des Beginns nicht.",
        "en": "Not applicable: the provision was not in force on the day of the start.",
    },
    "START_UNKNOWN": {
        "de": "Nicht feststellbar: der Beginn der Frist ist hier nicht bekannt.",
        "en": "Not determinable: the start of the period is not known here.",
    },
    "STOP_BEFORE_START": {
        "de": "Nicht feststellbar: das gemeldete Ende liegt vor dem Beginn.",
        "en": "Not determinable: the stop that was reported lies before the start.",
    },
    "DATE_OUT_OF_RANGE": {
        "de": "Nicht feststellbar: das Datum des Beginns ist kein mögliches.",
        "en": "Not determinable: the date of the start is not a possible one.",
    },
    "LAW_UNKNOWN": {
        "de": "Nicht feststellbar: nach welchem Gesetz das Verfahren läuft, ist hier nicht bekannt.",
        "en": "Not determinable: it is not known here under which law the procedure runs.",
    },
    "ROUTE_UNKNOWN": {
        "de": "Nicht feststellbar: der rechtliche Weg ist hier nicht bekannt.",
        "en": "Not determinable: the legal route is not known here.",
    },
    "NORM_UNKNOWN": {
        "de": "Nicht feststellbar: die Rechtsgrundlage des Titels ist hier nicht bekannt.",
        "en": "Not determinable: the provision of the title is not known here.",
    },
    "CONSENT_CASE_UNKNOWN": {
        "de": "Nicht feststellbar: ob der Fall zu denen des § 31 Abs. 1 AufenthV gehört, ist hier nicht bekannt.",
        "en": "Not determinable: it is not known here whether the case is one of AufenthV section 31(1).",
    },
    "COURSE_KIND_UNKNOWN": {
        "de": "Nicht feststellbar: die Art des Kurses ist hier nicht bekannt.",
        "en": "Not determinable: the kind of course is not known here.",
    },
    "INSTRUCTION_UNKNOWN": {
        "de": "Nicht feststellbar: ob der Bescheid eine richtige Rechtsbehelfsbelehrung hat, ist hier nicht bekannt.",
        "en": "Not determinable: it is not known here whether the decision instructs correctly on remedies.",
    },
    "ANNOUNCEMENT_UNKNOWN": {
        "de": "Nicht feststellbar: der Tag der Bekanntgabe ist hier nicht bekannt.",
        "en": "Not determinable: the day of announcement is not known here.",
    },
    "CHOICE_UNKNOWN": {
        "de": "Nicht feststellbar: ob Prüfung oder Lehrgang gewählt wurde, ist hier nicht bekannt.",
        "en": "Not determinable: it is not known here whether an exam or a course was chosen.",
    },
    "PRE_APPROVAL_UNKNOWN": {
        "de": "Nicht feststellbar: eine Vorabzustimmung ist hier nicht bekannt.",
        "en": "Not determinable: no pre-approval is known here.",
    },
    "ANSWERER_UNKNOWN": {
        "de": "Nicht feststellbar: die Frist ist vorbei; welche Stelle zu antworten hatte, ist hier nicht bekannt.",
        "en": "Not determinable: the period has ended, but it is not known here which agency had to answer.",
    },
    "FEED_SILENT": {
        "de": "Nicht feststellbar: die Frist ist vorbei, aber von der Stelle kommen zurzeit keine Meldungen.",
        "en": "Not determinable: the period has ended, but no events arrive from that agency at present.",
    },
    "FEED_GAPS": {
        "de": "Nicht feststellbar: die Frist ist vorbei, aber von der Stelle fehlen Meldungen.",
        "en": "Not determinable: the period has ended, but events of that agency are missing.",
    },
    "SUSPENDED": {
        "de": "Die Frist ist gehemmt, bis die Hemmung endet; vorher steht kein letzter Tag fest.",
        "en": "The period is suspended until the suspension ends; until then there is no last day.",
    },
    "NO_STOP_KNOWN": {
        "de": "Die Frist ist vorbei; ein Ende ist hier nicht bekannt.",
        "en": "The period has ended; no stop is known here.",
    },
    "NO_ANSWER_KNOWN": {
        "de": "Frist abgelaufen, hier keine Antwort bekannt.",
        "en": "The period has ended, no answer is known here.",
    },
}

UNKNOWN_FACETS: Mapping[str, str] = {
    "procedure_law": "LAW_UNKNOWN",
    "legal_route": "ROUTE_UNKNOWN",
    "title_norm": "NORM_UNKNOWN",
    "consent_norm": "NORM_UNKNOWN",
    "consent_case": "CONSENT_CASE_UNKNOWN",
    "course_kind": "COURSE_KIND_UNKNOWN",
    "remedies_instruction": "INSTRUCTION_UNKNOWN",
    "exam_start": "CHOICE_UNKNOWN",
}
"""The reason where a facet that would decide is not known."""

REFUSALS: Mapping[str, Line] = {
    "NOT_PAUSABLE": {
        "de": "zu dieser Frist ist keine Hemmung hinterlegt",
        "en": "no suspension is on file for this period",
    },
    "NOT_EXTENDABLE": {
        "de": "zu dieser Frist ist keine Verlängerung hinterlegt",
        "en": "no extension is on file for this period",
    },
    "WHILE_SUSPENDED": {
        "de": "die Frist ist schon gehemmt, und das Ende der Hemmung ist nicht bekannt",
        "en": "the period is suspended already, with no known end",
    },
    "ENDS_BEFORE_IT_BEGINS": {"de": "sie endet vor ihrem Beginn", "en": "it ends before it begins"},
    "AFTER_THE_END": {"de": "die Frist war schon zu Ende", "en": "the period had ended already"},
    "BEFORE_THE_START": {"de": "sie liegt vor dem Beginn der Frist", "en": "it lies before the start of the period"},
    "ALREADY_SUSPENDED": {"de": "diese Tage sind schon gehemmt", "en": "these days are suspended already"},
    "SECOND_EXTENSION": {
        "de": "die Frist wurde schon einmal verlängert, ein zweites Mal geht nicht",
        "en": "the period was extended once already, and may not be a second time",
    },
    "NO_REASON": {"de": "sie nennt keinen Grund", "en": "it gives no reason"},
    "NO_NEW_END": {"de": "sie nennt kein neues Ende", "en": "it names no new end"},
    "LATE_EXTENSION": {
        "de": "sie wurde erst nach dem Ende mitgeteilt",
        "en": "it was notified only after the end",
    },
    "NOT_LATER": {"de": "das neue Ende liegt nicht später", "en": "the new end is not later"},
    "EXTENSION_TOO_LONG": {
        "de": "sie ist länger, als das Gesetz erlaubt",
        "en": "it is longer than the law allows",
    },
    "DATE_OUT_OF_RANGE": {"de": "das Datum ist kein mögliches", "en": "the date is not a possible one"},
}
"""Why an entry of the ledger has no effect."""

BASES: Mapping[str, Line] = {
    "BQFG_5_4": {"de": "Nachforderung, BQFG § 5 Abs. 4", "en": "request for evidence, BQFG section 5(4)"},
    "BQFG_5_5": {"de": "Nachforderung, BQFG § 5 Abs. 5", "en": "request for evidence, BQFG section 5(5)"},
    "BQFG_12_4": {"de": "Nachforderung, BQFG § 12 Abs. 4", "en": "request for evidence, BQFG section 12(4)"},
    "BQFG_12_5": {"de": "Nachforderung, BQFG § 12 Abs. 5", "en": "request for evidence, BQFG section 12(5)"},
    "QUALIFICATION_ANALYSIS": {
        "de": "sonstiges Verfahren, BQFG § 14",
        "en": "other procedure, BQFG section 14",
    },
    "OTHER": {"de": "sonstiges Verfahren, BQFG § 14", "en": "other procedure, BQFG section 14"},
}
"""Why a period is suspended."""
