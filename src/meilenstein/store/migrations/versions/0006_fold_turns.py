"""Several workers fold at once, each holding its files.

Revision ID: 0006
"""

from __future__ import annotations

from meilenstein.store.migrations.scripts import execute_beside, refuse_way_back

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_beside(__file__)


def downgrade() -> None:
    refuse_way_back()
