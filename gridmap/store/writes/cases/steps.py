"""Steps of cases, photos and notices; functions of the database check and write them."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import AssignmentBasis, CaseAction


@dataclass(frozen=True)
class NewStep:
    """A step to take.

    Parameters
    ----------
    incident_id : int
    version : int
        Version of the case that the account has seen.
    action : CaseAction
    text : str
        Reason, answer, result or note; empty where the action needs none.
    handler_id : int or None
        Worker who gets the case, of the roster.
    basis : AssignmentBasis or None
        Reason why this worker gets it.
    duplicate_of : int or None
        Incident that the case repeats.
    """

    incident_id: int
    version: int
    action: CaseAction
    text: str = ""
    handler_id: int | None = None
    basis: AssignmentBasis | None = None
    duplicate_of: int | None = None


class PassedCases(NamedTuple):
    """Numbers of cases that were handed over, and of accounts told of overdue ones."""

    handed_over: int
    told: int


def take_step(session: Session, step: NewStep) -> int | None:
    """Take a step and return its key; None where the case has changed since the version of the step."""
    values = {
        "text": step.text,
        "handler_id": step.handler_id,
        "basis": step.basis,
        "duplicate_of": step.duplicate_of,
    }
    call = func.take_case_step(step.incident_id, step.version, step.action, cast(values, JSONB))
    return session.scalar(select(call))


def withdraw_report(session: Session, incident_id: int) -> bool:
    """Withdraw an own report of the last ten minutes that nobody has touched; return whether it was."""
    return bool(session.scalar(select(func.withdraw_report(incident_id))))


def mend_report(session: Session, incident_id: int, category: str, title: str | None) -> bool:
    """Change category and title of an own report of the last ten minutes that nobody has touched; return whether."""
    return bool(session.scalar(select(func.mend_report(incident_id, category, title))))


def repeat_report(session: Session, incident_id: int, duplicate_of: int) -> bool:
    """Link an own report that nobody has touched to an open case that the account sees; return whether it was."""
    return bool(session.scalar(select(func.repeat_report(incident_id, duplicate_of))))


def add_photo(
    session: Session, incident_id: int, step_id: int | None, content: bytes, size: tuple[int, int]
) -> UUID | None:
    """Add a photo to an own report or step; None where it has three already.

    Parameters
    ----------
    session : Session
    incident_id : int
    step_id : int or None
        Step of the account; None for its report.
    content : bytes
        JPEG.
    size : tuple of int
        Width and height in pixels.
    """
    return session.scalar(select(func.add_incident_photo(incident_id, step_id, content, *size)))


def see_notices(session: Session, incident_id: int | None = None) -> None:
    """Mark the account's notices of a case as seen, or all of them."""
    session.execute(select(func.see_case_notices(incident_id)))


def pass_on_cases(session: Session) -> PassedCases:
    """Hand cases over where another worker is in charge now, and tell of overdue ones; for the periodic task."""
    handed_over = session.scalar(select(func.hand_over_cases()))
    return PassedCases(int(handed_over or 0), int(session.scalar(select(func.tell_overdue_cases())) or 0))
