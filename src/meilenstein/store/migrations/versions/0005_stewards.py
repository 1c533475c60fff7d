"""Findings as people name them with what was decided about them; items that a job could not decide.

Revision ID: 0005
"""

from __future__ import annotations

from meilenstein.store.migrations.scripts import execute_beside, refuse_way_back

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_beside(__file__)


def downgrade() -> None:
    refuse_way_back()
