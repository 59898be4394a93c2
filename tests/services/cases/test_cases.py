"""Lists of cases and one case: who sees which, in which order, and what may be done."""

import pytest

from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import CaseAction, CaseActor, CaseState
from gridmap.services.cases import cases
from tests.fixtures.subdistricts import SubdistrictIds
from tests.services.cases.office import ServiceOffice


def ids(rows: object) -> list[int]:
    return [each.incident_id for each in rows]  # type: ignore[attr-defined]


def test_a_station_has_to_do_what_no_worker_has(office: ServiceOffice) -> None:
    received, assigned = office.report(), office.report(title="a bench is broken")
    office.take("station", assigned, CaseAction.ASSIGN)
    inbox = office.inbox("station")
    assert (ids(inbox.to_do), ids(inbox.with_others)) == ([received], [assigned])


def test_a_worker_has_to_do_the_own_cases_and_to_answer_questions(office: ServiceOffice) -> None:
    own, asked, waiting = office.report(), office.report(), office.report()
    office.take("station", own, CaseAction.ASSIGN)
    office.take("station", asked, CaseAction.ASK_REPORTER, text="which lamp?")
    inbox = office.inbox("worker")
    assert (ids(inbox.to_do), ids(inbox.with_others)) == ([asked, own], [waiting])


def test_closed_cases_leave_the_inbox(office: ServiceOffice) -> None:
    office.take("station", office.report(), CaseAction.CLOSE, text="done")
    assert [list(office.inbox(role).to_do) for role in ("station", "worker", "leader")] == [[], [], []]


def test_a_leader_sees_open_cases_of_ordinary_incidents(office: ServiceOffice) -> None:
    ordinary = office.report()
    office.report("theft")
    office.report("mental_health")
    inbox = office.inbox("leader")
    assert ids([*inbox.to_do, *inbox.with_others]) == [ordinary]


def test_urgent_cases_come_first_then_those_of_a_leader_then_by_the_promised_day(office: ServiceOffice) -> None:
    late, soon, supervised, urgent = (office.report() for _ in range(4))
    office.change(f"UPDATE incident_case SET due_on = today() + 1 WHERE incident_id = {soon}")
    office.take("leader", supervised, CaseAction.SUPERVISE)
    office.change(f"UPDATE incident SET urgent = true WHERE id = {urgent}")
    assert ids(office.inbox("station").to_do) == [urgent, supervised, soon, late]


@pytest.mark.parametrize(("days", "overdue"), [(0, 0), (-1, 1)])
def test_a_case_is_overdue_from_the_day_after_the_promised_one(office: ServiceOffice, days: int, overdue: int) -> None:
    incident = office.report()
    office.change(f"UPDATE incident_case SET due_on = today() + ({days}) WHERE incident_id = {incident}")
    inbox = office.inbox("station")
    assert (inbox.overdue, inbox.to_do[0].days_left, inbox.to_do[0].is_overdue) == (overdue, days, bool(overdue))


def test_a_closed_case_is_never_overdue(office: ServiceOffice) -> None:
    incident = office.report()
    office.take("station", incident, CaseAction.CLOSE, text="done")
    office.change(f"UPDATE incident_case SET due_on = today() - 1 WHERE incident_id = {incident}")
    assert not office.load("station", incident).case.is_overdue


def test_own_reports_are_followed_to_their_end_the_newest_first(office: ServiceOffice) -> None:
    first, second = office.report(), office.report()
    office.take("station", first, CaseAction.CLOSE, text="done")
    with office.act_as("worker") as (session, caller):
        reports = cases.list_own_reports(session, caller)
    assert [(each.incident_id, each.state) for each in reports] == [
        (second, CaseState.RECEIVED),
        (first, CaseState.CLOSED),
    ]


