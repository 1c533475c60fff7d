"""Airflow's settings for one instance: all of them are environment variables of its processes."""

from __future__ import annotations

from pathlib import Path

from meilenstein.embedded.credentials import AIRFLOW_USERS, Credentials
from meilenstein.embedded.home import Home
from meilenstein.embedded.ports import HOST, Ports
from meilenstein.embedded.processes import base_environment

__all__ = ["airflow_environment"]

_QUIET = ("airflow", "alembic", "great_expectations", "http.access", "httpx", "kafka", "supervisor", "uvicorn")
"""Loggers of which only warnings are kept."""


def airflow_environment(
    *, home: Home, folder: Path, ports: Ports, credentials: Credentials, dags_folder: Path
) -> dict[str, str]:
    """Return the environment of every Airflow process; tasks find the instance by MEILENSTEIN_HOME in it."""
    sections = {
        "CORE": _core(folder, ports, credentials, dags_folder),
        "DATABASE": _database(ports, credentials),
        "API": _api(ports, credentials),
        "API_AUTH": {"JWT_SECRET": credentials.airflow_jwt_secret},
        "LOGGING": _logging(home),
        "DAG_PROCESSOR": _dag_processor(),
        "SCHEDULER": _scheduler(),
    }
    settings = {
        f"AIRFLOW__{section}__{name}": value for section, values in sections.items() for name, value in values.items()
    }
    return {
        **base_environment(home),
        **settings,
        "AIRFLOW_HOME": str(folder),
        "MEILENSTEIN_HOME": str(home.path),
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
    }


def _core(folder: Path, ports: Ports, credentials: Credentials, dags_folder: Path) -> dict[str, str]:
    return {
        "DAGS_FOLDER": str(dags_folder),
        "LOAD_EXAMPLES": "False",
        "DAGS_ARE_PAUSED_AT_CREATION": "False",
        "EXECUTOR": "LocalExecutor",
        "PARALLELISM": "4",
        "FERNET_KEY": credentials.airflow_fernet_key,
        "SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in AIRFLOW_USERS.items()),
        "SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        # Follows the port, or tasks report to nobody.
        "EXECUTION_API_SERVER_URL": f"http://{HOST}:{ports.airflow}/execution/",
        # The default asks the name server, which may be slow or absent.
        "HOSTNAME_CALLABLE": "socket.gethostname",
    }


def _database(ports: Ports, credentials: Credentials) -> dict[str, str]:
    place = f"airflow:{credentials.airflow}@{HOST}:{ports.postgres}/airflow"
    return {
        # Without the second one Airflow asks for asyncpg.
        "SQL_ALCHEMY_CONN": f"postgresql+psycopg://{place}",
        "SQL_ALCHEMY_CONN_ASYNC": f"postgresql+psycopg_async://{place}",
        # Done once before the components start, not by each of them.
        "CHECK_MIGRATIONS": "False",
    }


def _api(ports: Ports, credentials: Credentials) -> dict[str, str]:
    return {
        "HOST": HOST,
        "PORT": str(ports.airflow),
        "BASE_URL": f"http://{HOST}:{ports.airflow}",
        "SECRET_KEY": credentials.airflow_api_secret,
        "WORKERS": "1",
    }


def _logging(home: Home) -> dict[str, str]:
    return {
        "BASE_LOG_FOLDER": str(home.logs / "airflow"),
        "DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home.logs / "airflow" / "dag_processor"),
        # Tasks log what they did; the components only what is wrong.
        "LOGGING_LEVEL": "INFO",
        "NAMESPACE_LEVELS": " ".join(f"{name}=WARNING" for name in _QUIET),
        "UVICORN_LOGGING_LEVEL": "WARNING",
        "COLORED_CONSOLE_LOG": "False",
    }


def _dag_processor() -> dict[str, str]:
    return {
        "REFRESH_INTERVAL": "5",
        # A DAG whose run ended while its file was being parsed may wait for the next parse: so parse often.
        "MIN_FILE_PROCESS_INTERVAL": "5",
        "PARSING_PROCESSES": "1",
        "PRINT_STATS_INTERVAL": "0",
    }


def _scheduler() -> dict[str, str]:
    return {
        "SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        # The workers are forks of a scheduler that has imported what tasks need, see airflow.py.
        "MP_START_METHOD": "fork",
        # A task whose process was killed is given up within a minute instead of five.
        "TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    }
