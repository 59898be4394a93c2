"""Incidents, and those of whole months packed for counting."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

from gridmap.core.field_lengths import MAX_CATEGORY_LETTERS, MAX_INCIDENT_NUMBER_LETTERS, MAX_TITLE_LETTERS
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
        Index("ix_incident_subdistrict_id_category", "subdistrict_id", "category"),
        Index(
            "ix_incident_restricted_subdistrict_id_occurred_at",
            "subdistrict_id",
            "occurred_at",
            postgresql_where=text("access_class <> 'ordinary'"),
        ),
        Index("ix_incident_class_and_entry", "subdistrict_id", "access_class", "reported_at"),
        gist_index("incident"),
        {"comment": "Incident 事件; its grid on any date follows from its cell"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    number: Mapped[str] = mapped_column(
        String(MAX_INCIDENT_NUMBER_LETTERS), comment="Number people quote; of the source where it has one"
    )
    category: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Category of the subdistrict")
    access_class: Mapped[str] = mapped_column(
        String(20), server_default=FetchedValue(), comment="Class of the category when it was entered; never changes"
    )
    title: Mapped[str | None] = mapped_column(String(MAX_TITLE_LETTERS), comment="Short description, without names")
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


def _packed_column(comment: str) -> Mapped[bytes]:
    """Return a column with a value for each incident, in network byte order."""
    return mapped_column(LargeBinary, comment=comment)


class IncidentMonth(Base):
    """Ordinary incidents of a subdistrict and a month, packed for counting."""

    __tablename__ = "incident_month"
    __table_args__ = (
        {"comment": "Ordinary incidents of a month, packed for counting: a copy of their rows; functions write it"},
    )

    subdistrict_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("subdistrict.id"),
        primary_key=True,
        comment="Subdistrict the row belongs to; decides who may see it",
    )
    month: Mapped[date] = mapped_column(Date, primary_key=True, comment="First day of the month")
    time_zone: Mapped[str] = mapped_column(String(80), comment="Time zone in which days begin")
    packed_at: Mapped[datetime] = timestamp_column("When it was packed")
    categories: Mapped[list[str]] = mapped_column(
        ARRAY(String(MAX_CATEGORY_LETTERS)), comment="Categories of the incidents, sorted"
    )
    category_codes: Mapped[bytes] = _packed_column("Position in the categories, from 1: 2 bytes each")
    days: Mapped[bytes] = _packed_column("Day of the month: 2 bytes each")
    closed_days: Mapped[bytes] = _packed_column("Day of closing, from 1970-01-01, or 2^31 - 1: 4 bytes each")
    cell_ids: Mapped[bytes] = _packed_column("Cell, or 0: 8 bytes each")
    near_counts: Mapped[bytes] = _packed_column("Number of near cells: 2 bytes each")
    near_cell_ids: Mapped[bytes] = _packed_column("Near cells of one incident after another: 8 bytes each")
    street_ids: Mapped[bytes] = _packed_column("Nearest street, or 0: 8 bytes each")
    positions: Mapped[bytes] = _packed_column("Longitude and latitude (WGS 84): 16 bytes each")


class IncidentMonthChange(Base):
    """Change of the ordinary incidents of a month since they were packed."""

    __tablename__ = "incident_month_change"
    __table_args__ = ({"comment": "Month with a change of ordinary incidents since it was packed; triggers write it"},)

    id: Mapped[UUID] = mapped_column(
        postgresql.UUID(as_uuid=True),
        primary_key=True,
        server_default=text("gen_random_uuid()"),
        comment="Random, so that no gap tells of other subdistricts",
    )
    subdistrict_id: Mapped[int] = subdistrict_key()
    month: Mapped[date] = mapped_column(Date, comment="First day of the month")
