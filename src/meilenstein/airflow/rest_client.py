"""Airflow's REST interface, as far as `meilenstein demo` and `meilenstein status` need it."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from meilenstein.errors import PermanentError, RetryableError

__all__ = ["AirflowClient"]

_RUN_PAGE = 100
_AGAIN = Retry(total=3, backoff_factor=0.5, allowed_methods={"GET", "PATCH"}, status=0)
"""What may be asked twice is asked again: a busy API server lets single requests time out."""


class AirflowClient:
    """Acts as one Airflow user. `url` is the address of the API server."""

    def __init__(self, url: str, *, username: str, password: str, timeout: float = 10.0) -> None:
        self._url = url.rstrip("/")
        self._login = {"username": username, "password": password}
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", HTTPAdapter(max_retries=_AGAIN))
        self._session.mount("https://", HTTPAdapter(max_retries=_AGAIN))

    def unpause(self, dag_id: str) -> None:
        """Let the DAG's schedule make runs."""
        self._call("PATCH", f"/dags/{dag_id}", {"is_paused": False})

    def pause(self, dag_id: str) -> None:
        """Let the DAG's schedule make no more runs; runs under way go on."""
        self._call("PATCH", f"/dags/{dag_id}", {"is_paused": True})

    def trigger(self, dag_id: str) -> str:
        """Start a run now and return its id."""
        return str(self._call("POST", f"/dags/{dag_id}/dagRuns", {"logical_date": None})["dag_run_id"])

    def run_states(self, dag_ids: Iterable[str], *, since: dt.datetime) -> Counter[str]:
        """Return how many runs of the DAGs that were due after `since` are in which state."""
        states: Counter[str] = Counter()
        after = since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for dag_id in dag_ids:
            offset, total = 0, 1
            while offset < total:
                page = self._call(
                    "GET", f"/dags/{dag_id}/dagRuns?limit={_RUN_PAGE}&offset={offset}&run_after_gte={after}"
                )
                states.update(run["state"] for run in page["dag_runs"])
                offset, total = offset + _RUN_PAGE, page["total_entries"]
        return states

    def dag_ids(self, tag: str) -> list[str]:
        """Return the DAGs that carry the tag."""
        found = self._call("GET", f"/dags?limit=100&tags={tag}")["dags"]
        return sorted(dag["dag_id"] for dag in found)

    def count_runs(self, dag_id: str, state: str, *, since: dt.datetime) -> int:
        """Return how many runs of the DAG that were due after `since` are in the state; one small answer."""
        after = since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        page = self._call("GET", f"/dags/{dag_id}/dagRuns?limit=1&state={state}&run_after_gte={after}")
        return int(page["total_entries"])

    def last_success(self, dag_id: str) -> dt.datetime | None:
        """Return when a run of the DAG last succeeded."""
        page = self._call("GET", f"/dags/{dag_id}/dagRuns?limit=1&state=success&order_by=-end_date")
        ends = [run["end_date"] for run in page["dag_runs"] if run["end_date"]]
        return dt.datetime.fromisoformat(ends[0]) if ends else None

    def wait_for_dags(self, dag_ids: Iterable[str], seconds: float) -> None:
        """Wait until Airflow has read the DAGs."""
        missing, deadline = set(dag_ids), time.monotonic() + seconds
        while True:
            known = {dag["dag_id"] for dag in self._call("GET", "/dags?limit=100")["dags"]}
            missing -= known
            if not missing:
                return
            if time.monotonic() > deadline:
                raise RetryableError(f"Airflow has not read {', '.join(sorted(missing))} after {seconds:.0f} s")
            time.sleep(0.5)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            if "Authorization" not in self._session.headers:
                self._log_in()
            answer = self._session.request(method, f"{self._url}/api/v2{path}", json=body, timeout=self._timeout)
        except requests.RequestException as error:
            raise RetryableError(f"Airflow at {self._url} does not answer ({type(error).__name__})") from None
        if answer.status_code >= 400:
            raise PermanentError(f"Airflow at {self._url} answered {answer.status_code} to {method} {path}")
        return answer.json() if answer.content else None

    def _log_in(self) -> None:
        answer = self._session.post(f"{self._url}/auth/token", json=self._login, timeout=self._timeout)
        if answer.status_code != 201:
            raise PermanentError(f"Airflow at {self._url} refused user {self._login['username']}")
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
