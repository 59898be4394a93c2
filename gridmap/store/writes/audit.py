"""Entries added to the audit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gridmap.store.network_address import inet_value


@dataclass(frozen=True)
class AuditEntry:
    """An entry to add to the audit.

    Parameters
    ----------
    action : str
        One word, such as ``reveal``.
    subject : str, optional
        Table of the row concerned.
    subject_id : int, optional
        Key of the row concerned.
    reason : str, optional
        Reason that the person gave.
    address : str, optional
        Network address of the request.
    subdistrict_id, community_id : int, optional
        Place whose admins can see the entry; without a community, only admins of the whole subdistrict.
    details : mapping
        Further values for JSON; never personal data.
    """

    action: str
    subject: str | None = None
    subject_id: int | None = None
    reason: str | None = None
    address: str | None = None
    subdistrict_id: int | None = None
    community_id: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)


def insert_entry(session: Session, entry: AuditEntry) -> None:
    """Add an entry in the name of the transaction's account."""
    values = (entry.action, entry.subdistrict_id, entry.community_id, entry.subject, entry.subject_id, entry.reason)
    session.execute(select(func.record_audit(*values, cast(dict(entry.details), JSONB), inet_value(entry.address))))


def insert_denial(
    session: Session, what: Mapping[str, object], address: str | None, subject: tuple[str, int] | None
) -> None:
    """Add an entry about a request for something that the transaction's account may not see."""
    table, key = subject or (None, None)
    session.execute(select(func.record_denial(table, key, cast(dict(what), JSONB), inet_value(address))))
