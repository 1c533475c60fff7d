"""A small client of the schema registry (Confluent-compatible HTTP API, version 7).

It tells two things apart that must never be mixed up: the registry says that it has no such schema (`UnknownSchema`),
and the registry could not be asked (`RegistryUnavailable`, whatever the cause: no connection, an error status, a
redirect, a page of a proxy, too many bytes, too slow). Only a well-formed answer of a registry counts as the former.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

import requests

from meilenstein_connectors.errors import ConfigurationError, RegistryUnavailable, UnknownSchema

__all__ = ["MAX_ANSWER_BYTES", "RegistryClient", "SchemaIds"]

MAX_ANSWER_BYTES = 1_000_000
_NOT_FOUND = (40401, 40402, 40403)
_CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"


class SchemaIds(Protocol):
    """What a publisher needs of a registry."""

    def schema_id(self, subject: str, text: str) -> int:
        """Return the id under which the registry holds this schema text for the subject."""
        ...


class RegistryClient:
    """Asks one registry; one instance a thread."""

    def __init__(
        self,
        url: str,
        *,
        session: requests.Session | None = None,
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare for `url`, such as `http://127.0.0.1:28081/apis/ccompat/v7`; nothing is asked yet.

        Timeouts are seconds; `read_timeout` also bounds the whole of an answer. Proxies and credentials of the
        environment are not used; hand in a session to authenticate.
        """
        if not url.startswith(("http://", "https://")):
            raise ConfigurationError(f"registry address {url!r}: expected http://host:port/apis/ccompat/v7")
        self._url = url.rstrip("/")
        self._timeouts = (connect_timeout, read_timeout)
        self._monotonic = monotonic
        self._session = session or requests.Session()
        self._session.trust_env = False

    def schema_text(self, schema_id: int) -> str:
        """Return the text of a schema; UnknownSchema if the registry has none under this id."""
        answer = self._ask("GET", f"/schemas/ids/{schema_id:d}", what=f"schema id {schema_id}", schema_id=schema_id)
        return self._string(answer, "schema")

    def schema_id(self, subject: str, text: str) -> int:
        """Return the id of exactly this schema under the subject (look-up only); UnknownSchema if it is not there."""
        path = f"/subjects/{quote(subject, safe='')}"
        return self._id(self._ask("POST", path, what=f"subject {subject}", sent={"schema": text}))

    def register(self, subject: str, text: str) -> int:
        """Register the schema under the subject and return its id; the id it has if it is there already.

        For operators. A schema that the registry refuses raises ConfigurationError.
        """
        path = f"/subjects/{quote(subject, safe='')}/versions"
        return self._id(self._ask("POST", path, what=f"subject {subject}", sent={"schema": text}, refusable=True))

    def latest(self, subject: str) -> str | None:
        """Return the newest schema text of a subject, or None if there is no such subject."""
        path = f"/subjects/{quote(subject, safe='')}/versions/latest"
        try:
            answer = self._ask("GET", path, what=f"subject {subject}")
        except UnknownSchema:
            return None
        return self._string(answer, "schema")

    def subjects(self) -> list[str]:
        """Return the names of all subjects."""
        answer = self._ask("GET", "/subjects", what="the list of subjects")
        if not isinstance(answer, list) or not all(isinstance(name, str) for name in answer):
            raise self._garbage()
        return sorted(answer)

    def ready(self) -> bool:
        """Say whether the registry answers sensibly now."""
        try:
            return isinstance(self._ask("GET", "/config", what="its settings"), dict)
        except (RegistryUnavailable, UnknownSchema):
            return False

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _ask(
        self,
        method: str,
        path: str,
        *,
        what: str,
        sent: Mapping[str, Any] | None = None,
        schema_id: int | None = None,
        refusable: bool = False,
    ) -> Any:
        status, text = self._exchange(method, path, sent)
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            raise self._garbage(status) from None
        if status == 200:
            return answer
        code = answer.get("error_code") if isinstance(answer, dict) else None
        if status == 404 and code in _NOT_FOUND:
            raise UnknownSchema(f"the registry at {self._url} does not hold {what}", schema_id=schema_id)
        if refusable and status in (409, 422):
            raise ConfigurationError(
                f"the registry at {self._url} refuses the schema for {what} (status {status}): "
                "it is incompatible with the registered version, or not valid"
            )
        raise self._garbage(status)

    def _exchange(self, method: str, path: str, sent: Mapping[str, Any] | None) -> tuple[int, bytes]:
        headers = {"Accept": f"{_CONTENT_TYPE}, application/json", "Accept-Encoding": "identity"}
        if sent is not None:
            headers["Content-Type"] = _CONTENT_TYPE
        try:
            with self._session.request(
                method,
                self._url + path,
                data=None if sent is None else json.dumps(sent).encode(),
                headers=headers,
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, self._read(response)
        except requests.RequestException as error:
            raise RegistryUnavailable(
                f"no answer from the registry at {self._url} ({type(error).__name__}): "
                "check that it runs and that the address is right; the same call may succeed later"
            ) from None

    def _read(self, response: requests.Response) -> bytes:
        deadline = self._monotonic() + self._timeouts[1]
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(16_384):
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise RegistryUnavailable(f"the registry at {self._url} sent more than {MAX_ANSWER_BYTES} bytes")
            if self._monotonic() > deadline:
                raise RegistryUnavailable(f"the registry at {self._url} took longer than {self._timeouts[1]:g} s")
        return b"".join(parts)

    def _garbage(self, status: int = 200) -> RegistryUnavailable:
        return RegistryUnavailable(
            f"the registry at {self._url} did not answer as a schema registry does (status {status}): "
            "check the address (it ends in /apis/ccompat/v7)"
        )

    def _string(self, answer: Any, name: str) -> str:
        if not isinstance(answer, dict) or not isinstance(answer.get(name), str):
            raise self._garbage()
        text: str = answer[name]
        return text

    def _id(self, answer: Any) -> int:
        if not isinstance(answer, dict) or type(answer.get("id")) is not int:
            raise self._garbage()
        number: int = answer["id"]
        return number
