"""Every row is published, skipped with a reason, or refused with line and reason; a second import adds nothing."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meilenstein_connectors.codec import contract_schema, decode, unframe
from meilenstein_connectors.csv_import import ImportReport, import_csv
from meilenstein_connectors.csv_profile import Profile, load_profile
from meilenstein_connectors.errors import BrokerUnavailable, ConfigurationError, InvalidEvent
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport

LOOKALIKE = Path("tests/data/permit_lookalike.csv")
PROFILE = """
name: visits
version: 1
agency: hwk-dresden
source_system: files
key: [id]
delimiter: ";"
zone: Europe/Berlin
rows:
  - when: {kind: [arrival, return], state: done}
    event: EntryReported
    fields:
      case_reference: {column: file}
      occurred_on: {column: day, format: "%d.%m.%Y"}
      occurred_at: {column: moment}
      legal_route: {column: route, values: {"§ 81a": FAST_TRACK_81A, regular: REGULAR}}
      sent_to: SENT_TO
      references:
        - {agency: {constant: zefas}, kind: {constant: REFERRAL}, reference: {column: referral}}
        - {agency: {constant: hwk-dresden}, kind: {constant: PROCEDURE}, reference: {column: procedure}}
  - when: {kind: note}
    skip: a note
""".replace("      sent_to: SENT_TO\n", "")
HEADER = "id;kind;state;file;day;moment;route;referral;procedure"
GOOD = "1;arrival;done;A-4;02.03.2026;2026-03-02 10:00:00;regular;R-1;P-9"


class Office:
    """An agency with its export, profile and outbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = MemoryBroker(["milestones.hwk-dresden", "milestones.body-example"])
        self.profile_text = PROFILE

    def profile(self) -> Profile:
        path = self.folder / "visits.yaml"
        path.write_text(self.profile_text, encoding="utf-8")
        return load_profile(path)

    def run(
        self, file: Path, profile: Profile, progress: Callable[[int], None] | None = None, timeout: float = 20
    ) -> ImportReport:
        with Publisher(
            agency=profile.agency,
            source_system=profile.source_system,
            outbox=self.folder / f"{profile.name}.sqlite",
            transport=MemoryTransport(self.broker),
            registry=MemoryRegistry(),
            check=None,
        ) as publisher:
            return import_csv(file, profile, publisher, progress=progress, timeout=timeout)

    def import_rows(
        self, *rows: str, header: str = HEADER, encoding: str = "utf-8", end: str = "\n", timeout: float = 20
    ) -> ImportReport:
        file = self.folder / "export.csv"
        file.write_bytes(end.join([header, *rows, ""]).encode(encoding, "surrogateescape"))
        return self.run(file, self.profile(), timeout=timeout)

    def bodies(self, agency: str = "hwk-dresden") -> list[dict[str, Any]]:
        found = []
        for record in self.broker.records(f"milestones.{agency}"):
            kind = dict(record.headers)["ce_type"].decode().split(".")[-2]
            name = "".join(part.capitalize() for part in kind.split("-"))
            found.append(decode(unframe(record.value)[1], contract_schema(name)) | {"type": name})
        return found


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_the_lookalike_of_the_permit_log(office: Office) -> None:
    profile = load_profile("permit-receipts")
    report = office.run(LOOKALIKE, profile)
    assert (report.published, report.unchanged) == (13, 1)
    assert report.skipped == {"a step inside the office, not a milestone": 9}
    assert [(line, reason.split(":")[0][:42]) for line, reason in report.refused] == [
        (17, "[CONTRACT] occurred_on"),
        (19, "column case"),
        (21, "no rule of the profile matches (concept"),
        (24, "column concept"),
        (25, "column time"),
        (31, "3 columns where the header has 15"),
        (32, "no rule of the profile matches (concept"),
    ]
    again = office.run(LOOKALIKE, profile)
    assert (again.published, again.unchanged, again.skipped, again.refused) == (0, 14, report.skipped, report.refused)
    assert len(office.bodies("body-example")) == 13


