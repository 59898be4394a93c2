"""Subdistricts, their communities with norms, and resident groups."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range

from gridmap.core.field_lengths import MAX_CODE_LETTERS, MAX_NAME_LETTERS, MAX_SOURCE_LETTERS
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    geometry_column,
    gist_index,
    in_vocabulary,
    mapped_column,
    non_empty_period,
    period_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
    timestamp_column,
)

IN_USE = text("withdrawn_at IS NULL")


class Subdistrict(Base):
    """Subdistrict 街道."""

    __tablename__ = "subdistrict"
    __table_args__ = (
        CheckConstraint("code <> ''", "code_given"),
        gist_index("subdistrict"),
        {"comment": "Subdistrict 街道: the office above the communities"},
    )

    id: Mapped[int] = primary_key()
    code: Mapped[str] = mapped_column(
        String(MAX_CODE_LETTERS), unique=True, comment="Statistical code (9 digits) or own code"
    )
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name as people write it")
    geometry: Mapped[Any] = geometry_column(
        "MULTIPOLYGON", "Outline; the union of its communities where the source has none"
    )
    supervision_phone: Mapped[str | None] = mapped_column(String(40), comment="Office phone for complaints, public")
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="File or office the outline came from")


class Community(Base):
    """Community 社区."""

    __tablename__ = "community"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "code"),
        UniqueConstraint("id", "subdistrict_id"),
        gist_index("community"),
        {"comment": "Community 社区: the territory that is partitioned into grids"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    code: Mapped[str] = mapped_column(String(MAX_CODE_LETTERS), comment="Statistical code (12 digits) or own code")
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name as people write it")
    geometry: Mapped[Any] = geometry_column("MULTIPOLYGON", "Boundary; neighbours share edges and never area")
    station_phone: Mapped[str | None] = mapped_column(
        String(40), comment="Office phone of its grid workstation, public"
    )


class ResidentGroup(Base):
    """Resident group 居民小组."""

    __tablename__ = "resident_group"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        UniqueConstraint("community_id", "name"),
        UniqueConstraint("id", "subdistrict_id"),
        gist_index("resident_group"),
        {"comment": "Resident group 居民小组: an older layer within a community"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(comment="Community it lies in")
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name, for example 第三居民小组")
    geometry: Mapped[Any] = geometry_column("MULTIPOLYGON", "Extent", nullable=True)


class NormPeriod(Base):
    """Norm 户数标准 of a subdistrict or a community in a period."""

    __tablename__ = "norm"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        ExcludeConstraint(
            ("community_id", "="), ("valid", "&&"), name="ex_norm_community_id_valid", using="gist", where=IN_USE
        ),
        ExcludeConstraint(
            ("subdistrict_id", "="),
            ("valid", "&&"),
            name="ex_norm_subdistrict_id_valid",
            using="gist",
            where=text("withdrawn_at IS NULL AND community_id IS NULL"),
        ),
        non_empty_period(),
        in_vocabulary("household_kind", HouseholdKind),
        CheckConstraint(
            "1 <= minimum AND minimum <= target AND target <= maximum AND maximum <= 20000", "range_ordered"
        ),
        CheckConstraint(
            "(person_minimum IS NULL) = (person_maximum IS NULL)"
            " AND 1 <= person_minimum AND person_minimum <= person_maximum AND person_maximum <= 100000",
            "persons_ordered",
        ),
        CheckConstraint("length(btrim(source)) >= 2", "source_given"),
        CheckConstraint("withdrawn_by IS NULL OR withdrawn_at IS NOT NULL", "withdrawal_dated"),
        {"comment": "Norm 户数标准 of grids: range and kind of households, with its document, by date"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int | None] = mapped_column(comment="Community; empty for the whole subdistrict")
    minimum: Mapped[int] = mapped_column(Integer, comment="Minimum households of a grid")
    maximum: Mapped[int] = mapped_column(Integer, comment="Maximum households of a grid")
    target: Mapped[int] = mapped_column(Integer, comment="Households that a partition aims at")
    household_kind: Mapped[str] = mapped_column(
        String(20), comment="Kind that is counted: resident 常住户, registered 户籍户 or dwelling 房屋套数"
    )
    person_minimum: Mapped[int | None] = mapped_column(
        Integer, comment="Minimum persons; a grid in this second range is in range, too"
    )
    person_maximum: Mapped[int | None] = mapped_column(Integer, comment="Maximum persons of the second range")
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="Document that it is taken from")
    source_date: Mapped[date] = mapped_column(Date, comment="Date of the document")
    valid: Mapped[Range[date]] = period_column("Days on which it holds")
    created_at: Mapped[datetime] = timestamp_column("When it was entered")
    created_by: Mapped[int | None] = foreign_key("account", "Account that entered it; empty for a command")
    withdrawn_at: Mapped[datetime | None] = mapped_column(
        comment="When another entry took its place; it holds on no day since, and stays as history"
    )
    withdrawn_by: Mapped[int | None] = foreign_key("account", "Account that withdrew it; empty for a command")
