"""The first version of the store.

Revision ID: 0001
"""

from __future__ import annotations

from meilenstein.store.migrations.scripts import execute, execute_beside

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_beside(__file__)


def downgrade() -> None:
    execute("drop schema scratch cascade; drop schema meilenstein cascade")
