"""Steps of cases: texts, versions, workers and duplicates, and refusals that change nothing."""

import pytest

from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.vocabulary import CaseAction, CaseState
from gridmap.services.cases.steps import CaseChanged, PersonalNumbers, require_plain_text
from tests.services.cases.office import ServiceOffice


def state_of(office: ServiceOffice, incident_id: int) -> tuple[CaseState, int]:
    case = office.load("station", incident_id).case
    return case.state, case.version


@pytest.mark.parametrize("action", [CaseAction.ASK_REPORTER, CaseAction.CLOSE, CaseAction.NOTE])
def test_a_step_that_needs_words_is_refused_without_them(office: ServiceOffice, action: CaseAction) -> None:
    incident = office.report()
    with pytest.raises(InvalidInput, match="say it in a few words"):
        office.take("station", incident, action, text="  ")
    assert state_of(office, incident) == (CaseState.RECEIVED, 1)


def test_a_text_has_2000_letters_at_most() -> None:
    require_plain_text("x" * 2000, needed=True)
    with pytest.raises(InvalidInput, match="2001 letters; at most 2000"):
        require_plain_text("x" * 2001, needed=True)


def test_numbers_of_persons_are_stored_once_they_are_confirmed(office: ServiceOffice) -> None:
    incident, words = office.report(), "call 13800138000"
    with pytest.raises(PersonalNumbers, match="138…00"):
        office.take("station", incident, CaseAction.NOTE, text=words)
    office.take("station", incident, CaseAction.NOTE, text=words, numbers_confirmed=True)
    assert [step.text for step in office.load("station", incident).steps] == [words]


def test_a_step_on_an_older_version_is_refused(office: ServiceOffice) -> None:
    incident = office.report()
    office.take("leader", incident, CaseAction.INSTRUCT, text="look at the cable")
    with pytest.raises(CaseChanged):
        office.take("station", incident, CaseAction.CLOSE, text="done", version=1)
    assert state_of(office, incident) == (CaseState.RECEIVED, 2)


def test_the_same_step_on_the_same_version_is_taken_once(office: ServiceOffice) -> None:
    incident = office.report()
    keys = {office.take("station", incident, CaseAction.NOTE, text="called back", version=1) for _ in range(2)}
    assert len(keys) == 1
    with pytest.raises(CaseChanged):
        office.take("station", incident, CaseAction.NOTE, text="other words", version=1)
    assert state_of(office, incident) == (CaseState.RECEIVED, 2)


def test_a_step_that_the_reader_may_not_take_is_refused(office: ServiceOffice) -> None:
    incident = office.report()
    for role, action in (("leader", CaseAction.CLOSE), ("worker", CaseAction.BEGIN), ("station", CaseAction.REOPEN)):
        with pytest.raises(CaseChanged):
            office.take(role, incident, action, text="done")


def test_a_case_that_is_not_seen_is_not_found(office: ServiceOffice) -> None:
    with pytest.raises(NotFound):
        office.take("leader", office.report("theft"), CaseAction.SUPERVISE, version=1)


def test_a_case_is_assigned_to_workers_of_the_list_only(office: ServiceOffice) -> None:
    incident = office.report()
    for worker_id in (None, 999):
        with pytest.raises(InvalidInput, match="choose a worker"):
            office.take("station", incident, CaseAction.ASSIGN, worker_id=worker_id)
    office.take("station", incident, CaseAction.ASSIGN)
    assert office.load("station", incident).case.handler_name == "Wang"


def test_a_duplicate_names_another_incident_of_the_station(office: ServiceOffice) -> None:
    incident, other = office.report(), office.report()
    own, number = (office.load("station", key).case.number for key in (incident, other))
    for wrong, problem in (("N999", "no incident with the number N999"), (own, "no duplicate of itself")):
        with pytest.raises(InvalidInput, match=problem):
            office.take("station", incident, CaseAction.LINK_DUPLICATE, duplicate_number=wrong)
    office.take("station", incident, CaseAction.LINK_DUPLICATE, duplicate_number=f" {number} ")
    assert office.load("station", incident).case.duplicate_of == other


def test_cases_of_different_access_classes_are_not_linked(office: ServiceOffice) -> None:
    ordinary, personal = office.report(), office.report("theft")
    number = office.load("station", personal).case.number
    with pytest.raises(InvalidInput, match="same access class"):
        office.take("station", ordinary, CaseAction.LINK_DUPLICATE, duplicate_number=number)


def test_a_closed_case_is_reopened_with_a_new_promised_day(office: ServiceOffice) -> None:
    incident = office.report()
    office.take("station", incident, CaseAction.CLOSE, text="done")
    office.change(f"UPDATE incident_case SET due_on = today() - 9 WHERE incident_id = {incident}")
    office.take("station", incident, CaseAction.REOPEN, text="it is out again")
    case = office.load("station", incident).case
    assert (case.state, case.days_left) == (CaseState.ACCEPTED, 7)


def test_the_promised_days_are_those_of_the_category(office: ServiceOffice) -> None:
    office.change("UPDATE incident_category SET promised_days = 3 WHERE key = 'lifts'")
    incident = office.report()
    office.change("UPDATE incident_category SET promised_days = 7")
    assert office.load("station", incident).case.days_left == 3
