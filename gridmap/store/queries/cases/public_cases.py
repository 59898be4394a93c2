"""States of cases as residents without an account read them, and the query codes that open them."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import CaseAction, CaseState


class PublicCase(NamedTuple):
    """The state of a case, without place, matter and persons.

    `closing_action` is the action that closed it; None for an open case, and for one that a file closed. A duplicate
    has the state of the case that it was linked to.
    """

    state: CaseState
    closing_action: CaseAction | None
    is_duplicate: bool
    received_on: date
    due_on: date | None
    closed_on: date | None
    office_name: str
    office_phone: str | None


class QueriesPaused(NamedTuple):
    """Too many queries of a number, or from an address, have failed."""

    wait_s: int


def find_public_case(
    session: Session, number: str, query_code: str, ip_address: str | None
) -> PublicCase | QueriesPaused | None:
    """Return the state of the case with a number and a query code; a failure is counted.

    Parameters
    ----------
    session : Session
        Its transaction has to be committed, whatever the answer.
    number, query_code : str
    ip_address : str or None
        Address that the query comes from.
    """
    columns = ("wait_s", "state", "closing_action", "is_duplicate", "received_on", "due_on", "closed_on")
    call = func.public_case(number, query_code, cast(ip_address, INET))
    row = session.execute(select(call.table_valued(*columns, "office_name", "office_phone"))).first()
    if row is None:
        return None
    wait_s, state, action, *rest = row
    return QueriesPaused(wait_s) if wait_s else PublicCase(CaseState(state), action and CaseAction(action), *rest)


def get_query_code(session: Session, incident_id: int) -> str:
    """Return the query code of a case, for the station or the reporter; it is drawn when it is first asked for."""
    return str(session.scalar(select(func.get_case_query_code(incident_id))))
