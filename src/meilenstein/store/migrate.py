"""Bring the database to the version this code needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

from meilenstein.errors import RetryableError

__all__ = ["migrate"]


def migrate(owner_url: str) -> None:
    """Apply missing migrations as the owner of the tables; safe to repeat."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise RetryableError(f"database: migrations could not run ({type(error.orig).__name__}); is it up?") from None
    finally:
        engine.dispose()
