"""Log of accesses to the data of a resident, which answers the question that every person may ask."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.services.people import residents
from gridmap.store.queries.people import reveals as reveal_queries
from gridmap.store.queries.people.reveals import AccessRecord
from gridmap.store.writes import reveals as reveal_writes

__all__ = ["AccessRecord", "export_access_records", "list_access_records"]


def list_access_records(session: Session, caller: Caller, resident_id: int) -> Sequence[AccessRecord]:
    """Return every action that showed the resident, newest first: lists, searches, pages, reveals, visits, exports.

    Parameters
    ----------
    session : Session
    caller : Caller
        A station that sees the resident.
    resident_id : int

    Raises
    ------
    NotFound
        If the caller may not see the resident.
    """
    residents.get_resident(session, caller, resident_id)
    return reveal_queries.list_access_records(session, resident_id)


def export_access_records(
    session: Session, caller: Caller, resident_id: int, address: str | None = None
) -> Sequence[AccessRecord]:
    """Return the same as `list_access_records`, and record in the audit that it left the service as a file."""
    records = list_access_records(session, caller, resident_id)
    details = {"kind": "access_log", "rows": len(records)}
    reveal_writes.record_residents_shown(session, "export", ("resident", resident_id), [resident_id], details, address)
    return records
