"""What a person may set, and where the parts of one instance are reached.

`Settings` is read once, by the composition root; nothing else looks at the environment. `Endpoints` says where Kafka,
the registry and the database of the instance are: from explicit settings, or from the `instance.json` that
`meilenstein up` writes into its home.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from meilenstein.errors import ConfigurationError
from meilenstein.new_file import write_private
from meilenstein_connectors.kafka_settings import KafkaSettings

__all__ = ["INSTANCE_FILE", "Endpoints", "Settings", "load_endpoints", "load_settings", "save_endpoints"]

INSTANCE_FILE = "instance.json"


def _user_folder(variable: str, fallback: str) -> Path:
    base = os.environ.get(variable)
    return (Path(base) if base else Path.home() / fallback) / "meilenstein"


class Settings(BaseSettings):
    """Settings of this process; each field can be set as `MEILENSTEIN_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="MEILENSTEIN_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Field(default_factory=lambda: _user_folder("XDG_DATA_HOME", ".local/share"))
    cache: Path = Field(default_factory=lambda: _user_folder("XDG_CACHE_HOME", ".cache"))
    port_base: int = Field(default=28000, ge=1024, le=65000)
    maven_url: str | None = None
    bootstrap_servers: str | None = None
    registry_url: str | None = None
    database_url: SecretStr | None = None
    sample_log: Path | None = None
    log_format: Literal["plain", "json"] = "plain"
    kpi_minimum: int = Field(default=10, ge=5, le=1000)

    alarm_smtp_host: str | None = None
    alarm_smtp_port: int = Field(default=587, ge=1, le=65535)
    alarm_smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    alarm_smtp_user: str | None = None
    alarm_smtp_password_file: Path | None = None
    alarm_mail_from: str | None = None
    alarm_mail_to: str | None = None
    alarm_webhook_url: SecretStr | None = None
    alarm_webhook_token_file: Path | None = None
    alarm_instance: str | None = None
    alarm_failing_minutes: float = Field(default=2, gt=0)
    alarm_waiting_minutes: float = Field(default=30, gt=0)
    alarm_unjudged_minutes: float = Field(default=15, gt=0)
    alarm_unsent_minutes: float = Field(default=15, gt=0)
    alarm_second_person_hours: float = Field(default=24, gt=0)

    @field_validator("home", "cache", "sample_log", "alarm_smtp_password_file", "alarm_webhook_token_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        """A path means the same in every process of the instance, wherever it was started."""
        return path.expanduser().absolute() if path else path

    def environment(self, prefix: str) -> dict[str, str]:
        """Return the settings whose names begin so and that were set, as variables for a child process."""
        found = {name: getattr(self, name) for name in sorted(self.model_fields_set) if name.startswith(prefix)}
        return {
            f"MEILENSTEIN_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in found.items()
            if value is not None
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where the parts of one running instance listen."""

    bootstrap_servers: str
    registry_url: str
    database_url: str
    """libpq URL of the pipeline role (no DDL rights); never printed."""
    owner_database_url: str | None = None
    """libpq URL of the role that owns the tables; only migrations and role grants use it."""
    airflow_url: str | None = None
    watch_url: str | None = None
    """Where metrics and health are asked for."""

    def __repr__(self) -> str:
        return f"Endpoints(bootstrap_servers={self.bootstrap_servers!r}, registry_url={self.registry_url!r})"


def load_settings(**overrides: Any) -> Settings:
    """Read the environment once; a bad value is one line naming the variable."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = "MEILENSTEIN_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"{name}: {first['msg']} (given: {first['input']!r})") from None


def save_endpoints(home: Path, endpoints: Endpoints) -> None:
    """Write `instance.json`, readable by its owner only: it holds the database passwords."""
    write_private(home / INSTANCE_FILE, json.dumps(asdict(endpoints), indent=2) + "\n")


def load_endpoints(settings: Settings) -> Endpoints:
    """Return where the instance is; explicit settings win over the home's `instance.json`."""
    known: dict[str, Any] = {}
    path = settings.home / INSTANCE_FILE
    if path.is_file():
        try:
            known = json.loads(path.read_text())
        except ValueError as error:
            raise ConfigurationError(f"{path}: not readable as JSON ({error}); run `meilenstein up` again") from None
    explicit = {
        "bootstrap_servers": settings.bootstrap_servers,
        "registry_url": settings.registry_url,
        "database_url": settings.database_url.get_secret_value() if settings.database_url else None,
    }
    if settings.bootstrap_servers:
        KafkaSettings(bootstrap_servers=settings.bootstrap_servers).require_known_hosts()
    known.update({name: value for name, value in explicit.items() if value})
    missing = [name for name in explicit if not known.get(name)]
    if missing:
        raise ConfigurationError(
            f"no instance in {settings.home} (missing {', '.join(missing)}): run `meilenstein up`, "
            f"or set MEILENSTEIN_{missing[0].upper()}"
        )
    try:
        return Endpoints(**known)
    except TypeError as error:
        raise ConfigurationError(f"{path}: {error}; run `meilenstein up` again") from None
