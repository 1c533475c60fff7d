"""The fixed words of the contract pages, German and English; names of fields and codes come from `labels.yaml`."""

from __future__ import annotations

from collections.abc import Mapping

from meilenstein_schemas.labels import Text

__all__ = ["CONDITIONS", "RANKS", "ROLES", "SEVERITIES", "TYPES", "WORDS"]

WORDS: Mapping[str, Text] = {
    "other": {"de": "English", "en": "Deutsch"},
    "all": {"de": "Alle Meldungen", "en": "All event types"},
    "says": {"de": "Was sie sagt", "en": "What it says"},
    "name": {"de": "Name", "en": "Name"},
    "header": {"de": "Kopfzeile `ce_type`", "en": "Header `ce_type`"},
    "version": {"de": "Fassung und Stand", "en": "Version and state"},
    "draft": {
        "de": "Entwurf, kann sich noch unverträglich ändern",
        "en": "draft, may still change incompatibly",
    },
    "released": {"de": "freigegeben", "en": "released"},
    "clocks": {"de": "Fristen", "en": "Clocks"},
    "starts": {"de": "beginnt", "en": "starts"},
    "stops": {"de": "endet", "en": "stops"},
    "service": {"de": "Service-Ziel, keine gesetzliche Frist", "en": "service target, no statute"},
    "publishers": {"de": "Wer sie senden darf", "en": "Who may publish it"},
    "kind": {"de": "Art der Stelle", "en": "Kind of agency"},
    "weight": {"de": "Gewicht", "en": "Weight"},
    "since": {"de": "Zeitraum", "en": "In force"},
    "from": {"de": "ab", "en": "from"},
    "until": {"de": "bis", "en": "until"},
    "nobody_else": {
        "de": "Jede andere Stelle wird mit `WRONG_PUBLISHER` abgelehnt. Für eine andere Stelle darf senden, wer eine "
        "Vereinbarung hat (`agreements.yaml`).",
        "en": "Any other agency is refused with `WRONG_PUBLISHER`. A sender with an agreement (`agreements.yaml`) may "
        "send for another agency.",
    },
    "readers": {"de": "Wer was davon sieht", "en": "Who may see what of it"},
    "who": {"de": "Wer", "en": "Who"},
    "part": {"de": "Teil der Sicht", "en": "Part of the view"},
    "sees": {"de": "sieht", "en": "sees"},
    "when": {"de": "Voraussetzung", "en": "Condition"},
    "consent": {
        "de": "gültige Einwilligung mit Zweck `{purpose}` ({label}), die die Stelle nennt",
        "en": "consent in force with purpose `{purpose}` ({label}) that names the agency",
    },
    "fields": {"de": "Eigene Felder", "en": "Fields of its own"},
    "no_fields": {"de": "Keine.", "en": "None."},
    "envelope": {"de": "Felder jeder Meldung", "en": "Fields of every event"},
    "field": {"de": "Feld", "en": "Field"},
    "label": {"de": "Bezeichnung", "en": "Name"},
    "type": {"de": "Typ", "en": "Type"},
    "default": {"de": "Vorgabe", "en": "Default"},
    "required": {"de": "Pflicht", "en": "required"},
    "meaning": {"de": "Bedeutung", "en": "Meaning"},
    "filled": {
        "de": "`event_id`, `publisher` und `source_system` ergänzt das SDK, wo sie fehlen; `sequence`, `source_epoch` "
        "und `published_at` vergibt es selbst.",
        "en": "The SDK fills in `event_id`, `publisher` and `source_system` where they are left out; it gives out "
        "`sequence`, `source_epoch` and `published_at` itself.",
    },
    "codes": {"de": "Codes", "en": "Codes"},
    "code": {"de": "Code", "en": "Code"},
    "rules": {"de": "Regeln", "en": "Rules"},
    "rules_of": {"de": "Nur für diese Meldung", "en": "Of this event type"},
    "rules_common": {"de": "Für jede Meldung", "en": "Of every event"},
    "rule": {"de": "Regel", "en": "Rule"},
    "severity": {"de": "Folge", "en": "Effect"},
    "wrong": {"de": "Was nicht stimmt", "en": "What is wrong"},
    "expected": {"de": "Erwartet", "en": "Expected"},
    "how": {"de": "Was zu tun ist", "en": "What to do"},
    "example": {"de": "Beispiel", "en": "Example"},
    "as_json": {
        "de": "Als Zeile einer Datei (`python -m meilenstein_connectors send DATEI`), hier umbrochen:",
        "en": "As a line of a file (`python -m meilenstein_connectors send FILE`), wrapped here:",
    },
    "as_python": {"de": "Dasselbe mit dem SDK:", "en": "The same with the SDK:"},
}

TYPES: Mapping[str, Text] = {
    "boolean": {"de": "wahr/falsch", "en": "boolean"},
    "int": {"de": "ganze Zahl", "en": "int"},
    "long": {"de": "ganze Zahl", "en": "long"},
    "string": {"de": "Text", "en": "string"},
    "date": {"de": "Tag `JJJJ-MM-TT`", "en": "date `YYYY-MM-DD`"},
    "timestamp-millis": {"de": "Zeitpunkt mit Zeitzone", "en": "instant with offset"},
    "optional": {"de": "oder leer", "en": "or null"},
    "list": {"de": "Liste von", "en": "list of"},
    "code": {"de": "Code", "en": "code of"},
}

RANKS: Mapping[str, Text] = {
    "AUTHORITATIVE": {"de": "maßgeblich: ändert den Stand des Falls", "en": "authoritative: changes the case"},
    "INFORMATIVE": {
        "de": "nachrichtlich: wird gezeigt, ändert nichts; ein Widerspruch wird geklärt",
        "en": "informative: is shown, changes nothing; a contradiction is a finding",
    },
    "FORBIDDEN": {"de": "nicht erlaubt", "en": "forbidden"},
}

ROLES: Mapping[str, Text] = {
    "OWNER": {"de": "die meldende Stelle", "en": "the publisher"},
    "TARGET": {"de": "das Ziel des Verweises", "en": "the target of the referral"},
    "SENDER": {"de": "der Absender des Verweises", "en": "the sender of the referral"},
    "ADVISER": {
        "de": "wer im Fall einen Verweis gesendet oder als Ziel angenommen hat",
        "en": "who sent a referral of the case, or accepted one as its target",
    },
    "CLAIMANT": {
        "de": "wer das Verfahren aus dem Bescheid nennt und darüber verbunden ist",
        "en": "who names the procedure from the letter and is linked through it",
    },
}

CONDITIONS: Mapping[str, Text] = {
    "ALWAYS": {"de": "immer", "en": "always"},
    "OPEN_OR_ACCEPTED": {
        "de": "solange der Verweis offen oder angenommen ist",
        "en": "while the referral is open or accepted",
    },
    "ACCEPTED": {"de": "sobald der Verweis angenommen ist", "en": "once the referral is accepted"},
}

SEVERITIES: Mapping[str, Text] = {
    "critical": {"de": "Meldung wird nicht angenommen", "en": "event is not accepted"},
    "warning": {"de": "angenommen, mit Hinweis", "en": "accepted, with a finding"},
    "info": {"de": "angenommen, nur gezählt", "en": "accepted, counted only"},
}
