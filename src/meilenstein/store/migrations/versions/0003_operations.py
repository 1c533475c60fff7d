"""Alarms and how the steps went.

Revision ID: 0003
"""

from __future__ import annotations

from meilenstein.store.migrations.scripts import execute_beside, refuse_way_back

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_beside(__file__)


def downgrade() -> None:
    refuse_way_back()
