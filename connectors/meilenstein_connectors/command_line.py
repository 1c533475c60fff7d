"""`python -m meilenstein_connectors`: what a partner needs without writing a program, on the base install.

Settings come from flags or the environment: MEILENSTEIN_AGENCY, MEILENSTEIN_BOOTSTRAP_SERVERS,
MEILENSTEIN_REGISTRY_URL, MEILENSTEIN_STATE, MEILENSTEIN_SOURCE_SYSTEM; for a secured broker
MEILENSTEIN_SECURITY_PROTOCOL, MEILENSTEIN_SASL_MECHANISM, MEILENSTEIN_SASL_USERNAME, MEILENSTEIN_SASL_PASSWORD_FILE,
MEILENSTEIN_SSL_CAFILE.
Exit codes: 0 good, 1 something to correct, 2 settings, 3 try again later.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO, cast

from meilenstein_connectors.errors import (
    ConfigurationError,
    InvalidEvent,
    InvalidLine,
    MeilensteinError,
    TooLarge,
    both_languages,
)
from meilenstein_connectors.inbox import Fate, FateState, Inbox
from meilenstein_connectors.outbox import Prepared, Taken
from meilenstein_connectors.plain_json import from_line
from meilenstein_connectors.preparation import Preparation, content_id
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.registry_client import RegistryClient, SchemaIds
from meilenstein_connectors.replies import CaseUpdate, Change, Decision, Duplicate, Question, Receipt, Rejection, Reply
from meilenstein_connectors.standing import standing
from meilenstein_connectors.transport import Transport
from meilenstein_schemas.visible import visible

__all__ = ["Network", "main"]

Answer = tuple[int, dict[str, Any]]
"""Exit code, and what `--json` prints."""

_UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")
"""How its mark looks where a file is read as UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How a command reaches the hub; made from the options unless it is handed in."""

    transport: Transport
    registry: SchemaIds


def main(arguments: Sequence[str] | None, environment: Mapping[str, str], *, network: Network | None = None) -> int:
    """Run one command and return the exit code; every error is one line on stderr."""
    # kafka-python logs every failed attempt; what matters is in the error itself.
    logging.getLogger("kafka").addHandler(logging.NullHandler())
    options = _parser(environment).parse_args(arguments)
    options.network = network
    run: Callable[[argparse.Namespace], Answer] = options.run
    try:
        code, answer = run(options)
    except MeilensteinError as error:
        _write(sys.stderr, str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _write(sys.stderr, "interrupted; what was not confirmed stays in the outbox")
        return 130
    if options.json:
        _write(sys.stdout, json.dumps(answer, ensure_ascii=False, default=_plain))
    return code


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    def setting(name: str) -> str | None:
        return environment.get(f"MEILENSTEIN_{name}") or None

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--agency", default=setting("AGENCY"), help="key of the agency, such as hwk-dresden")
    shared.add_argument("--source-system", default=setting("SOURCE_SYSTEM") or "files", help="default: files")
    shared.add_argument("--bootstrap", default=setting("BOOTSTRAP_SERVERS"), help="Kafka, host:port")
    shared.add_argument(
        "--registry", default=setting("REGISTRY_URL"), help="registry, http://host:port/apis/ccompat/v7"
    )
    shared.add_argument("--state", default=setting("STATE"), help="state file; default: meilenstein-<agency>.sqlite")
    shared.add_argument("--timeout", type=float, default=30.0, help="seconds; default 30")
    shared.add_argument("--json", action="store_true", help="one JSON object as the last line of stdout")
    shared.set_defaults(
        security={
            "security_protocol": setting("SECURITY_PROTOCOL") or "PLAINTEXT",
            "sasl_mechanism": setting("SASL_MECHANISM"),
            "sasl_username": setting("SASL_USERNAME"),
            "ssl_cafile": setting("SSL_CAFILE"),
        },
        password_file=setting("SASL_PASSWORD_FILE"),
    )
    parser = argparse.ArgumentParser(
        prog="python -m meilenstein_connectors", description="Partner commands of Meilenstein."
    )
    commands = parser.add_subparsers(required=True, metavar="check | send | status | replies | cases | fate")
    for name, run, text, argument in (
        ("check", _check, "check events in a file (JSON, one a line) without any network", "file"),
        ("send", _send, "check and publish the events of a file; the same file twice publishes nothing more", "file"),
        ("status", _status, "say what waits, and up to which number the hub has the events without a gap", None),
        ("replies", _replies, "print the hub's new replies, once", None),
        ("cases", _cases, "print the cases this agency may know, as they are now", None),
        ("fate", _fate, "say what became of an event", "event_id"),
    ):
        command = commands.add_parser(name, help=text, description=text, parents=[shared])
        command.set_defaults(run=run)
        if argument:
            command.add_argument(argument)
    return parser


def _say(options: argparse.Namespace, text: str) -> None:
    _write(sys.stderr if options.json else sys.stdout, text)


def _write(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()


def _required(options: argparse.Namespace, name: str) -> str:
    value: str | None = getattr(options, name)
    if not value:
        variable = {"bootstrap": "BOOTSTRAP_SERVERS", "registry": "REGISTRY_URL"}.get(name, name.upper())
        raise ConfigurationError(f"--{name} is missing: give it, or set MEILENSTEIN_{variable}")
    return value


def _state(options: argparse.Namespace) -> Path:
    return Path(options.state or f"meilenstein-{_required(options, 'agency')}.sqlite")


def _transport(options: argparse.Namespace) -> Transport:
    if options.network is not None:
        return cast("Transport", options.network.transport)
    from meilenstein_connectors.kafka_transport import KafkaSettings, KafkaTransport  # noqa: PLC0415 - `check` needs none

    password = None
    if options.password_file:
        try:
            password = Path(options.password_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{options.password_file}: cannot be read ({error.strerror})") from None
    servers = _required(options, "bootstrap")
    return KafkaTransport(KafkaSettings(bootstrap_servers=servers, sasl_password=password, **options.security))


def _registry(options: argparse.Namespace) -> SchemaIds:
    if options.network is not None:
        return cast("SchemaIds", options.network.registry)
    return RegistryClient(_required(options, "registry"))


def _read(options: argparse.Namespace, preparation: Preparation) -> tuple[list[Prepared], list[dict[str, Any]]]:
    """Return the good events of the file, and what is wrong with the other lines."""
    path = Path(options.file)
    good: list[Prepared] = []
    bad: list[dict[str, Any]] = []
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, start=1):
                if number == 1 and line.startswith(_UTF_16):
                    raise ConfigurationError(f"{path}: is UTF-16 text; save the file as UTF-8")
                if line.strip():
                    _read_line(number, line, preparation, good, bad)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
    for entry in bad:
        _say(options, f"{path.name}: line {entry['line']}: {entry['mistake']}")
    return good, bad


def _read_line(
    number: int, line: str, preparation: Preparation, good: list[Prepared], bad: list[dict[str, Any]]
) -> None:
    try:
        _require_utf_8(line)
        event_type, body = from_line(line)
        event_id = body.get("event_id") or content_id(event_type, body)
        good.append(preparation.prepare((event_type, body), event_id=event_id))
    except InvalidLine as error:
        bad.append({"line": number, "field": error.field, "mistake": str(error)})
    except (InvalidEvent, TooLarge) as error:
        violations = [_violation(entry) for entry in getattr(error, "violations", ())]
        bad.append({"line": number, "field": None, "mistake": str(error), "violations": violations})


def _require_utf_8(line: str) -> None:
    if any("\udc80" <= letter <= "\udcff" for letter in line):  # so Python reads bytes that are no UTF-8
        raise InvalidLine("holds bytes that are not UTF-8; save the file as UTF-8")


def _violation(violation: Any) -> dict[str, Any]:
    names = ("rule", "severity", "field", "seen", "expected")
    return {name: getattr(violation, name) for name in names} | {
        "text": dict(violation.text),
        "how": dict(violation.how),
    }


def _preparation(options: argparse.Namespace, agency: str) -> Preparation:
    return Preparation(agency=agency, source_system=options.source_system)


def _check(options: argparse.Namespace) -> Answer:
    good, bad = _read(options, _preparation(options, options.agency or "my-agency"))
    warned = sum(1 for event in good if event.warnings)
    _say(options, f"{len(good)} good ({warned} with warnings), {len(bad)} bad")
    return (1 if bad else 0), {"good": len(good), "warned": warned, "bad": bad}


def _send(options: argparse.Namespace) -> Answer:
    agency = _required(options, "agency")
    good, bad = _read(options, _preparation(options, agency))
    if bad:
        _say(options, f"nothing sent: {len(bad)} of {len(good) + len(bad)} events are bad")
        return 1, {"good": len(good), "bad": bad, "added": 0, "known": 0, "sent": 0, "waiting": 0}
    with Publisher(
        agency=agency,
        source_system=options.source_system,
        outbox=_state(options),
        transport=_transport(options),
        registry=_registry(options),
    ) as publisher:
        added = publisher.take(good).count(Taken.ADDED)
        report = publisher.send(options.timeout)
    known = len(good) - added
    _say(options, f"{added} new, {known} known from before; {report.sent} sent, {report.waiting} waiting")
    if report.error:
        _say(options, f"{report.error}; run the command again, nothing is lost")
    answer = {"good": len(good), "bad": [], "added": added, "known": known}
    return (3 if report.waiting else 0), answer | {"sent": report.sent, "waiting": report.waiting}


def _status(options: argparse.Namespace) -> Answer:
    with _inbox(options) as inbox:
        inbox.refresh(options.timeout)
        lines, answer = standing(inbox, _state(options))
    for line in lines:
        _say(options, visible(line))
    return 0, answer


def _inbox(options: argparse.Namespace) -> Inbox:
    return Inbox(agency=_required(options, "agency"), transport=_transport(options), state=_state(options))


def _replies(options: argparse.Namespace) -> Answer:
    found: list[dict[str, Any]] = []
    with _inbox(options) as inbox:
        for reply in inbox.replies(timeout=0):
            found.append({"kind": type(reply).__name__.upper(), **asdict(reply)})
            _say(options, _reply_line(reply))
    return 0, {"replies": found}


def _reply_line(reply: Reply) -> str:
    if isinstance(reply, Receipt):
        accepted = sum(last - first + 1 for first, last in reply.accepted)
        return f"{reply.decided_at:%Y-%m-%d %H:%M} accepted: {accepted} records of {reply.topic}"
    if isinstance(reply, Rejection):
        reasons = "; ".join(both_languages(reason.text) + " " + both_languages(reason.how) for reason in reply.reasons)
        return f"{reply.decided_at:%Y-%m-%d %H:%M} rejected: {_record(reply)}: {reasons}"
    if isinstance(reply, Duplicate):
        return f"{reply.decided_at:%Y-%m-%d %H:%M} duplicate: {reply.event_type} {reply.event_id}"
    if isinstance(reply, Question):
        about = "" if reply.about is None else f" {visible(str(reply.about))}"
        return f"{reply.decided_at:%Y-%m-%d %H:%M} question {reply.code}{about}: {both_languages(reply.text)}"
    if isinstance(reply, Decision):
        about = _record(reply) if reply.place else f"{reply.code} {reply.about}"
        return f"{reply.decided_at:%Y-%m-%d %H:%M} decided {reply.decision}: {about}: {_decision_words(reply)}"
    return f"a reply that this version does not know (offset {reply.offset}); update the SDK"


def _record(reply: Rejection | Decision) -> str:
    """Return what names a record: type and id of its event, and its place where they could not be read."""
    place = f"record {reply.place.offset} of {reply.place.topic}" if reply.place and not reply.event_id else None
    return " ".join(known for known in (reply.event_type, reply.event_id, place) if known)


def _decision_words(decision: Decision) -> str:
    changed = f" [{_changes(decision.changed)}]" if decision.changed else ""
    reason = f" ({visible(decision.reason)})" if decision.reason else ""
    return f"{both_languages(decision.text)}{changed}{reason}"


def _changes(changed: Sequence[Change]) -> str:
    return "; ".join(f"{one.field}: {visible(one.was or '-')} -> {visible(one.now or '-')}" for one in changed)


def _cases(options: argparse.Namespace) -> Answer:
    with _inbox(options) as inbox:
        inbox.refresh(options.timeout)
        cases = inbox.current_cases()
    for case in cases:
        _say(options, _case_line(case))
    return 0, {"cases": [asdict(case) for case in cases]}


def _case_line(case: CaseUpdate) -> str:
    view = json.dumps(case.view, ensure_ascii=False) if case.view is not None else ""
    return f"{case.key} version {case.version} {case.state} {view}".rstrip()


def _fate(options: argparse.Namespace) -> Answer:
    with _inbox(options) as inbox:
        inbox.refresh(options.timeout)
        fate = inbox.fate(options.event_id)
    _say(options, _fate_line(fate))
    return (1 if fate.state in (FateState.REJECTED, FateState.UNKNOWN) else 0), asdict(fate)


def _fate_line(fate: Fate) -> str:
    if fate.decision is not None:
        return f"{fate.event_id} {fate.state}: {_decision_words(fate.decision)}"
    reasons = "; ".join(
        f"[{reason.code}] {both_languages(reason.text)} {both_languages(reason.how)}" for reason in fate.reasons
    )
    return f"{fate.event_id} {fate.state}{': ' if reasons else ''}{reasons}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON value")
