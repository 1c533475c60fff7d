"""Case numbers; which numbers of each source came, what is missing, and findings about sources and publishers.

Revision ID: 0007
"""

from __future__ import annotations

from meilenstein.store.migrations.scripts import execute_beside, refuse_way_back

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_beside(__file__)


def downgrade() -> None:
    refuse_way_back()
