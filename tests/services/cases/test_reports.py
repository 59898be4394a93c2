"""Reports, calls, photos and receipts: stored once and complete, or not at all."""

import io
from dataclasses import replace
from uuid import uuid4

import pytest
from PIL import Image

from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.vocabulary import CaseAction, CaseState
from gridmap.services.cases import calls, cases, field_reports, photos, receipts
from gridmap.services.cases.calls import CallRecord, NearCases
from gridmap.services.cases.field_reports import FieldReport
from gridmap.services.cases.receipts import PublicCase
from gridmap.services.cases.steps import PersonalNumbers
from gridmap.services.incidents.reporting import IncidentReport
from tests.services.cases.office import ServiceOffice

COUNT = "SELECT count(*) FROM incident"
CENTRE = "106.005, 29.01"


def jpeg(colour: str = "red") -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(output, "JPEG")
    return output.getvalue()


def make_report(office: ServiceOffice, **values: object) -> FieldReport:
    incident = IncidentReport(
        office.place.subdistrict_id, "lifts", "a lamp", None, 106.005, 29.01, urgent=False, form_token="token"
    )
    return FieldReport(incident, **values)  # type: ignore[arg-type]


def submit(office: ServiceOffice, report: FieldReport) -> field_reports.StoredReport:
    with office.act_as("worker") as (session, caller):
        return field_reports.submit_report(session, caller, report)


def make_call(office: ServiceOffice, **values: object) -> CallRecord:
    record = CallRecord(office.place.subdistrict_id, "lifts", "a lamp", "phone", CENTRE, "", None, False, uuid4().hex)
    return replace(record, **values)  # type: ignore[arg-type]


def record(office: ServiceOffice, call: CallRecord) -> int:
    with office.act_as("station") as (session, caller):
        return calls.record_call(session, caller, call).id


def test_a_report_that_is_sent_again_is_the_same_one(office: ServiceOffice) -> None:
    first, second = (submit(office, make_report(office, photos=[jpeg()])) for _ in range(2))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.number == second.number
    assert office.value("SELECT count(*) FROM incident_photo") == 1


def test_a_report_with_a_result_is_closed_in_one_step(office: ServiceOffice) -> None:
    submit(office, make_report(office, result="bulb changed"))
    details = office.load("station", office.value("SELECT id FROM incident"))
    assert details.case.state is CaseState.CLOSED
    assert [(step.action, step.text) for step in details.steps] == [(CaseAction.SETTLE, "bulb changed")]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"result": " "}, "say it in a few words"),
        ({"result": "call 13800138000"}, "138…00"),
        ({"photos": [b"no picture"]}, "JPEG"),
        ({"photos": [jpeg()] * 4}, "at most 3"),
    ],
)
def test_a_report_that_is_refused_leaves_nothing(
    office: ServiceOffice, values: dict[str, object], problem: str
) -> None:
    with pytest.raises(InvalidInput, match=problem):
        submit(office, make_report(office, **values))
    assert office.value(COUNT) == 0


def test_a_report_has_up_to_three_photos(office: ServiceOffice) -> None:
    submit(office, make_report(office, photos=[jpeg(colour) for colour in ("red", "green", "blue")]))
    assert len(office.load("station", office.value("SELECT id FROM incident")).photos) == 3


@pytest.mark.parametrize(("seconds", "withdrawn"), [(590, True), (610, False)])
def test_a_report_is_withdrawn_within_ten_minutes(office: ServiceOffice, seconds: int, withdrawn: bool) -> None:
    incident = office.report()
    office.change(f"UPDATE incident SET reported_at = now() - interval '{seconds} s' WHERE id = {incident}")
    with office.act_as("worker") as (session, caller):
        if withdrawn:
            field_reports.withdraw_report(session, caller, incident)
        else:
            with pytest.raises(InvalidInput, match="ten minutes"):
                field_reports.withdraw_report(session, caller, incident)
    assert office.value(COUNT) == int(not withdrawn)
    office.change("DELETE FROM withdrawn_report")


