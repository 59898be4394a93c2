"""Changes that only a demo subdistrict needs; for the owner's commands only."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import DateTime, bindparam, case, func, insert, literal, select, update
from sqlalchemy.orm import Session

from gridmap.store.schema import Case, CaseNotice, CaseStep, Community, Credential, Duty, Incident, Worker
from gridmap.store.writes.bulk import copy_rows


def set_station_phones(session: Session, phone_by_community: Mapping[int, str]) -> None:
    """Set the phone numbers of the grid workstations of communities."""
    for community_id, phone in phone_by_community.items():
        session.execute(update(Community).where(Community.id == community_id).values(station_phone=phone))


def skip_password_change(session: Session, account_id: int) -> None:
    """Let an account keep its first password: it is random, and the people of the demo are invented."""
    session.execute(update(Credential).where(Credential.account_id == account_id).values(must_change=False))


def link_first_worker(session: Session, community_id: int, account_id: int) -> None:
    """Let the first full-time worker of a community sign in with an account."""
    full_time = Worker.community_id == community_id, Worker.full_time
    worker_id = session.scalars(select(func.min(Worker.id)).where(*full_time)).one()
    session.execute(update(Worker).where(Worker.id == worker_id).values(account_id=account_id))


def set_reporter(session: Session, worker_id: int, account_id: int, since: datetime) -> None:
    """Let an account be who reported the recent incidents in the grids of a worker that workers reported."""
    own_grids = select(Duty.grid_id).where(Duty.worker_id == worker_id, Duty.in_charge)
    own = Incident.channel == "worker", func.grid_of_cell(Incident.cell_id).in_(own_grids)
    change = update(Incident).where(Incident.occurred_at >= since, *own)
    session.execute(change.values(reported_by=account_id, reported_at=Incident.occurred_at))


def write_cases(session: Session, cases: Sequence[Mapping[str, object]]) -> None:
    """Write the present values of cases; those that have ended close their incidents.

    Parameters
    ----------
    session : Session
    cases : sequence of mapping
        Columns of `Case` by name, and ``closed_at``.
    """
    closed_at = bindparam("b_closed_at", type_=DateTime(timezone=True))
    status = case((closed_at.is_(None), "open"), else_="closed")
    session.connection().execute(
        update(Incident).where(Incident.id == bindparam("b_incident_id")).values(status=status, closed_at=closed_at),
        [{"b_incident_id": each["incident_id"], "b_closed_at": each["closed_at"]} for each in cases],
    )
    columns = [name for name in cases[0] if name not in ("incident_id", "closed_at")]
    session.connection().execute(
        update(Case)
        .where(Case.incident_id == bindparam("b_incident_id"))
        .values({name: bindparam(f"b_{name}") for name in columns}),
        [{f"b_{name}": value for name, value in each.items() if name != "closed_at"} for each in cases],
    )


def write_case_steps(session: Session, steps: Sequence[Mapping[str, object]]) -> None:
    """Write steps of cases: columns of `CaseStep` by name, in order."""
    if steps:
        copy_rows(session, CaseStep, {name: [each[name] for each in steps] for name in steps[0]})


def write_assignment_notices(session: Session) -> None:
    """Tell workers of the cases that they have been given and not begun."""
    session.execute(
        insert(CaseNotice).from_select(
            ["subdistrict_id", "incident_id", "account_id", "kind", "number", "created_at"],
            select(Case.subdistrict_id, Case.incident_id, Worker.account_id, literal("assigned"), Incident.number)
            .add_columns(Case.changed_at)
            .join(Worker, Worker.id == Case.handler_id)
            .join(Incident, Incident.id == Case.incident_id)
            .where(Case.state == "assigned", Worker.account_id.is_not(None)),
        )
    )