def test_a_case_has_steps_place_and_what_its_reader_may_do(office: ServiceOffice) -> None:
    incident = office.report()
    office.take("station", incident, CaseAction.ACCEPT)
    details = office.load("station", incident)
    assert details.actors == {CaseActor.STATION}
    assert details.actions == (
        *(CaseAction.ASSIGN, CaseAction.ASK_REPORTER, CaseAction.CLOSE, CaseAction.NOTE, CaseAction.LINK_DUPLICATE),
    )
    assert [step.action for step in details.steps] == [CaseAction.ACCEPT]
    assert (details.case.grid_code, details.case.community_name) == ("east11", "east community")


def test_a_planner_reads_no_steps(office: ServiceOffice) -> None:
    incident = office.report()
    office.take("station", incident, CaseAction.ACCEPT)
    details = office.load("planner", incident)
    assert (details.case.state, list(details.steps), details.actions) == (CaseState.ACCEPTED, [], ())


@pytest.mark.parametrize("role", ["station", "worker", "leader", "planner"])
def test_a_case_of_another_subdistrict_is_not_found(office: ServiceOffice, west: SubdistrictIds, role: str) -> None:
    incident = office.report()
    with office.act_as(role, west) as (session, caller), pytest.raises(NotFound):
        cases.load_case(session, caller, incident)


@pytest.mark.parametrize(("metres", "found"), [(49.0, True), (51.0, False)])
def test_cases_within_50_m_may_be_the_same(office: ServiceOffice, metres: float, found: bool) -> None:
    incident, other = office.report(), office.report()
    office.move_north(other, metres)
    assert (ids(office.load("station", incident).near) == [other]) is found


@pytest.mark.parametrize(("hours", "found"), [(7 * 24 - 1, True), (7 * 24 + 1, False)])
def test_cases_of_7_days_may_be_the_same(office: ServiceOffice, hours: int, found: bool) -> None:
    incident, other = office.report(), office.report()
    office.change(f"UPDATE incident SET occurred_at = now() - make_interval(hours => {hours}) WHERE id = {other}")
    assert (ids(office.load("station", incident).near) == [other]) is found


def test_cases_of_another_category_and_known_duplicates_are_not_the_same(office: ServiceOffice) -> None:
    incident, duplicate = office.report(), office.report()
    office.report("noise")
    number = office.load("station", incident).case.number
    office.take("station", duplicate, CaseAction.LINK_DUPLICATE, duplicate_number=number)
    assert list(office.load("station", incident).near) == []


@pytest.mark.parametrize(("days", "seen"), [(29, True), (31, False)])
def test_a_worker_sees_a_case_of_another_grid_for_30_days_after_its_end(
    office: ServiceOffice, days: int, seen: bool
) -> None:
    incident = office.report()
    elsewhere = office.place.grid_ids[1]
    office.take("station", incident, CaseAction.ASSIGN)
    office.change(
        f"UPDATE incident SET reported_by = NULL, cell_id = (SELECT min(cell_id) FROM assignment WHERE grid_id ="
        f" {elsewhere}) WHERE id = {incident}"
    )
    office.take("worker", incident, CaseAction.CLOSE, text="done")
    office.change(f"UPDATE incident_case SET changed_at = now() - interval '{days} days'")
    if seen:
        assert office.load("worker", incident).case.state is CaseState.CLOSED
    else:
        with pytest.raises(NotFound):
            office.load("worker", incident)


def test_opened_notices_count_as_seen(office: ServiceOffice) -> None:
    incident = office.report()
    office.take("station", incident, CaseAction.ASSIGN)
    opened = []
    for _ in range(2):
        with office.act_as("worker") as (session, caller):
            opened.append([(each.kind.value, each.is_new) for each in cases.open_notices(session, caller)])
    assert opened == [[("assigned", True)], [("assigned", False)]]


def test_notices_of_one_case_are_seen_by_themselves(office: ServiceOffice) -> None:
    first, second = office.report(), office.report()
    for incident in (first, second):
        office.take("station", incident, CaseAction.ASSIGN)
    with office.act_as("worker") as (session, _):
        cases.see_notices(session, first)
    with office.act_as("worker") as (session, caller):
        assert {each.incident_id: each.is_new for each in cases.open_notices(session, caller)} == {
            first: False,
            second: True,
        }