def test_the_real_permit_log(office: Office) -> None:
    log = os.environ.get("MEILENSTEIN_SAMPLE_LOG")
    if not log:
        pytest.skip("MEILENSTEIN_SAMPLE_LOG names no file: the real permit log was NOT imported")
    profile = load_profile("permit-receipts")
    report = office.run(Path(log), profile)
    assert (report.published, report.unchanged, sum(report.skipped.values()), report.refused) == (1330, 0, 2784, [])
    kinds = Counter(body["type"] for body in office.bodies("body-example"))
    assert kinds == {"ApplicationReceived": 698, "ReceiptConfirmed": 632}
    again = office.run(Path(log), profile)
    assert (again.published, again.unchanged, again.refused) == (0, 1330, [])
    assert len(office.bodies("body-example")) == 1330


def test_dates_of_the_lookalike_are_those_in_berlin(office: Office) -> None:
    office.run(LOOKALIKE, load_profile("permit-receipts"))
    found = {(body["case_reference"], body["type"]): body for body in office.bodies("body-example")}
    received, confirmed = "ApplicationReceived", "ReceiptConfirmed"
    days = {key: body["occurred_on"].isoformat() for key, body in found.items()}
    assert days["muster-2", received] == "2024-02-12"
    assert days["muster-2", confirmed] == "2024-02-14"
    assert days["muster-3", received] == "2024-03-31"
    assert days["muster-3", confirmed] == "2024-10-27"
    assert days["muster-4", received] == "2024-07-01", "22:30 UTC is the next day in Berlin"
    assert days["muster-4", confirmed] == "2024-07-02"
    assert found["muster-3", confirmed]["recorded_at"] == dt.datetime(2024, 10, 27, 1, 30, tzinfo=dt.UTC)
    application = found["muster-1", received]
    assert application["recorded_at"] is None
    assert (application["publisher"], application["subject_kind"]) == ("body-example", "PERSON")
    assert (application["procedure_law"], application["procedure_reference"]) == ("OTHER", "muster-1")
    assert found["muster-1", confirmed]["procedure_reference"] == "muster-1"


def test_fields_are_mapped_as_the_profile_says(office: Office) -> None:
    report = office.import_rows(GOOD)
    assert (report.published, report.refused) == (1, [])
    (body,) = office.bodies()
    assert body["case_reference"] == "A-4"
    assert body["occurred_on"] == dt.date(2026, 3, 2)
    assert body["occurred_at"] == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert body["legal_route"] == "REGULAR"
    assert body["references"] == [
        {"agency": "zefas", "kind": "REFERRAL", "reference": "R-1"},
        {"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": "P-9"},
    ]


