"""Whose cases are simulated: shares of districts, professions, states, routes, outcomes and other facts.

District weights follow the number of inhabitants. Outcome shares follow the official statistics of Saxony-Anhalt 2023
(statistik.sachsen-anhalt.de: 945 procedures; 525 full, 312 compensation, 51 partial, 3 partial access, 21 negative).
Routes follow the first titles of 2023 in Saxony (final report on the action plan for skilled immigration: 4,180, of
them 1,440 Blue Cards, 670 academic, 560 vocational, 560 for other purposes); their split by procedure, and all other
shares, are estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from meilenstein.simulate.offices import BODY_BY_REGION

__all__ = [
    "ANNOUNCEMENTS",
    "APPLICATION_CHANNELS",
    "CONTACT_CHANNELS",
    "DISTRICTS",
    "EU_STATES",
    "LANGUAGES",
    "OUTCOMES",
    "PROFESSIONS",
    "ROUTES",
    "THIRD_STATES",
    "Profession",
    "pick",
]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Profession:
    """A reference profession with the body and the law that its recognition falls to."""

    kldb: str
    """KldB 2010, five digits."""
    body: str
    law: str
    regulated: str


PROFESSIONS: Mapping[Profession, int] = {
    Profession("26212", BODY_BY_REGION, "BQFG", "NO"): 11,  # energy technology
    Profession("25212", BODY_BY_REGION, "BQFG", "NO"): 7,  # vehicle technology
    Profession("34212", BODY_BY_REGION, "BQFG", "NO"): 6,  # plumbing, heating
    Profession("82312", BODY_BY_REGION, "BQFG", "NO"): 4,  # hairdressing
    Profession("22393", BODY_BY_REGION, "BQFG", "YES"): 4,  # woodworking, master craftsman
    Profession("25122", "ihk-fosa", "BQFG", "NO"): 8,  # machine-building
    Profession("29302", "ihk-fosa", "BQFG", "NO"): 6,  # cooking
    Profession("43412", "ihk-fosa", "BQFG", "NO"): 5,  # software development
    Profession("63302", "ihk-fosa", "BQFG", "NO"): 4,  # gastronomy
    Profession("11102", "lfulg", "BQFG", "NO"): 1,  # agriculture
    Profession("81102", "laek-sachsen", "BQFG", "NO"): 1,  # medical assistants
    Profession("94302", "body-example-3", "BQFG", "YES"): 1,
    Profession("81302", "ksv-sachsen", "PFLAPRV", "YES"): 26,  # nursing
    Profession("81212", "ksv-sachsen", "MTAPRV", "YES"): 3,  # medical laboratory
    Profession("81713", "ksv-sachsen", "OTHER", "YES"): 3,  # physiotherapy
    Profession("81404", "lds", "AEAPPRO", "YES"): 12,  # medicine
    Profession("83124", "lds", "SAECHS_BQFG", "YES"): 3,  # social work
    Profession("84124", "lasub", "SAECHS_BQFG", "YES"): 7,  # teaching
    Profession("27103", "lasub", "SAECHS_BQFG", "NO"): 3,  # state-certified technicians
}
DISTRICTS: Mapping[str, int] = {
    "14511": 250, "14521": 320, "14522": 295, "14523": 217, "14524": 305, "14612": 565, "14625": 295,
    "14626": 245, "14627": 240, "14628": 245, "14713": 620, "14729": 260, "14730": 200,
}  # fmt: skip
THIRD_STATES: Mapping[str, int] = {
    "UA": 20, "IN": 14, "SY": 12, "VN": 10, "TR": 9, "TN": 7, "BR": 5, "PH": 5, "RS": 4, "EG": 4, "MA": 3, "UZ": 3,
    "MX": 2,
}  # fmt: skip
EU_STATES: Mapping[str, int] = {"PL": 8, "CZ": 6, "RO": 6, "BG": 3, "HU": 2, "ES": 2, "IT": 1}
ROUTES: Mapping[str, int] = {
    "REGULAR": 34, "FAST_TRACK_81A": 14, "RECOGNITION_PARTNERSHIP_16D3": 9, "QUALIFICATION_16D1": 8,
    "BLUE_CARD_18G": 14, "EXPERIENCE_19C2": 5, "CHANCENKARTE_20A": 4, "EU": 10, "UNKNOWN": 2,
}  # fmt: skip
OUTCOMES: Mapping[str, Mapping[str, int]] = {
    "YES": {"FULL_EQUIVALENCE": 240, "COMPENSATION_REQUIRED": 312, "PARTIAL_ACCESS": 3, "NEGATIVE": 12},
    "NO": {"FULL_EQUIVALENCE": 285, "PARTIAL_EQUIVALENCE": 51, "NEGATIVE": 9},
}
CONTACT_CHANNELS: Mapping[str, int] = {"EMAIL": 40, "WEB_FORM": 30, "PHONE": 20, "IN_PERSON": 8, "LETTER": 2}
APPLICATION_CHANNELS: Mapping[str, int] = {"EFA": 30, "PAPER": 34, "EMAIL": 30, "IN_PERSON": 6}
ANNOUNCEMENTS: Mapping[str, int] = {"POSTED": 72, "ELECTRONIC": 15, "SERVED": 8, "HANDED_OVER": 5}
LANGUAGES: Mapping[str, int] = {
    "en": 32, "de": 24, "uk": 12, "ar": 10, "vi": 7, "tr": 6, "es": 4, "pt": 3, "hi": 2
}  # fmt: skip


def pick(rng: Random, shares: Mapping[_T, int]) -> _T:
    """Return one of the keys, each as likely as its share says."""
    left = rng.randrange(sum(shares.values()))
    for value, share in shares.items():
        left -= share
        if left < 0:
            return value
    raise AssertionError("shares changed while one was picked")
