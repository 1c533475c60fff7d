"""The passwords of one instance: made once, kept in its home, readable by its owner only."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from meilenstein.embedded.home import Home
from meilenstein.errors import ConfigurationError
from meilenstein.new_file import write_private

__all__ = ["AIRFLOW_USERS", "Credentials"]

_FILE = "secrets.json"

AIRFLOW_USERS = {"admin": "admin", "steward": "user", "viewer": "viewer"}
"""Airflow's logins and their roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Everything secret. Database passwords hold letters, digits, `-` and `_`, so they stand in URLs as they are."""

    postgres: str
    meilenstein_owner: str
    meilenstein_pipeline: str
    apicurio: str
    airflow: str
    airflow_fernet_key: str
    airflow_jwt_secret: str
    airflow_api_secret: str
    airflow_admin: str
    airflow_steward: str
    airflow_viewer: str

    @classmethod
    def of(cls, home: Home) -> Credentials:
        """Return the home's credentials, making them at the first start."""
        path = home.path / _FILE
        if not path.exists():
            cls._generate().save(path)
        return cls.read(home)

    @classmethod
    def read(cls, home: Home) -> Credentials:
        """Return the home's credentials; the file must be there and whole."""
        path = home.path / _FILE
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            raise ConfigurationError(
                f"{path} is missing or damaged: put back a copy, or remove the instance with `meilenstein down --wipe`"
            ) from None

    def save(self, path: Path) -> None:
        """Write the file."""
        write_private(path, json.dumps(asdict(self), indent=2) + "\n")

    def airflow_logins(self) -> dict[str, str]:
        """Return Airflow's users with their passwords."""
        return {"admin": self.airflow_admin, "steward": self.airflow_steward, "viewer": self.airflow_viewer}

    def __repr__(self) -> str:
        return "Credentials(...)"

    @classmethod
    def _generate(cls) -> Credentials:
        def password() -> str:
            return secrets.token_urlsafe(24)

        return cls(
            postgres=password(),
            meilenstein_owner=password(),
            meilenstein_pipeline=password(),
            apicurio=password(),
            airflow=password(),
            airflow_fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            airflow_jwt_secret=secrets.token_urlsafe(48),
            airflow_api_secret=secrets.token_urlsafe(48),
            airflow_admin=secrets.token_hex(6),
            airflow_steward=secrets.token_hex(6),
            airflow_viewer=secrets.token_hex(6),
        )
