"""State machine of a case: the states that it has, the actions that lead from one to another, and who takes them."""

from collections.abc import Mapping
from typing import NamedTuple

from statemachine import State, StateMachine

from gridmap.core.vocabulary import CaseAction, CaseActor, CaseState


class CaseMachine(StateMachine):
    """Life of a case 工单.

    An action that changes no state, such as a note, leads from a state to itself. The machine has no memory: a case is
    a row, and each step names its action. Actions have the names of `CaseAction`, states those of `CaseState`.

    Examples
    --------
    >>> machine = CaseMachine(start_value="assigned")
    >>> machine.send("begin")
    >>> [state.value for state in machine.configuration]
    ['in_progress']
    """

    received = State(value=CaseState.RECEIVED.value, initial=True)
    returned = State(value=CaseState.RETURNED.value)
    accepted = State(value=CaseState.ACCEPTED.value)
    assigned = State(value=CaseState.ASSIGNED.value)
    in_progress = State(value=CaseState.IN_PROGRESS.value)
    closed = State(value=CaseState.CLOSED.value)
    duplicate = State(value=CaseState.DUPLICATE.value)
    withdrawn = State(value=CaseState.WITHDRAWN.value, final=True)

    accept = received.to(accepted)
    ask_reporter = received.to(returned) | accepted.to(returned)
    answer = returned.to(received)
    withdraw = received.to(withdrawn) | returned.to(withdrawn)
    assign = (
        received.to(assigned) | accepted.to(assigned) | assigned.to(assigned, internal=True) | in_progress.to(assigned)
    )
    begin = assigned.to(in_progress)
    send_back = assigned.to(accepted) | in_progress.to(accepted)
    close = received.to(closed) | accepted.to(closed) | assigned.to(closed) | in_progress.to(closed)
    settle = received.to(closed)
    reopen = closed.to(accepted)
    link_duplicate = received.to(duplicate) | accepted.to(duplicate)
    unlink_duplicate = duplicate.to(accepted)
    note = (
        received.to(received, internal=True)
        | accepted.to(accepted, internal=True)
        | assigned.to(assigned, internal=True)
        | in_progress.to(in_progress, internal=True)
    )
    supervise = (
        received.to(received, internal=True)
        | accepted.to(accepted, internal=True)
        | assigned.to(assigned, internal=True)
        | in_progress.to(in_progress, internal=True)
    )
    instruct = (
        received.to(received, internal=True)
        | returned.to(returned, internal=True)
        | accepted.to(accepted, internal=True)
        | assigned.to(assigned, internal=True)
        | in_progress.to(in_progress, internal=True)
        | closed.to(closed, internal=True)
    )
    hand_over = assigned.to(assigned, internal=True) | in_progress.to(assigned)
    hand_back = assigned.to(accepted) | in_progress.to(accepted)


class CaseTransition(NamedTuple):
    """An action that leads from a state to another one, or to itself."""

    action: CaseAction
    source: CaseState
    target: CaseState


TRANSITIONS: tuple[CaseTransition, ...] = tuple(
    CaseTransition(CaseAction(event), CaseState(state.value), CaseState(transition.target.value))
    for state in CaseMachine.states
    for transition in state.transitions
    for event in transition.event.split()
)
"""Every transition of the machine; the database is given the same list."""

ACTORS: Mapping[CaseAction, tuple[CaseActor, ...]] = {
    CaseAction.ACCEPT: (CaseActor.STATION,),
    CaseAction.ASK_REPORTER: (CaseActor.STATION,),
    CaseAction.ANSWER: (CaseActor.REPORTER,),
    CaseAction.WITHDRAW: (CaseActor.REPORTER,),
    CaseAction.ASSIGN: (CaseActor.STATION,),
    CaseAction.BEGIN: (CaseActor.HANDLER,),
    CaseAction.SEND_BACK: (CaseActor.HANDLER,),
    CaseAction.CLOSE: (CaseActor.STATION, CaseActor.HANDLER),
    CaseAction.SETTLE: (CaseActor.REPORTER,),
    CaseAction.REOPEN: (CaseActor.STATION,),
    CaseAction.LINK_DUPLICATE: (CaseActor.STATION,),
    CaseAction.UNLINK_DUPLICATE: (CaseActor.STATION,),
    CaseAction.NOTE: (CaseActor.STATION, CaseActor.HANDLER),
    CaseAction.SUPERVISE: (CaseActor.LEADER,),
    CaseAction.INSTRUCT: (CaseActor.LEADER,),
    CaseAction.HAND_OVER: (CaseActor.SERVICE,),
    CaseAction.HAND_BACK: (CaseActor.SERVICE,),
}
"""Who may take each action. A reporter settles the own report on the spot 当场办结, while nobody has taken it in."""

OPEN_STATES = (
    CaseState.RECEIVED,
    CaseState.RETURNED,
    CaseState.ACCEPTED,
    CaseState.ASSIGNED,
    CaseState.IN_PROGRESS,
)
"""States in which the incident of the case is open."""
HANDLED_STATES = (CaseState.ASSIGNED, CaseState.IN_PROGRESS)
"""States in which a worker has the case."""
TEXT_ACTIONS = frozenset(
    {
        CaseAction.ASK_REPORTER,
        CaseAction.ANSWER,
        CaseAction.SEND_BACK,
        CaseAction.CLOSE,
        CaseAction.SETTLE,
        CaseAction.REOPEN,
        CaseAction.NOTE,
        CaseAction.INSTRUCT,
    }
)
"""Actions that need a text: a reason, an answer, a result or a note."""


def list_actions(state: CaseState, actors: frozenset[CaseActor]) -> tuple[CaseAction, ...]:
    """Return the actions that some actors may take in a state.

    Examples
    --------
    >>> [action.value for action in list_actions(CaseState.ASSIGNED, frozenset({CaseActor.HANDLER}))]
    ['begin', 'send_back', 'close', 'note']
    >>> list_actions(CaseState.CLOSED, frozenset({CaseActor.HANDLER}))
    ()
    """
    possible = {transition.action for transition in TRANSITIONS if transition.source is state}
    return tuple(action for action in CaseAction if action in possible and actors.intersection(ACTORS[action]))


def draw_machine() -> str:
    """Return the state machine as a diagram in the language of Mermaid.

    Examples
    --------
    >>> draw_machine().splitlines()[0]
    'stateDiagram-v2'
    """
    return f"{CaseMachine:mermaid}"
