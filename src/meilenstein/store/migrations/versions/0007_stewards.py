"""Findings as people name them with what was decided about them; items that a job could not decide.

Revision ID: 0007
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def _execute(sql: str) -> None:
    # The driver's own cursor: it takes several statements, and no per cent sign for a parameter.
    op.get_bind().connection.cursor().execute(sql)


def upgrade() -> None:
    _execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("there is no way back: restore the backup taken before the upgrade")
