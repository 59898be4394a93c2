"""Workers who may get a case: the colleague of the line of work, the one in charge of the grid, then the others."""

from collections.abc import Iterator

import pytest

from gridmap.core.vocabulary import AssignmentBasis, CaseAction
from tests.fixtures.cases.incident_cases import delete_cases
from tests.services.cases.office import ServiceOffice

CARE = (
    "INSERT INTO service_line (subdistrict_id, key, name_zh, name_en) VALUES ({subdistrict}, 'care', '关爱', 'care');"
    "UPDATE incident_category SET line_of_work = 'care' WHERE key = 'lifts' AND subdistrict_id = {subdistrict}"
)
NO_CARE = "UPDATE incident_category SET line_of_work = NULL; DELETE FROM service_line"
WORKER = (
    "INSERT INTO worker (subdistrict_id, community_id, name, account_id, valid) SELECT subdistrict_id, {community},"
    " '{name}', (SELECT id FROM account WHERE name = 'an'), valid FROM worker WHERE name = 'Wang'"
)
HAS_CARE = (
    "INSERT INTO duty (subdistrict_id, worker_id, kind, line_of_work, valid) SELECT subdistrict_id, id, 'field',"
    " 'care', valid FROM worker WHERE name = '{name}'"
)
IN_CHARGE = (
    "INSERT INTO duty (subdistrict_id, worker_id, kind, grid_id, role, in_charge, valid) SELECT subdistrict_id, id,"
    " 'own_grid', {grid}, 'grid_leader', true, valid FROM worker WHERE name = '{name}'"
)
ELSEWHERE = (
    "INSERT INTO community (subdistrict_id, code, name, geometry) SELECT subdistrict_id, 'elsewhere', 'elsewhere',"
    " geometry FROM community WHERE id = {community}"
)
GIVEN_STREET = (
    "INSERT INTO street (subdistrict_id, kind, name, geometry) SELECT {subdistrict}, 'lane', 'Lamp Street',"
    " ST_SetSRID(ST_MakeLine(ST_MakePoint(106.01, 29.0), ST_MakePoint(106.01, 29.02)), 4326);"
    "INSERT INTO revision_street (revision_id, subdistrict_id, street_id, first_grid_id, second_grid_id, grid_id,"
    " street_name) SELECT DISTINCT a.revision_id, a.subdistrict_id, s.id, {first}, {second}, {given}, s.name"
    " FROM assignment a, street s WHERE a.grid_id = {first} AND s.name = 'Lamp Street'"
)
NO_STREET = (
    "ALTER TABLE revision_street DISABLE TRIGGER USER; DELETE FROM revision_street;"
    " ALTER TABLE revision_street ENABLE TRIGGER USER; DELETE FROM street WHERE name = 'Lamp Street'"
)
ON_THE_STREET = "ST_Project(ST_Point(106.01, 29.01, 4326)::geography, 2, radians(270))::geometry"
"""Point in the first grid, 2 m from the street on its border with the second one."""


@pytest.fixture
def office_with_an(office: ServiceOffice) -> Iterator[ServiceOffice]:
    """The office with a second worker, An, who has no duty yet, and a line of work for the category lifts."""
    place = office.place
    office.change("INSERT INTO account (name, display_name, role) VALUES ('an', 'An', 'worker')")
    office.change(WORKER.format(name="An", community=place.community_id))
    office.change(CARE.format(subdistrict=place.subdistrict_id))
    yield office
    office.change(NO_CARE)
    delete_cases(office.filled)
    office.change("DELETE FROM worker WHERE name IN ('An', 'Zhou'); DELETE FROM account WHERE name = 'an'")


def candidates(office: ServiceOffice, incident_id: int) -> list[tuple[str, AssignmentBasis]]:
    return [(each.name, each.basis) for each in office.load("station", incident_id).candidates]


def test_the_worker_in_charge_of_the_grid_is_the_first_candidate(office_with_an: ServiceOffice) -> None:
    incident = office_with_an.report()
    office_with_an.take("station", incident, CaseAction.ASSIGN)
    listed = office_with_an.load("station", incident).candidates
    assert [(each.name, each.basis, each.open_cases) for each in listed] == [
        ("Wang", AssignmentBasis.GRID, 1),
        ("An", AssignmentBasis.CHOICE, 0),
    ]


def test_the_colleague_of_the_line_of_work_comes_before_the_grid(office_with_an: ServiceOffice) -> None:
    office_with_an.change(HAS_CARE.format(name="An"))
    assert candidates(office_with_an, office_with_an.report()) == [
        ("An", AssignmentBasis.LINE),
        ("Wang", AssignmentBasis.GRID),
    ]


