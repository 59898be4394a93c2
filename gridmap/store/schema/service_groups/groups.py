"""Service groups 服务类别, the residents in them, and their published counts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, Integer, String, UniqueConstraint, text

from gridmap.core.field_lengths import MAX_CATEGORY_LETTERS, MAX_SOURCE_LETTERS
from gridmap.core.privacy.service_groups import GROUP_CLASSES
from gridmap.store.schema.base import (
    Base,
    Mapped,
    in_vocabulary,
    mapped_column,
    no_overlap,
    non_empty_period,
    period_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
    timestamp_column,
)

HAS_GROUNDS = (
    "NOT in_use OR (purpose IS NOT NULL AND btrim(purpose) <> ''"
    " AND (access_class <> 'sensitive' OR (legal_basis IS NOT NULL AND length(btrim(legal_basis)) >= 4)))"
)


class GroupOfSubdistrict(Base):
    """Service group of a subdistrict."""

    __tablename__ = "service_group"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "key"),
        UniqueConstraint("id", "subdistrict_id"),
        in_vocabulary("access_class", GROUP_CLASSES),
        CheckConstraint("key <> '' AND name_zh <> '' AND name_en <> ''", "has_names"),
        CheckConstraint(HAS_GROUNDS, "used_with_grounds"),
        {"comment": "Service group 服务类别 of residents; off without purpose, and sensitive ones without legal basis"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    key: Mapped[str] = mapped_column(String(40), comment="Key in the catalogue, or made of the English name")
    name_zh: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Name in Chinese")
    name_en: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Name in English")
    access_class: Mapped[str] = mapped_column(String(20), comment="personal or sensitive; it never changes")
    purpose: Mapped[str | None] = mapped_column(String(200), comment="Purpose of processing")
    legal_basis: Mapped[str | None] = mapped_column(
        String(200), comment="Legal basis; without one, a sensitive group is off"
    )
    in_use: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), comment="Residents are recorded in it; otherwise members are unreadable"
    )
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"), comment="Number of the latest change")
    source: Mapped[str] = mapped_column(String(200), comment="Catalogue or office that it comes from")
    changed_at: Mapped[datetime] = timestamp_column("When it was changed last")


class ServiceGroupMember(Base):
    """Resident who belongs to a service group for a period."""

    __tablename__ = "service_group_member"
    __table_args__ = (
        same_subdistrict("resident", "resident_id"),
        same_subdistrict("service_group", "service_group_id"),
        no_overlap("service_group_member", "resident_id", "service_group_id"),
        non_empty_period(),
        {"comment": "Resident in a service group; readable while the group is in use, sensitive ones for stations"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    resident_id: Mapped[int] = mapped_column(index=True, comment="Resident")
    service_group_id: Mapped[int] = mapped_column(index=True, comment="Service group; a trigger requires it in use")
    source: Mapped[str] = mapped_column(String(400), comment="File or register it came from")
    valid: Mapped[Any] = period_column("Days on which the person belonged to the group")


class ServiceGroupCount(Base):
    """Members of a service group in a building as an office counted them, by source and date; no person is recorded."""

    __tablename__ = "service_group_count"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        same_subdistrict("service_group", "service_group_id"),
        UniqueConstraint("building_id", "service_group_id", "as_of"),
        CheckConstraint("persons >= 0", "persons_not_negative"),
        {"comment": "Members of a service group in a building as counted on one day; for stations, no person is named"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    building_id: Mapped[int] = mapped_column(comment="Building")
    service_group_id: Mapped[int] = mapped_column(index=True, comment="Service group; a trigger requires it in use")
    persons: Mapped[int] = mapped_column(Integer, comment="Members who live in the building")
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="File, register or office")
    as_of: Mapped[date] = mapped_column(Date, comment="Date of the count")


class PublishedGroupCount(Base):
    """Number of members of a service group by grid, for readers who see no persons."""

    __tablename__ = "published_group_count"
    __table_args__ = (
        same_subdistrict("service_group", "service_group_id"),
        same_subdistrict("community", "community_id"),
        same_subdistrict("grid", "grid_id"),
        UniqueConstraint(
            "service_group_id",
            "first_day",
            "community_id",
            "grid_id",
            name="uq_published_group_count_place_and_period",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("members = 0 OR members >= 5", "no_small_count"),
        {"comment": "Members of a service group by grid: written once a month or quarter, never changed"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    service_group_id: Mapped[int] = mapped_column(comment="Service group")
    first_day: Mapped[date] = mapped_column(comment="First day of the month; of the quarter for a sensitive group")
    community_id: Mapped[int] = mapped_column(comment="Community")
    grid_id: Mapped[int | None] = mapped_column(comment="Grid; empty for the sum of grids with small counts")
    members: Mapped[int | None] = mapped_column(Integer, comment="Members; empty for a sum that is too small")
    published_at: Mapped[datetime] = timestamp_column("When it was written")