def test_empty_columns_leave_defaults_and_drop_list_entries(office: Office) -> None:
    assert office.import_rows("1;return;done;A-4;02.03.2026;;;;P-9").refused == []
    (body,) = office.bodies()
    assert (body["occurred_at"], body["legal_route"]) == (None, "UNKNOWN")
    assert [entry["reference"] for entry in body["references"]] == ["P-9"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD.replace("02.03.2026", "2026-03-02"), "column day: not the format %d.%m.%Y"),
        (GOOD.replace("02.03.2026", "30.02.2026"), "column day: not the format %d.%m.%Y"),
        (GOOD.replace("02.03.2026", ""), "occurred_on"),
        (GOOD.replace("A-4", ""), "case_reference"),
        (GOOD.replace("2026-03-02 10:00:00", "2026-03-02"), "column moment: a date without time of day"),
        (GOOD.replace("2026-03-02 10:00:00", "soon"), "column moment: not an ISO 8601 date or time"),
        (GOOD.replace("2026-03-02 10:00:00", "2026-03-29 02:30:00"), "occurs twice or not at all"),
        (GOOD.replace("2026-03-02 10:00:00", "2026-10-25 02:30:00"), "occurs twice or not at all"),
        (GOOD.replace("2026-03-02 10:00:00", "0001-01-01 00:10:00"), "outside the years"),
        (GOOD.replace("regular", "Regular"), "column route has a value that the profile does not list"),
        (GOOD.replace("arrival", "departure"), "no rule of the profile matches (kind, state)"),
        (GOOD.replace("done", "planned"), "no rule of the profile matches (kind, state)"),
        (GOOD[1:], "column id is empty, but part of the row's key"),
        (GOOD + ";more", "10 columns where the header has 9"),
        (GOOD.replace("A-4", "A\0-4"), "case_reference"),
        (GOOD.replace("A-4", "A\udcff-4"), "column file holds bytes that are not utf-8"),
        ("\udcff" + GOOD, "column id, part of the row's key, holds bytes that are not utf-8"),
        (GOOD.replace("A-4", '"A"4'), "not readable as CSV"),
    ],
)
def test_a_row_that_is_not_as_the_profile_says_is_refused_alone(office: Office, row: str, reason: str) -> None:
    report = office.import_rows("0" + GOOD, row, "2" + GOOD)
    assert report.published == 2
    ((line, told),) = report.refused
    assert line == 3
    assert reason in told or told.startswith("column file: expected text"), told
    assert "A-4" not in told


def test_an_offset_in_the_value_wins_over_the_zone(office: Office) -> None:
    office.import_rows(GOOD.replace("2026-03-02 10:00:00", "2026-10-25T02:30:00+01:00"))
    assert office.bodies()[0]["occurred_at"] == dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)


def test_without_a_zone_a_local_time_is_refused(office: Office) -> None:
    office.profile_text = PROFILE.replace("zone: Europe/Berlin\n", "")
    ((_, reason),) = office.import_rows(GOOD).refused
    assert "no zone" in reason


def test_the_first_rule_that_matches_decides(office: Office) -> None:
    first = "rows:\n  - when: {file: A-4}\n    skip: known elsewhere\n"
    office.profile_text = PROFILE.replace("rows:\n", first)
    report = office.import_rows(GOOD, "2;note;;;;;;;")
    assert report.skipped == {"known elsewhere": 1, "a note": 1}


def test_a_longer_export_publishes_only_what_is_new_and_refuses_what_changed(office: Office) -> None:
    office.import_rows(GOOD)
    report = office.import_rows(GOOD, "2" + GOOD[1:])
    assert (report.published, report.unchanged) == (1, 1)
    report = office.import_rows(GOOD.replace("02.03.2026", "03.03.2026"), "2" + GOOD[1:])
    assert (report.published, report.unchanged) == (0, 1)
    assert report.refused == [
        (2, "imported before with other content; publish a correction instead of changing the row")
    ]
    assert len(office.bodies()) == 2


def test_another_version_of_the_profile_is_another_name_space(office: Office) -> None:
    office.import_rows(GOOD)
    office.profile_text = PROFILE.replace("version: 1", "version: 2")
    assert office.import_rows(GOOD).published == 1
    first, second = office.bodies()
    assert first["event_id"] != second["event_id"]


def test_a_facts_publisher_may_differ_from_the_sender(office: Office) -> None:
    office.profile_text = PROFILE.replace("source_system:", "publisher: ksv-sachsen\nsource_system:")
    office.import_rows(GOOD)
    assert [(body["publisher"], body["sent_by"]) for body in office.bodies()] == [("ksv-sachsen", "hwk-dresden")]


@pytest.mark.parametrize(("encoding", "named"), [("utf-8-sig", "utf-8"), ("cp1252", "cp1252"), ("utf-16", "utf-16")])
def test_encodings_and_line_ends_of_office_programs(office: Office, encoding: str, named: str) -> None:
    office.profile_text = PROFILE.replace("delimiter", f"encoding: {named}\ndelimiter")
    report = office.import_rows(GOOD.replace("A-4", "Aö-4").replace("regular", "§ 81a"), encoding=encoding, end="\r\n")
    assert report.refused == []
    assert (office.bodies()[0]["case_reference"], office.bodies()[0]["legal_route"]) == ("Aö-4", "FAST_TRACK_81A")


