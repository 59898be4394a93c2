"""Cases of the demo subdistrict: the station and the worker of one community have dealt with its incidents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import AssignmentBasis, CaseAction, CaseActor, CaseState, Role
from gridmap.demo.cases import DemoCase, DemoIncident, generate_cases
from gridmap.demo.population import HandlingTexts
from gridmap.store import incident_months
from gridmap.store.queries import demo as demo_queries
from gridmap.store.queries.demo import WorkerName
from gridmap.store.writes import demo as demo_writes

HANDLED_DAYS, REPORTED_DAYS = 90, 30
"""Days whose cases have steps, and whose reports are those of the worker's account."""
ROLE_BY_ACTOR = {
    CaseActor.STATION: Role.STATION,
    CaseActor.HANDLER: Role.WORKER,
    CaseActor.LEADER: Role.LEADER,
}
HANDLED = (CaseState.ASSIGNED, CaseState.IN_PROGRESS, CaseState.CLOSED)


@dataclass(frozen=True)
class DemoOffice:
    """Accounts and the worker that deal with the cases of a community.

    Parameters
    ----------
    subdistrict_id, community_id : int
    account_ids, names : mapping of Role
        Accounts, and the names that steps have of them.
    worker : WorkerName
        Person of the roster with the worker's account.
    """

    subdistrict_id: int
    community_id: int
    account_ids: Mapping[Role, int]
    names: Mapping[Role, str]
    worker: WorkerName


def add_cases(
    session: Session,
    office: DemoOffice,
    texts: HandlingTexts,
    rng: np.random.Generator,
    now: datetime,
) -> None:
    """Add steps to the cases of a community, so that there are cases in every state.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    office : DemoOffice
    texts : HandlingTexts
    rng : Generator
        Source of all random numbers.
    now : datetime
        No step is later.
    """
    reported_since = now - timedelta(REPORTED_DAYS)
    demo_writes.set_reporter(session, office.worker.id, office.account_ids[Role.WORKER], reported_since)
    since = now - timedelta(HANDLED_DAYS)
    rows = demo_queries.list_case_incidents(session, office.community_id, office.worker.id, since)
    cases = list(generate_cases(rng, [DemoIncident(*row) for row in rows], texts, now))
    demo_writes.write_cases(session, [_case_values(each, office) for each in cases])
    demo_writes.write_case_steps(session, [step for each in cases for step in _step_values(each, office)])
    demo_writes.write_assignment_notices(session)
    incident_months.pack_changed(session.connection())


def _case_values(case: DemoCase, office: DemoOffice) -> dict[str, object]:
    """Return the columns of a case, as the functions of the database would have left them."""
    owner = case.find_last(CaseAction.ACCEPT, CaseAction.BEGIN) or case.find_last(CaseAction.ASSIGN, CaseAction.CLOSE)
    role = None if owner is None else ROLE_BY_ACTOR[owner.actor]
    has_worker = case.state in HANDLED and case.find_last(CaseAction.ASSIGN) is not None
    supervised = case.find_last(CaseAction.SUPERVISE)
    return {
        "incident_id": case.incident.id,
        "closed_at": case.closed_at,
        "state": case.state.value,
        "version": 1 + len(case.steps),
        "owner_id": role and office.account_ids[role],
        "owner_name": role and office.names[role],
        "handler_id": office.worker.id if has_worker else None,
        "basis": AssignmentBasis.GRID.value if has_worker else None,
        "due_on": case.due_on,
        "duplicate_of": case.incident.same_as if case.state is CaseState.DUPLICATE else None,
        "supervised_at": supervised and supervised.taken_at,
        "changed_at": case.steps[-1].taken_at if case.steps else case.incident.occurred_at,
    }


def _step_values(case: DemoCase, office: DemoOffice) -> Iterator[dict[str, object]]:
    """Yield the columns of the steps of a case."""
    has_worker = False
    for step in case.steps:
        has_worker = step.action is CaseAction.ASSIGN or (has_worker and step.target in HANDLED)
        role = ROLE_BY_ACTOR[step.actor]
        yield {
            "subdistrict_id": office.subdistrict_id,
            "incident_id": case.incident.id,
            "action": step.action.value,
            "source_state": step.source.value,
            "target_state": step.target.value,
            "taken_at": step.taken_at,
            "account_id": office.account_ids[role],
            "actor_name": office.names[role],
            "handler_id": office.worker.id if has_worker else None,
            "handler_name": office.worker.name if has_worker else None,
            "text": step.text,
        }
