"""Invented cases: every state, steps in the order of time, and nothing that nobody could have done."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gridmap.core.vocabulary import CaseAction, CaseActor, CaseState
from gridmap.demo.cases import DemoCase, DemoIncident, generate_cases
from gridmap.demo.population import HandlingTexts

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def make_incidents(days: float, count: int = 40, *, closed: bool = False, **values: object) -> list[DemoIncident]:
    occurred = NOW - timedelta(days=days)
    closed_at = occurred + timedelta(days=days / 2) if closed else None
    usual = {"is_ordinary": True, "is_reported": True, "for_grid": True, "same_as": None, "promised_days": 7} | values
    return [DemoIncident(number, occurred, closed_at, **usual) for number in range(count)]  # type: ignore[arg-type]


def generate(incidents: Sequence[DemoIncident]) -> list[DemoCase]:
    return list(generate_cases(np.random.default_rng(1), incidents, HandlingTexts(), NOW))


def states(cases: Sequence[DemoCase]) -> set[str]:
    return {case.state.value for case in cases}


def test_open_cases_are_in_every_open_state() -> None:
    assert states(generate(make_incidents(1))) == {"received", "accepted", "assigned"}
    assert states(generate(make_incidents(9))) == {"accepted", "assigned", "in_progress", "returned"}


@pytest.mark.parametrize(("days", "open_cases"), [(20.9, 40), (21.1, 4)])
def test_of_cases_older_than_three_weeks_one_in_ten_is_open(days: float, open_cases: int) -> None:
    assert sum(case.closed_at is None for case in generate(make_incidents(days))) == open_cases


def test_where_no_worker_has_an_account_the_station_does_everything() -> None:
    cases = generate([*make_incidents(1, for_grid=False), *make_incidents(9, for_grid=False)])
    assert states(cases) == {"received", "accepted"}
    assert {step.actor for case in cases for step in case.steps} == {CaseActor.STATION, CaseActor.LEADER}


def test_steps_are_in_the_order_of_time_and_end_with_the_incident() -> None:
    for case in generate([*make_incidents(1), *make_incidents(9), *make_incidents(40, closed=True)]):
        times = [case.incident.occurred_at, *(step.taken_at for step in case.steps), NOW]
        assert times == sorted(times)
        assert case.closed_at is None or case.steps[-1].taken_at == case.closed_at


def test_each_step_begins_where_the_one_before_it_ended() -> None:
    for case in generate([*make_incidents(9), *make_incidents(40, closed=True)]):
        sources = [CaseState.RECEIVED, *(step.target for step in case.steps)]
        assert [step.source for step in case.steps] == sources[:-1]


def test_nobody_is_asked_who_has_not_reported_and_leaders_see_ordinary_incidents_only() -> None:
    cases = generate(make_incidents(9, is_reported=False, is_ordinary=False))
    taken = {step.action for case in cases for step in case.steps}
    assert not taken & {CaseAction.ASK_REPORTER, CaseAction.SUPERVISE, CaseAction.INSTRUCT}


def test_an_incident_nearby_is_linked_unless_the_other_one_is_linked_itself() -> None:
    first, second, third = make_incidents(30, 3, closed=True)
    cases = generate([first, second._replace(same_as=first.id), third._replace(same_as=second.id)])
    assert [case.state for case in cases] == [CaseState.CLOSED, CaseState.DUPLICATE, CaseState.CLOSED]


def test_a_worker_closes_what_a_worker_has() -> None:
    for case in generate(make_incidents(40, closed=True)):
        has_worker = any(step.action is CaseAction.BEGIN for step in case.steps)
        assert case.steps[-1].actor is (CaseActor.HANDLER if has_worker else CaseActor.STATION)
