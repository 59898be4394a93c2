"""Audit: actions that are recorded and never changed, for admins to read."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.queries import audit as audit_queries
from gridmap.store.queries.audit import AuditFilter, AuditRecord
from gridmap.store.writes import audit as audit_writes
from gridmap.store.writes.audit import AuditEntry

__all__ = [
    "MAX_EXPORTED_ENTRIES",
    "PAGE_SIZE",
    "AuditEntry",
    "AuditFilter",
    "AuditRecord",
    "list_actions",
    "list_entries",
    "list_newest_entries",
    "record_denial",
    "record_entry",
]

PAGE_SIZE = 50
"""Entries of a page: a list of this length can be read without losing one's place."""

MAX_EXPORTED_ENTRIES = 20_000
"""Entries of an export: those of months, and still a file that a spreadsheet opens at once."""


def record_entry(session: Session, entry: AuditEntry) -> None:
    """Add an entry in the transaction of the action, so that neither is stored without the other."""
    audit_writes.insert_entry(session, entry)


def record_denial(
    session: Session, what: Mapping[str, object], address: str | None = None, subject: tuple[str, int] | None = None
) -> None:
    """Record a request that the role or scope of the transaction's account does not allow.

    Parameters
    ----------
    session : Session
        Of a transaction of its own, since the request is answered by an error.
    what : mapping
        Requested page and method.
    address : str, optional
        Network address of the request.
    subject : tuple of str and int, optional
        Table and key of the requested row; the key is stored only for admins of the row's subdistrict.
    """
    audit_writes.insert_denial(session, what, address, subject)


def list_entries(
    session: Session, caller: Caller, filters: AuditFilter, page: int = 1
) -> tuple[Sequence[AuditRecord], int]:
    """Return a page of the audit, newest entries first, and the number of pages.

    Parameters
    ----------
    session : Session
    caller : Caller
        An admin, who sees the entries of the admin's subdistricts; or the owner, who sees all.
    filters : AuditFilter
    page : int
        From 1; pages after the last one are empty.
    """
    pages = max(1, -(-audit_queries.count_entries(session, caller, filters) // PAGE_SIZE))
    offset = (min(page, pages + 1) - 1) * PAGE_SIZE
    return audit_queries.list_entries(session, caller, filters, limit=PAGE_SIZE, offset=offset), pages


def list_newest_entries(session: Session, caller: Caller, filters: AuditFilter) -> Sequence[AuditRecord]:
    """Return the newest entries that a filter matches, `MAX_EXPORTED_ENTRIES` at most, for an export."""
    return audit_queries.list_entries(session, caller, filters, limit=MAX_EXPORTED_ENTRIES, offset=0)


def list_actions(session: Session, caller: Caller) -> Sequence[str]:
    """Return the actions that occur, for a filter."""
    return audit_queries.list_actions(session, caller)
