"""Subdistricts, their communities with norms, resident groups; pictures and draft of a first day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint, Range

from gridmap.core.field_lengths import MAX_CODE_LETTERS, MAX_NAME_LETTERS, MAX_SOURCE_LETTERS
from gridmap.core.tracing.placement import PlacementMethod
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
        CheckConstraint("max_radius_m BETWEEN 1 AND 100000", "radius_positive"),
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
    max_radius_m: Mapped[int | None] = mapped_column(
        Integer, comment="Farthest home from the centre of a grid, in metres; empty for no limit"
    )
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="Document that it is taken from")
    source_date: Mapped[date] = mapped_column(Date, comment="Date of the document")
    valid: Mapped[Range[date]] = period_column("Days on which it holds")
    created_at: Mapped[datetime] = timestamp_column("When it was entered")
    created_by: Mapped[int | None] = foreign_key("account", "Account that entered it; empty for a command")
    withdrawn_at: Mapped[datetime | None] = mapped_column(
        comment="When another entry took its place; it holds on no day since, and stays as history"
    )
    withdrawn_by: Mapped[int | None] = foreign_key("account", "Account that withdrew it; empty for a command")


class Picture(Base):
    """Picture that planners trace on."""

    __tablename__ = "picture"
    __table_args__ = (
        in_vocabulary("method", PlacementMethod),
        CheckConstraint("(method IS NULL) = (placement IS NULL)", "placed_by_a_method"),
        CheckConstraint("width > 0 AND height > 0", "size_positive"),
        {"comment": "Picture 底图 that planners trace on: a slide, a scan or an aerial image; re-encoded by gridmap"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name of the file it came from")
    width: Mapped[int] = mapped_column(Integer, comment="Pixels")
    height: Mapped[int] = mapped_column(Integer, comment="Pixels")
    content: Mapped[bytes | None] = mapped_column(LargeBinary, comment="WebP without metadata; NULL when removed")
    points: Mapped[Any] = mapped_column(JSONB, comment="Control points: pixels with longitude and latitude")
    method: Mapped[str | None] = mapped_column(String(20), comment="similarity, affine, scale or file")
    placement: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True), comment="Six numbers from pixels to Web Mercator metres"
    )
    uploaded_by: Mapped[int | None] = foreign_key("account", "Account that uploaded it")
    uploaded_at: Mapped[datetime] = timestamp_column("When it was uploaded")


class Tracing(Base):
    """Draft of the first day."""

    __tablename__ = "tracing"
    __table_args__ = (
        CheckConstraint("version > 0", "version_positive"),
        {"comment": "Draft of a subdistrict's first day: traced shapes and the list of buildings, one a subdistrict"},
    )

    subdistrict_id: Mapped[int] = foreign_key(
        "subdistrict", "Subdistrict the row belongs to; decides who may see it", primary_key=True
    )
    version: Mapped[int] = mapped_column(Integer, comment="Counts the saves; a save names the one it began from")
    content: Mapped[Any] = mapped_column(JSONB, comment="Shapes in degrees, and buildings of the list")
    saved_by: Mapped[int | None] = foreign_key("account", "Account that saved it last")
    saved_at: Mapped[datetime] = timestamp_column("When it was saved last")
