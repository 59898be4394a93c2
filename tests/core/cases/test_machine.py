"""State machine of cases: states, actions and actors fit together, and the drawing in the docs is the machine."""

import pytest

from gridmap.core.cases.machine import ACTORS, HANDLED_STATES, OPEN_STATES, TRANSITIONS, draw_machine, list_actions
from gridmap.core.vocabulary import CaseAction, CaseActor, CaseState
from tests.source_files import ROOT

FINAL_STATES = {CaseState.CLOSED, CaseState.DUPLICATE, CaseState.WITHDRAWN}


def test_the_decision_shows_the_machine() -> None:
    decision = (ROOT / "docs/decisions/0067-cases.md").read_text("utf-8")
    assert f"```mermaid\n{draw_machine()}\n```" in decision


def test_every_action_has_actors_and_a_transition() -> None:
    assert set(ACTORS) == set(CaseAction) == {transition.action for transition in TRANSITIONS}


def test_every_state_is_open_or_final() -> None:
    assert set(OPEN_STATES) | FINAL_STATES == set(CaseState)
    assert not set(OPEN_STATES) & FINAL_STATES


def test_only_withdrawal_ends_for_good() -> None:
    with_way_out = {transition.source for transition in TRANSITIONS}
    assert set(CaseState) - with_way_out == {CaseState.WITHDRAWN}


def test_a_worker_has_a_case_in_handled_states_only() -> None:
    begun = {transition.target for transition in TRANSITIONS if transition.action in ("assign", "begin", "hand_over")}
    assert begun == set(HANDLED_STATES)


@pytest.mark.parametrize(
    ("state", "actor", "actions"),
    [
        ("received", "station", "accept assign ask_reporter close note link_duplicate"),
        ("accepted", "station", "assign ask_reporter close note link_duplicate"),
        ("in_progress", "station", "assign close note"),
        ("in_progress", "handler", "send_back close note"),
        ("assigned", "leader", "supervise instruct"),
        ("closed", "station", "reopen"),
        ("closed", "leader", "instruct"),
        ("received", "reporter", "settle withdraw"),
        ("returned", "reporter", "answer withdraw"),
        ("duplicate", "station", "unlink_duplicate"),
        ("withdrawn", "reporter", ""),
    ],
)
def test_actions_follow_from_state_and_part(state: str, actor: str, actions: str) -> None:
    assert " ".join(list_actions(CaseState(state), frozenset({CaseActor(actor)}))) == actions
