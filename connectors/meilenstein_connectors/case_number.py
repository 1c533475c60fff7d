"""The case number, for a partner's own forms: what a person types is read, or found mistyped, without any network.

Events are checked by the rules in any case: one with a mistyped number is not taken into the outbox.
"""

from __future__ import annotations

from meilenstein_schemas.case_number import is_case_number, read_case_number

__all__ = ["is_case_number", "read_case_number"]
