"""A draft of the first day written, and the empty subdistrict that it is for."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.schema import Community, Subdistrict, Tracing

EMPTY = "SRID=4326;MULTIPOLYGON EMPTY"
"""Geometry of a place whose boundary nobody has drawn yet."""


def insert_empty_subdistrict(session: Session, code: str, name: str, communities: Mapping[str, str]) -> int:
    """Insert a subdistrict with communities by code and name, all without a boundary; return its key.

    Parameters
    ----------
    session : Session
        Of the owner.
    code, name : str
    communities : mapping
        Names by code.
    """
    subdistrict = Subdistrict(code=code, name=name, geometry=EMPTY, source="gridmap subdistrict create")
    session.add(subdistrict)
    session.flush()
    for community_code, community_name in communities.items():
        keys = {"subdistrict_id": subdistrict.id, "geometry": EMPTY}
        session.add(Community(code=community_code, name=community_name, **keys))
        session.flush()
    return int(subdistrict.id)


def save_tracing(session: Session, caller: Caller, subdistrict_id: int, version: int, content: Any) -> None:
    """Store a draft as the version after one; the calling function holds the lock of the row.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    version : int
        Version it began from; 0 for the first one.
    content : JSON
    """
    values = {"version": version + 1, "content": content, "saved_by": caller.account_id, "saved_at": func.now()}
    if version:
        rows = update(Tracing).where(Tracing.subdistrict_id == subdistrict_id, Tracing.version == version)
        session.execute(rows.where(row_filter.visible(caller, Tracing)).values(**values))
        return
    session.execute(postgresql.insert(Tracing).values(subdistrict_id=subdistrict_id, **values))
