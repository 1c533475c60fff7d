"""The words of every reason: those of the rule where a rule is behind it, else the ones below."""

from __future__ import annotations

from meilenstein.reports.model import Words
from meilenstein_expectations import SuiteSet

__all__ = ["reason_codes", "reason_words"]

_RULE = "RULE:"

_REASONS: dict[str, tuple[Words, Words]] = {
    "UNREADABLE": (
        {"de": "Die Bytes sind kein lesbares Ereignis.", "en": "The bytes are no readable event."},
        {
            "de": "Die Stelle erzeugt das Ereignis mit dem SDK oder dem registrierten Schema neu und sendet es erneut.",
            "en": "The agency produces the event again with the SDK or the registered schema, and sends it again.",
        },
    ),
    "UNKNOWN_SCHEMA": (
        {
            "de": "Die Schemanummer gehört in der Registry zu keinem Vertrag von Meilenstein.",
            "en": "The schema id belongs to no Meilenstein contract in the registry.",
        },
        {
            "de": "Die Stelle verwendet die Nummer des registrierten Vertrags und sendet erneut.",
            "en": "The agency uses the id of the registered contract and sends again.",
        },
    ),
    "NOT_STORABLE": (
        {
            "de": "Ein Textfeld enthält Zeichen, die keine Datenbank speichern kann.",
            "en": "A text field holds characters that no database can store.",
        },
        {
            "de": "Die Stelle entfernt Nullzeichen und unvollständige Zeichen und sendet erneut.",
            "en": "The agency removes NUL and incomplete characters and sends again.",
        },
    ),
    "TOO_LARGE": (
        {"de": "Das Ereignis ist größer als erlaubt.", "en": "The event is larger than allowed."},
        {
            "de": "Höchstens 64 KiB je Ereignis: Die Stelle kürzt Listen und sendet erneut.",
            "en": "At most 64 KiB per event: the agency shortens lists and sends again.",
        },
    ),
    "CONFLICT": (
        {
            "de": "Unter dieser event_id gilt schon ein Ereignis mit anderen Angaben.",
            "en": "An event with other facts is in force under this event_id.",
        },
        {
            "de": "Die Stelle sendet die Änderung als neues Ereignis, das in `corrects` auf das erste weist.",
            "en": "The agency sends the change as a new event that names the first one in `corrects`.",
        },
    ),
    "WRONG_PUBLISHER": (
        {
            "de": "Die Stelle darf dieses Ereignis nicht senden, oder nicht für diese andere Stelle.",
            "en": "The agency may not send this event, or not on behalf of this other agency.",
        },
        {
            "de": "Absender, `publisher` und Ereignistyp prüfen. Sendet sie zu Recht für andere: Vereinbarung anlegen.",
            "en": "Check sender, `publisher` and event type. If it rightly sends for others: add the agreement.",
        },
    ),
    "RULE_BROKE": (
        {
            "de": "Eine Prüfregel lässt sich auf die Meldung nicht anwenden.",
            "en": "A rule cannot be applied to the event.",
        },
        {
            "de": "Den Eintrag ansehen und der Entwicklung melden, was ungewöhnlich ist; die Stelle kann nichts dafür.",
            "en": "Look at the item and tell the developers what is unusual about it; the agency is not to blame.",
        },
    ),
}


def reason_codes(suites: SuiteSet) -> frozenset[str]:
    """Return every code that a record may be quarantined for."""
    return frozenset(_REASONS) | {rule.reason or f"{_RULE}{rule.id}" for rule in suites.rules.values()}


def reason_words(code: str, suites: SuiteSet) -> tuple[Words, Words]:
    """Return what is the matter and how it is corrected, for a quarantine code or a `RULE:<id>`."""
    if code in _REASONS:
        return _REASONS[code]
    rule = suites.rules.get(code.removeprefix(_RULE))
    if rule is None:
        rule = next((one for one in suites.rules.values() if one.reason == code), None)
    if rule is not None:
        return rule.text, rule.how
    name = code.removeprefix(_RULE)
    return (
        {
            "de": f"Grund {name} (im heutigen Regelwerk nicht mehr enthalten).",
            "en": f"Reason {name} (not in today's suite).",
        },
        {
            "de": "Den Eintrag ansehen; dort stehen die Worte von damals.",
            "en": "Look at the item; it keeps the words of its day.",
        },
    )