def test_reports_of_others_are_not_withdrawn(office: ServiceOffice) -> None:
    incident = office.report()
    with office.act_as("station") as (session, caller), pytest.raises(NotFound):
        field_reports.withdraw_report(session, caller, incident)


def test_a_call_is_recorded_with_its_channel_and_may_be_taken_in(office: ServiceOffice) -> None:
    details = office.load("station", record(office, make_call(office)))
    assert (details.case.channel, details.case.community_name) == ("phone", "east community")
    assert CaseAction.ACCEPT in details.actions


def test_a_form_of_a_call_that_is_sent_twice_is_one_incident(office: ServiceOffice) -> None:
    call = make_call(office)
    assert record(office, call) == record(office, call)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"category": "unknown"}, "choose one of the list"),
        ({"channel": "worker"}, "choose one of the list"),
        ({"title": ""}, "say it in a few words"),
        ({"shape": "", "address": ""}, "touch the map"),
        ({"shape": "105.005, 29.01"}, "outside your communities"),
    ],
)
def test_a_call_that_lacks_something_is_refused(office: ServiceOffice, values: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        record(office, make_call(office, **values))
    assert office.value(COUNT) == 0


def test_numbers_of_persons_in_a_call_are_asked_about(office: ServiceOffice) -> None:
    call = make_call(office, title="call 13800138000")
    with pytest.raises(PersonalNumbers, match="138…00"):
        record(office, call)
    record(office, replace(call, numbers_confirmed=True))


@pytest.mark.parametrize(("metres", "asked"), [(49.0, True), (51.0, False)])
def test_a_call_beside_a_known_case_is_asked_about(office: ServiceOffice, metres: float, asked: bool) -> None:
    known = office.report()
    office.move_north(known, metres)
    call = make_call(office)
    if asked:
        with pytest.raises(NearCases) as refusal:
            record(office, call)
        assert [each.incident_id for each in refusal.value.near] == [known]
    record(office, replace(call, near_confirmed=asked))
    assert office.value(COUNT) == 2


def test_photos_are_cleaned_before_any_is_stored() -> None:
    assert len(photos.clean_photos([jpeg()] * 3)) == 3
    with pytest.raises(InvalidInput, match="at most 3"):
        photos.clean_photos([jpeg()] * 4)


def test_a_photo_of_a_step_is_for_who_sees_the_incident(office: ServiceOffice) -> None:
    incident = office.report()
    step = office.take("station", incident, CaseAction.NOTE, text="as it looks")
    with office.act_as("station") as (session, _):
        photos.add_photos(session, incident, step, photos.clean_photos([jpeg()]))
    photo = office.load("leader", incident).photos[0]
    with office.act_as("leader") as (session, caller):
        assert cases.load_photo(session, caller, incident, photo.id).startswith(b"\xff\xd8")
    with office.act_as("planner") as (session, caller), pytest.raises(NotFound):
        cases.load_photo(session, caller, incident, photo.id)


def test_a_receipt_opens_the_state_of_its_case(office: ServiceOffice) -> None:
    incident = office.report()
    with office.act_as("station") as (session, caller):
        _, receipt = receipts.load_receipt(session, caller, incident)
    typed = receipt.number.lower(), f" {receipt.spoken_code} "
    with office.database.transaction() as session:
        found = receipts.find_public_case(session, *typed, "192.0.2.1")
        assert receipts.find_public_case(session, receipt.number, "", "192.0.2.1") is None
    office.change("DELETE FROM case_query_throttle")
    assert isinstance(found, PublicCase)
    assert found.state is CaseState.RECEIVED


def test_a_leader_gets_no_receipt(office: ServiceOffice) -> None:
    incident = office.report()
    with office.act_as("leader") as (session, caller), pytest.raises(NotFound):
        receipts.load_receipt(session, caller, incident)
