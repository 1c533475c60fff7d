"""Parts for stewards: what is known of cases, and what people decide."""

from __future__ import annotations

from meilenstein.audit.trail import AuditTrail
from meilenstein.hub.connections import Connections
from meilenstein.stewardship.case_numbers import NumberDesk
from meilenstein.stewardship.findings import FindingDesk
from meilenstein.stewardship.known_on import KnownOnDesk
from meilenstein.stewardship.link_picture import LinkPainter
from meilenstein.stewardship.links import LinkDesk
from meilenstein.stewardship.quarantine_desks import Judging, QuarantineParts
from meilenstein.stewardship.second_person import withdraw
from meilenstein.store.audit import AuditStore
from meilenstein.store.case_numbers import CaseNumberStore
from meilenstein.store.cases import CaseStore
from meilenstein.store.findings import FindingStore
from meilenstein.store.links import LinkStore
from meilenstein.store.proposals import ProposalStore

__all__ = ["StewardParts"]


class StewardParts(Connections):
    """What the commands of stewards need."""

    def audit(self) -> AuditStore:
        """Return the audit trail for reading."""
        return AuditStore(self.connection("read"))

    def proposals(self) -> ProposalStore:
        """Return what waits for a second person, for reading."""
        return ProposalStore(self.connection("read"))

    def withdraw(self, proposal: int, *, actor: str, reason: str) -> str:
        """Take a proposal back."""
        connection = self.connection("withdraw")
        return withdraw(connection, AuditTrail(connection, self._clock), proposal, actor=actor, reason=reason)

    def cases(self) -> CaseStore:
        """Return the cases for reading."""
        return CaseStore(self.connection("read"))

    def quarantine(self) -> QuarantineParts:
        """Return what lists, decides and judges again what did not pass."""
        judging = Judging(
            scratch=lambda: self.connection("scratch"),
            judge=lambda: self.judge,
            registry=lambda: self.registry,
            check=lambda: self.registry_check,
        )
        return QuarantineParts(self.connection("steward"), judging=judging, fold=self.fold, clock=self._clock)

    def link_desk(self) -> LinkDesk:
        """Return what stewards decide about pairs of files."""
        connection = self.connection("links")
        painter = LinkPainter(connection, fold=self.fold, clock=self._clock)
        return LinkDesk(connection, trail=AuditTrail(connection, self._clock), painter=painter)

    def links(self) -> LinkStore:
        """Return proposed and decided links for reading."""
        return LinkStore(self.connection("read"))

    def known_on_desk(self) -> KnownOnDesk:
        """Return what looks back at cases."""
        return KnownOnDesk(self.connection("read"), fold=self.fold, clock=self._clock)

    def finding_desk(self) -> FindingDesk:
        """Return what stewards decide about findings."""
        connection = self.connection("findings")
        trail = AuditTrail(connection, self._clock)
        return FindingDesk(connection, trail=trail, rules=self.fold.rules, clock=self._clock)

    def findings(self) -> FindingStore:
        """Return findings with their decisions for reading."""
        return FindingStore(self.connection("read"))

    def number_desk(self) -> NumberDesk:
        """Return what gives out case numbers and looks them up."""
        connection = self.connection("numbers")
        trail = AuditTrail(connection, self._clock)
        return NumberDesk(connection, trail=trail, book=self.book, clock=self._clock)

    def case_numbers(self) -> CaseNumberStore:
        """Return the case numbers for reading."""
        return CaseNumberStore(self.connection("read"))