def test_lines_are_counted_as_an_editor_does(office: Office) -> None:
    report = office.import_rows('0;note;"two\nlines";;;;;;', "", "1;nothing;;;;;;;")
    assert report.skipped == {"a note": 1}
    assert [line for line, _ in report.refused] == [5]


@pytest.mark.parametrize(
    ("header", "named"),
    [("id;kind", "file"), (HEADER.replace(";", ","), "delimiter"), ("", "id"), (HEADER + ";file", "more than once")],
)
def test_a_file_that_is_not_the_profiles_is_one_clear_line(office: Office, header: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        office.import_rows(GOOD, header=header)


@pytest.mark.parametrize(
    ("written", "named"),
    [("utf-16", "utf-8"), ("utf-8-sig", "cp1252"), ("utf-8-sig", "utf-16"), ("cp1252", "utf-8"), ("utf-8", "utf-16")],
)
def test_a_file_in_another_encoding_is_one_clear_line_and_nothing_is_published(
    office: Office, written: str, named: str
) -> None:
    columns = HEADER.replace("note", "Bemerkung für alle")
    office.profile_text = PROFILE.replace("delimiter", f"encoding: {named}\ndelimiter")
    with pytest.raises(ConfigurationError, match=rf"export\.csv: .*profile .* reads {named}: export") as told:
        office.import_rows(GOOD, header=columns + ";für", encoding=written)
    assert "\n" not in str(told.value)
    assert office.bodies() == []


def test_a_missing_file_is_one_clear_line(office: Office) -> None:
    with pytest.raises(ConfigurationError, match=r"no-such\.csv"):
        office.run(office.folder / "no-such.csv", office.profile())


def test_the_publisher_must_be_the_profiles(office: Office) -> None:
    with (
        Publisher(
            agency="zefas",
            source_system="files",
            outbox=office.folder / "other.sqlite",
            transport=MemoryTransport(office.broker),
            registry=MemoryRegistry(),
        ) as publisher,
        pytest.raises(ConfigurationError, match="zefas"),
    ):
        import_csv(LOOKALIKE, office.profile(), publisher)


def test_an_import_that_could_not_send_continues_later(office: Office) -> None:
    office.broker.unavailable = BrokerUnavailable("no broker")
    with pytest.raises(BrokerUnavailable):
        office.import_rows(GOOD, timeout=0)
    office.broker.unavailable = None
    assert office.import_rows(GOOD).unchanged == 1
    assert len(office.bodies()) == 1


def test_progress_is_told(office: Office) -> None:
    file = office.folder / "many.csv"
    file.write_text("\n".join([HEADER, *(f"{number};note;;;;;;;" for number in range(250))]), encoding="utf-8")
    told: list[int] = []
    office.run(file, office.profile(), told.append)
    assert told == [100, 200]


def test_rules_of_the_hub_refuse_rows_too(office: Office) -> None:
    file = office.folder / "export.csv"
    file.write_text(f"{HEADER}\n{GOOD.replace('2026', '2999')}\n", encoding="utf-8")
    profile = office.profile()
    with Publisher(
        agency=profile.agency,
        source_system=profile.source_system,
        outbox=office.folder / "checked.sqlite",
        transport=MemoryTransport(office.broker),
        registry=MemoryRegistry(),
    ) as publisher:
        report = import_csv(file, profile, publisher)
        with pytest.raises(InvalidEvent):
            publisher.prepare(("EntryReported", {"case_reference": "A", "occurred_on": dt.date(2999, 3, 2)}))
    assert (report.published, [line for line, _ in report.refused]) == (0, [2])
