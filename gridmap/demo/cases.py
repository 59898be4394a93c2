"""Cases of an artificial town: how the office has dealt with its incidents, in every state."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import NamedTuple

import numpy as np

from gridmap.core.cases.machine import TRANSITIONS
from gridmap.core.vocabulary import CaseAction, CaseActor, CaseState
from gridmap.demo.population import HandlingTexts

ACCEPT, ASSIGN, BEGIN, CLOSE, NOTE = (
    *(CaseAction.ACCEPT, CaseAction.ASSIGN, CaseAction.BEGIN, CaseAction.CLOSE, CaseAction.NOTE),
)
HANDED = (ACCEPT, ASSIGN, BEGIN)
CLOSED_COURSES = (
    (*HANDED, CLOSE),
    (ASSIGN, BEGIN, NOTE, CLOSE),
    (*HANDED, CLOSE),
    (ACCEPT, CLOSE),
    (ACCEPT, ASSIGN, CaseAction.SEND_BACK, ASSIGN, BEGIN, CLOSE),
)
"""Courses of closed cases, in turn."""
FRESH_COURSES: tuple[tuple[CaseAction, ...], ...] = ((ASSIGN,), (), (ACCEPT,))
"""Courses of the cases of the last two days."""
OPEN_COURSES = (
    HANDED,
    (ACCEPT, CaseAction.ASK_REPORTER),
    (ASSIGN,),
    (*HANDED, CaseAction.SUPERVISE),
    (*HANDED, NOTE),
    (*HANDED, CaseAction.SEND_BACK),
    (ACCEPT,),
)
"""Courses of the open cases of the last three weeks."""
LATE_COURSE = (*HANDED, CaseAction.SUPERVISE, CaseAction.INSTRUCT)
"""Course of a case that has been open for longer: a leader has asked for speed 督办."""
STATION_COURSES: Mapping[str, tuple[tuple[CaseAction, ...], ...]] = {
    "closed": ((ACCEPT, CLOSE), (ACCEPT, NOTE, CLOSE), (CLOSE,)),
    "fresh": ((), (ACCEPT,)),
    "recent": ((ACCEPT,), (ACCEPT, NOTE), (ACCEPT, CaseAction.SUPERVISE)),
    "old": ((ACCEPT, NOTE, CaseAction.SUPERVISE),),
}
"""Courses in the grids of workers without an account: the station does everything."""
WORKER_COURSES: Mapping[str, tuple[tuple[CaseAction, ...], ...]] = {
    "closed": CLOSED_COURSES,
    "fresh": FRESH_COURSES,
    "recent": OPEN_COURSES,
    "old": (LATE_COURSE,),
}
"""Courses in the grids of the worker."""
FRESH, RECENT = timedelta(days=2), timedelta(days=21)
LATE_SHARE = 10
"""Of so many older open cases one stays open; the others were closed late."""
HANDLERS = frozenset({BEGIN, CaseAction.SEND_BACK})
LEADERS = frozenset({CaseAction.SUPERVISE, CaseAction.INSTRUCT})
TARGETS = {(each.source, each.action): each.target for each in TRANSITIONS}
"""State that an action leads to. A machine for each of some thousand steps takes as long as all of their SQL."""


class DemoIncident(NamedTuple):
    """An incident whose case is made up.

    `same_as` is an earlier incident of the category nearby; `for_grid` tells whether the worker is in charge of its
    grid; `closed_at` is None for an open one.
    """

    id: int
    occurred_at: datetime
    closed_at: datetime | None
    is_ordinary: bool
    is_reported: bool
    for_grid: bool
    same_as: int | None
    promised_days: int


class DemoStep(NamedTuple):
    """A step of a case."""

    action: CaseAction
    source: CaseState
    target: CaseState
    taken_at: datetime
    actor: CaseActor
    text: str | None


@dataclass(frozen=True)
class DemoCase:
    """A case with its steps.

    Parameters
    ----------
    incident : DemoIncident
    steps : sequence of DemoStep
        In order; none for a case that nobody has taken in.
    closed_at : datetime or None
        End of the incident.
    """

    incident: DemoIncident
    steps: Sequence[DemoStep]
    closed_at: datetime | None

    @property
    def state(self) -> CaseState:
        """State after the last step."""
        return self.steps[-1].target if self.steps else CaseState.RECEIVED

    @property
    def due_on(self) -> date | None:
        """Promised day, counted from the report, or from the first step of a case that a file brought."""
        if self.incident.is_reported:
            return self.incident.occurred_at.date() + timedelta(self.incident.promised_days)
        return self.steps[0].taken_at.date() + timedelta(self.incident.promised_days) if self.steps else None

    def find_last(self, *actions: CaseAction) -> DemoStep | None:
        """Return the last step that took one of some actions."""
        return next((each for each in reversed(self.steps) if each.action in actions), None)


def generate_cases(
    rng: np.random.Generator, incidents: Sequence[DemoIncident], texts: HandlingTexts, now: datetime
) -> Iterator[DemoCase]:
    """Yield the cases of incidents, with plausible steps.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    incidents : sequence of DemoIncident
        In the order of time.
    texts : HandlingTexts
    now : datetime
        No step is later.
    """
    courses = {
        (for_grid, name): deque(each)
        for for_grid, named in ((True, WORKER_COURSES), (False, STATION_COURSES))
        for name, each in named.items()
    }
    late = cycle([True] + [False] * (LATE_SHARE - 1))
    duplicates: set[int] = set()
    for incident in incidents:
        closed_at, name = incident.closed_at, "closed"
        if closed_at is None:
            name = _name_age(now - incident.occurred_at)
            if name == "old" and not next(late):
                name, closed_at = "closed", incident.occurred_at + timedelta(days=float(rng.uniform(8, 20)))
        course = _take_course(courses[incident.for_grid, name], incident)
        if name == "closed" and incident.same_as is not None and incident.same_as not in duplicates:
            course = (ACCEPT, CaseAction.LINK_DUPLICATE)
            duplicates.add(incident.id)
        yield _generate_case(rng, incident, course, (closed_at, now), texts)


def _name_age(age: timedelta) -> str:
    return "fresh" if age < FRESH else "recent" if age < RECENT else "old"


def _take_course(courses: deque[tuple[CaseAction, ...]], incident: DemoIncident) -> tuple[CaseAction, ...]:
    """Return the next course that is possible, and put it last; courses that are not wait for another incident.

    Nobody can ask the reporter of an incident without one, and leaders do not see every incident.
    """
    impossible = {CaseAction.ASK_REPORTER} if not incident.is_reported else set()
    impossible |= LEADERS if not incident.is_ordinary else set()
    course = next((each for each in courses if impossible.isdisjoint(each)), courses[0])
    courses.remove(course)
    courses.append(course)
    return tuple(action for action in course if action not in impossible)


def _generate_case(
    rng: np.random.Generator,
    incident: DemoIncident,
    course: tuple[CaseAction, ...],
    times: tuple[datetime | None, datetime],
    texts: HandlingTexts,
) -> DemoCase:
    """Return a case with its steps between the event and its end, or at most two days later while it is open."""
    closed_at, now = times
    is_long = closed_at is None and bool(LEADERS.intersection(course))
    end = closed_at or (now if is_long else min(now, incident.occurred_at + FRESH))
    shares = np.sort(rng.uniform(0.02, 0.95, len(course)))
    if closed_at is not None and len(shares):
        shares[-1] = 1.0
    moments = [incident.occurred_at + (end - incident.occurred_at) * float(share) for share in shares]
    steps, state = [], CaseState.RECEIVED
    for action, moment in zip(course, moments, strict=True):
        target = TARGETS[state, action]
        text = texts.choose(action, float(rng.random()))
        steps.append(DemoStep(action, state, target, moment, _name_actor(action, state), text))
        state = target
    return DemoCase(incident, steps, closed_at)


def _name_actor(action: CaseAction, state: CaseState) -> CaseActor:
    """Return who takes an action: what a worker has, the worker closes and notes."""
    if action in LEADERS:
        return CaseActor.LEADER
    is_handled = state is CaseState.IN_PROGRESS and action in (CLOSE, NOTE)
    return CaseActor.HANDLER if action in HANDLERS or is_handled else CaseActor.STATION