def test_a_line_of_work_in_another_community_does_not_come_first(office_with_an: ServiceOffice) -> None:
    office, place = office_with_an, office_with_an.place
    scope = f"UPDATE account_scope SET community_id = {{}} WHERE account_id = {place.account_ids['station']}"
    office.change(f"{ELSEWHERE.format(community=place.community_id)}; {HAS_CARE.format(name='An')}")
    office.change("UPDATE worker SET community_id = (SELECT max(id) FROM community) WHERE name = 'An'")
    office.change(scope.format("NULL"))
    listed = candidates(office, office.report())
    office.change(scope.format(place.community_id))
    office.change(f"UPDATE worker SET community_id = {place.community_id} WHERE name = 'An'")
    office.change("DELETE FROM community WHERE code = 'elsewhere'")
    assert listed == [("Wang", AssignmentBasis.GRID), ("An", AssignmentBasis.CHOICE)]


@pytest.fixture
def incident_on_the_street(office_with_an: ServiceOffice) -> Iterator[int]:
    """An incident in the first grid on a border street that the plan gives to the second one, of which An is leader."""
    office, place = office_with_an, office_with_an.place
    first, second = sorted(place.grid_ids)
    keys = {"subdistrict": place.subdistrict_id, "first": first, "second": second, "given": place.grid_ids[1]}
    office.change(GIVEN_STREET.format(**keys))
    office.change(IN_CHARGE.format(name="An", grid=place.grid_ids[1]))
    incident = office.report()
    office.change(f"UPDATE incident SET geometry = {ON_THE_STREET} WHERE id = {incident}")
    yield incident
    office.change(NO_STREET)


def test_on_a_border_street_the_worker_of_the_grid_that_has_the_street_comes_first(
    office_with_an: ServiceOffice, incident_on_the_street: int
) -> None:
    assert candidates(office_with_an, incident_on_the_street)[0] == ("An", AssignmentBasis.GRID)


def test_on_a_border_street_the_colleague_of_the_line_of_work_comes_before_the_grid(
    office_with_an: ServiceOffice, incident_on_the_street: int
) -> None:
    office_with_an.change(HAS_CARE.format(name="Wang"))
    assert candidates(office_with_an, incident_on_the_street) == [
        ("Wang", AssignmentBasis.LINE),
        ("An", AssignmentBasis.GRID),
    ]


def hand_over(office: ServiceOffice) -> int:
    """Run the periodic task as the owner."""
    return office.value("SELECT hand_over_cases()")


def handler_after(office: ServiceOffice, incident_id: int, change: str) -> tuple[int, str | None]:
    """Return how many cases the periodic task hands over after a change, and who has one of them then."""
    office.change(change)
    return office.value("SELECT hand_over_cases()"), office.load("station", incident_id).case.handler_name


def test_a_case_follows_the_grid_that_has_the_street(
    office_with_an: ServiceOffice, incident_on_the_street: int
) -> None:
    an = office_with_an.value("SELECT id FROM worker WHERE name = 'An'")
    office_with_an.take("station", incident_on_the_street, CaseAction.ASSIGN, worker_id=an)
    assert handler_after(office_with_an, incident_on_the_street, "SELECT 1") == (0, "An")
    assert handler_after(office_with_an, incident_on_the_street, NO_STREET) == (1, "Wang")


@pytest.mark.parametrize(("has_line", "basis"), [(True, AssignmentBasis.LINE), (False, AssignmentBasis.GRID)])
def test_a_case_of_a_person_who_left_goes_by_line_of_work_before_the_grid(
    office_with_an: ServiceOffice, has_line: bool, basis: AssignmentBasis
) -> None:
    office, incident = office_with_an, office_with_an.report()
    office.change(WORKER.format(name="Zhou", community=office.place.community_id))
    zhou = office.value("SELECT id FROM worker WHERE name = 'Zhou'")
    office.take("station", incident, CaseAction.ASSIGN, worker_id=zhou)
    if has_line:
        office.change(HAS_CARE.format(name="An"))
    left = "UPDATE worker SET valid = daterange('2020-01-01', '2021-01-01') WHERE name = 'Zhou'"
    assert handler_after(office, incident, left) == (1, "An" if has_line else "Wang")
    assert office.load("station", incident).case.basis is basis


def test_a_case_that_the_colleague_of_its_line_of_work_has_stays(office_with_an: ServiceOffice) -> None:
    office, incident = office_with_an, office_with_an.report()
    office.take("station", incident, CaseAction.ASSIGN)
    moved = f"DELETE FROM duty; {IN_CHARGE.format(name='An', grid=office.place.grid_ids[0])}"
    with_line = handler_after(office, incident, f"{moved}; {HAS_CARE.format(name='Wang')}")
    assert with_line == (0, "Wang")
