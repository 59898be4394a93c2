"""Incidents."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    FetchedValue,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gridmap.core.vocabulary import AccessClass, IncidentStatus
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    geometry_column,
    gist_index,
    in_vocabulary,
    mapped_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
    timestamp_column,
)


class Incident(Base):
    """Incident 事件."""

    __tablename__ = "incident"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        same_subdistrict("cell", "cell_id"),
        ForeignKeyConstraint(
            ["subdistrict_id", "category"], ["incident_category.subdistrict_id", "incident_category.key"]
        ),
        UniqueConstraint("id", "subdistrict_id"),
        UniqueConstraint("subdistrict_id", "number"),
        UniqueConstraint("reported_by", "idempotency_key"),
        in_vocabulary("status", IncidentStatus),
        in_vocabulary("access_class", AccessClass),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", "closed_has_time"),
        CheckConstraint("closed_at >= occurred_at", "closed_after_it_happened"),
        Index("ix_incident_subdistrict_id_occurred_at", "subdistrict_id", "occurred_at"),
        Index("ix_incident_class_and_entry", "subdistrict_id", "access_class", "reported_at"),
        gist_index("incident"),
        {"comment": "Incident 事件; its grid on any date follows from its cell"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    number: Mapped[str] = mapped_column(String(80), comment="Number people quote; of the source where it has one")
    category: Mapped[str] = mapped_column(String(80), index=True, comment="Category of the subdistrict")
    access_class: Mapped[str] = mapped_column(
        String(20), server_default=FetchedValue(), comment="Class of the category when it was entered; never changes"
    )
    title: Mapped[str | None] = mapped_column(String(400), comment="Short description, without names")
    channel: Mapped[str] = mapped_column(String(40), comment="How it came in: worker, hotline, walk-in, file")
    occurred_at: Mapped[datetime] = mapped_column(comment="When it happened")
    reported_at: Mapped[datetime] = timestamp_column("When it was reported")
    reported_by: Mapped[int | None] = foreign_key("account", "Account that reported it; empty for a file")
    idempotency_key: Mapped[str | None] = mapped_column(
        String(64), comment="Hash of the submitted form: a repeated submission is the same incident"
    )
    urgent: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), comment="Urgent 突发事件")
    status: Mapped[str] = mapped_column(String(20), server_default="open", comment="open or closed")
    closed_at: Mapped[datetime | None] = mapped_column(comment="When it was closed 办结")
    building_id: Mapped[int | None] = mapped_column(index=True, comment="Building it concerns")
    cell_id: Mapped[int | None] = mapped_column(index=True, comment="Cell it happened on; empty outside every cell")
    near_cell_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger),
        server_default=FetchedValue(),
        comment="Other cells within 5 m; where one is in another grid, it is on the border",
    )
    street_id: Mapped[int | None] = mapped_column(
        server_default=FetchedValue(), index=True, comment="Nearest street within 15 m of its centre line"
    )
    geometry: Mapped[Any] = geometry_column("POINT", "Location; shown to entitled accounts only")
