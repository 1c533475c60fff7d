"""The variables of the federal statistics of recognition procedures, and which of them the milestones hold.

BQFG § 17(2), in the wording that also knows the dates of receipt and completeness, lists what bodies report to the
statistical offices once a year, one record for each procedure. Meilenstein reports no records; it counts, and only what
is on the bus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from meilenstein.cases.procedures import FAST_TRACK
from meilenstein.kpi.facts import UNKNOWN, ProcedureFacts
from meilenstein.kpi.names import FEATURES, codes_of
from meilenstein_schemas.codes import load_codes, training_states

__all__ = ["LEGAL", "POPULATIONS", "VARIABLES", "LegalVariable", "Variable", "decided_values"]

POPULATIONS: Mapping[str, tuple[str, str]] = {
    "APPLICATIONS": ("Anträge des Monats", "Applications of the month"),
    "DECISIONS": ("Verfahren mit erstem Bescheid im Monat", "Procedures first decided in the month"),
    "REMEDIES_FILED": ("Eingelegte Rechtsbehelfe, nach Art", "Remedies filed, by kind"),
    "REMEDIES_DECIDED": ("Entschiedene Rechtsbehelfe, nach Ergebnis", "Remedies decided, by result"),
}
_BOTH = ("APPLICATIONS", "DECISIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalVariable:
    """One variable as the law words it."""

    number: str
    """Number in BQFG § 17(2)."""
    name: tuple[str, str]
    """German (the wording of the law) and English."""
    found: tuple[str, ...]
    """Where its figures are: a table, with a column or variable after a dot. Empty: not available."""
    note: tuple[str, str]
    """What stands for it, or why it is not there; German and English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable whose values are counted."""

    name: str
    label: tuple[str, str]
    populations: tuple[str, ...]
    of: Callable[[ProcedureFacts], str] | None
    """Its one value of a procedure; None where a procedure may have several, or none."""
    codes: Callable[[], Sequence[str]]
    """Every value it may have; what a procedure says beyond them is counted as UNKNOWN."""


def _object(one: ProcedureFacts) -> str:
    return one.decision.say("decision_object") if one.decision else UNKNOWN


def _profession(one: ProcedureFacts) -> str:
    """Return the main group of KldB 2010: two digits, the leading zero kept."""
    code = one.application("profession_kldb")
    return code if code == UNKNOWN else code[:2]


VARIABLES: Mapping[str, Variable] = {
    one.name: one
    for one in (
        Variable(
            name="TRAINING_STATE",
            label=("Ausbildungsstaat", "State of training"),
            populations=_BOTH,
            of=lambda one: one.application("training_state"),
            codes=lambda: (*sorted(training_states()), UNKNOWN),
        ),
        Variable(
            name="PROFESSION",
            label=("Referenzberuf, Berufshauptgruppe der KldB 2010", "Reference profession, main group of KldB 2010"),
            populations=_BOTH,
            of=_profession,
            codes=lambda: (*sorted(load_codes("kldb_2010").codes), UNKNOWN),
        ),
        Variable(
            name="PROCEDURE_LAW",
            label=("Recht des Verfahrens", "Law of the procedure"),
            # Not of decisions: some laws have a clock of their own, so durations would tell a minimum beside a count.
            populations=("APPLICATIONS",),
            of=lambda one: one.application("procedure_law"),
            codes=lambda: codes_of("ProcedureLaw"),
        ),
        Variable(
            name="APPLICATION_KIND",
            label=("Art des Antrags", "Kind of application"),
            populations=_BOTH,
            of=lambda one: one.application("application_kind"),
            codes=lambda: codes_of("ApplicationKind"),
        ),
        Variable(
            name="DECISION_OBJECT",
            label=("Gegenstand der Entscheidung", "Object of the decision"),
            populations=("DECISIONS",),
            of=_object,
            codes=lambda: codes_of("DecisionObject"),
        ),
        Variable(
            name="FEATURE",
            label=("Besonderheit im Verfahren", "Special feature of the procedure"),
            populations=("DECISIONS",),
            of=None,
            codes=lambda: tuple(FEATURES),
        ),
        Variable(
            name="REMEDY",
            label=("Rechtsbehelf", "Legal remedy"),
            populations=("REMEDIES_FILED", "REMEDIES_DECIDED"),
            of=None,
            codes=lambda: tuple(dict.fromkeys((*codes_of("AppealKind"), *codes_of("AppealResult")))),
        ),
    )
}


def decided_values(one: ProcedureFacts) -> Iterator[str]:
    """Yield the special features of a decided procedure; it may have several."""
    if one.route == FAST_TRACK:
        yield "FAST_TRACK"
    for kind, feature in (
        ("OtherProcedureStarted", "OTHER_PROCEDURE"),
        ("AdditionalEvidenceRequested", "EVIDENCE_REQUESTED"),
        ("DeadlineExtended", "EXTENDED"),
        ("EquivalenceCheckWaived", "CHECK_WAIVED"),
    ):
        if one.first(kind) is not None:
            yield feature


_PERSON = (
    "Angabe zur Person; steht nie in einem Ereignis und wird hier nicht gezählt",
    "says something about the person; never on the bus and not counted here",
)
LEGAL: Sequence[LegalVariable] = (
    LegalVariable(number="1", name=("Staatsangehörigkeit", "nationality"), found=(), note=_PERSON),
    LegalVariable(number="1", name=("Geschlecht", "sex"), found=(), note=_PERSON),
    LegalVariable(
        number="1",
        name=("Wohnort des Antragstellers", "place of residence of the applicant"),
        found=("procedures.REGION",),
        note=(
            "nur der Kreis (AGS), bei Anträgen aus dem Ausland der beabsichtigte; die Gemeinde ist nicht bekannt",
            "the district (AGS) only, for applications from abroad the intended one; the municipality is not known",
        ),
    ),
    LegalVariable(
        number="1",
        name=("Datum der Empfangsbestätigung", "date of the confirmation of receipt"),
        found=("procedures.receipts_confirmed", "durations"),
        note=("als Monatszahl und als Dauer der Uhren C01, C02", "as a count of the month and as duration of C01, C02"),
    ),
    LegalVariable(
        number="1",
        name=("Datum der Vollständigkeit der vorzulegenden Unterlagen", "date on which the documents were complete"),
        found=("procedures.documents_complete", "durations"),
        note=(
            "als Monatszahl und als Beginn der Uhren C03 bis C09",
            "as a count of the month and as start of C03 to C09",
        ),
    ),
    LegalVariable(
        number="2",
        name=("Ausbildungsstaat", "state of training"),
        found=("variables.TRAINING_STATE", "procedures.TRAINING"),
        note=(
            "ISO 3166 statt des Staats- und Gebietsschlüssels; Staatengruppe auch für Dauern",
            "ISO 3166 instead of the official key of states; the group of states for durations as well",
        ),
    ),
    LegalVariable(
        number="2",
        name=("deutscher Referenzberuf oder deutsche Referenzausbildung", "German reference profession or training"),
        found=("variables.PROFESSION",),
        note=(
            "KldB 2010, veröffentlicht als Berufshauptgruppe; das Berufsverzeichnis der Statistik ist nicht bekannt",
            "KldB 2010, published by main group; the statistics' own list of professions is not known",
        ),
    ),
    LegalVariable(
        number="3",
        name=("Datum der Entscheidung", "date of the decision"),
        found=("procedures.decisions", "durations"),
        note=(
            "der erste Bescheid zählt; als Monatszahl und als Ende der Uhren C03 bis C09",
            "the first decision counts; as a count of the month and as end of C03 to C09",
        ),
    ),
    LegalVariable(
        number="3",
        name=("Gegenstand der Entscheidung", "object of the decision"),
        found=("variables.DECISION_OBJECT",),
        note=("wie im Ereignis DecisionIssued", "as DecisionIssued says"),
    ),
    LegalVariable(
        number="3",
        name=("Art der Entscheidung", "kind of decision"),
        found=("procedures.decisions",),
        note=("Ergebnisklassen der amtlichen Statistik", "outcome classes of the official statistics"),
    ),
    LegalVariable(
        number="3",
        name=("Besonderheit im Verfahren", "special feature of the procedure"),
        found=("variables.FEATURE",),
        note=(
            "Fachkräfteverfahren (§ 14a), sonstiges Verfahren (§ 14), Nachforderung, Verlängerung, Verzicht",
            "fast track (§ 14a), other procedure (§ 14), further evidence, extension, waiver",
        ),
    ),
    LegalVariable(
        number="4",
        name=(
            "Meldungen und Entscheidungen betreffend die Dienstleistungsfreiheit",
            "notifications and decisions on the freedom to provide services",
        ),
        found=(),
        note=(
            "kein Ereignistyp: solche Meldungen sind kein Anerkennungsverfahren",
            "no event type: such notifications are no recognition procedure",
        ),
    ),
    LegalVariable(
        number="5",
        name=("eingelegte Rechtsbehelfe und Entscheidungen darüber", "legal remedies and decisions on them"),
        found=("variables.REMEDY",),
        note=("nach Art und Ergebnis", "by kind and result"),
    ),
)
"""BQFG § 17(2), in its order."""
