"""Identifiers that link nothing because too many files mention them.

Revision ID: 0004
"""

from __future__ import annotations

from meilenstein.store.migrations.scripts import execute_beside, refuse_way_back

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_beside(__file__)


def downgrade() -> None:
    refuse_way_back()
