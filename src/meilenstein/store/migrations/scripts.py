"""What every migration does: it runs the SQL file beside it, and there is no way back."""

from __future__ import annotations

from pathlib import Path

from alembic import op

__all__ = ["execute", "execute_beside", "refuse_way_back"]


def execute(sql: str) -> None:
    """Run SQL on the migration's connection."""
    # The driver's own cursor: it takes several statements, and no per cent sign for a parameter.
    op.get_bind().connection.cursor().execute(sql)


def execute_beside(migration: str) -> None:
    """Run the SQL file that has the migration's name."""
    execute(Path(migration).with_suffix(".sql").read_text(encoding="utf-8"))


def refuse_way_back() -> None:
    """Refuse to go back: what people decided since would be lost."""
    raise NotImplementedError("there is no way back: restore the backup taken before the upgrade")
