"""Service groups of subdistricts, and residents who enter and leave them."""

from datetime import date, timedelta

from sqlalchemy import ARRAY, Text, cast, func, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.privacy.service_groups import ServiceGroup
from gridmap.store.access import row_filter
from gridmap.store.queries.homes.households import MemberKey
from gridmap.store.queries.people.service_groups import MembershipRow
from gridmap.store.schema import ServiceGroupMember


def save_group(session: Session, subdistrict_id: int, group: ServiceGroup, version: int) -> int | None:
    """Add a group (version 0), or change all of a stored one but its class; the audit records it.

    Returns
    -------
    int or None
        The new version; None where the stored group has another version, and nothing was saved.
    """
    texts = cast([*group.names, group.purpose, group.legal_basis, group.access_class.value], ARRAY(Text))
    call = func.save_service_group(subdistrict_id, group.key, texts, group.in_use, version)
    saved: int | None = session.scalar(select(call))
    return saved


def insert_membership(session: Session, member: MemberKey, group_id: int, first: date, source: str) -> None:
    """Insert a membership of a resident from a day on."""
    keys = {"subdistrict_id": member.subdistrict_id, "resident_id": member.id, "service_group_id": group_id}
    session.add(ServiceGroupMember(**keys, source=source, valid=Range(first, None)))
    session.flush()


def end_membership(session: Session, caller: Caller, membership: MembershipRow, last: date) -> None:
    """End a membership with a last day."""
    ended = update(ServiceGroupMember).where(
        ServiceGroupMember.id == membership.id, row_filter.visible(caller, ServiceGroupMember)
    )
    period = Range(membership.first, last + timedelta(days=1))
    session.execute(ended.values(valid=period), execution_options={"synchronize_session": False})
    session.expire_all()
