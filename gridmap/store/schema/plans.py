"""Plans of communities, their revisions and grids, and the adoptions that put revisions in force."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gridmap.core.field_lengths import MAX_GRID_CODE_LETTERS, MAX_NAME_LETTERS
from gridmap.core.vocabulary import GridKind, GridStatus, HouseholdKind
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    geometry_column,
    gist_index,
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


class Plan(Base):
    """Plan 方案."""

    __tablename__ = "plan"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        UniqueConstraint("id", "subdistrict_id"),
        {"comment": "Plan 方案: a partition of a community into grids, with its revisions"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(index=True, comment="Community that is partitioned")
    name: Mapped[str] = mapped_column(String(200), comment="Name the planner gave")
    created_at: Mapped[datetime] = timestamp_column("When it was created")
    created_by: Mapped[int | None] = foreign_key("account", "Account that created it; empty for a command")


class Revision(Base):
    """Revision 版本."""

    __tablename__ = "revision"
    __table_args__ = (
        same_subdistrict("plan", "plan_id"),
        same_subdistrict("community", "community_id"),
        same_subdistrict("land", "land_id"),
        UniqueConstraint("plan_id", "number"),
        UniqueConstraint("id", "subdistrict_id"),
        UniqueConstraint("id", "community_id"),
        CheckConstraint("minimum <= maximum", "range_ordered"),
        CheckConstraint("max_radius_m BETWEEN 1 AND 100000", "radius_positive"),
        in_vocabulary("household_kind", HouseholdKind),
        {"comment": "Revision 版本 of a plan: never changed once saved"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    plan_id: Mapped[int] = mapped_column(comment="Plan")
    community_id: Mapped[int] = mapped_column(index=True, comment="Community that is partitioned")
    land_id: Mapped[int] = mapped_column(index=True, comment="Land whose cells it assigns")
    number: Mapped[int] = mapped_column(Integer, comment="1, 2, 3 within the plan")
    parent_id: Mapped[int | None] = foreign_key("revision", "Revision it was changed from")
    minimum: Mapped[int] = mapped_column(Integer, comment="Minimum households of a grid that it was made with")
    maximum: Mapped[int] = mapped_column(Integer, comment="Maximum households of a grid that it was made with")
    household_kind: Mapped[str] = mapped_column(
        String(20), server_default=text("'resident'"), comment="Kind of household that it was made with"
    )
    max_radius_m: Mapped[int | None] = mapped_column(
        Integer, comment="Farthest home from the centre of a grid that it was made with, in metres; empty for no limit"
    )
    note: Mapped[str | None] = mapped_column(String(2000), comment="What was changed and why")
    reasons: Mapped[Any] = mapped_column(JSONB, server_default="[]", comment="Exceptions that concern no single grid")
    created_at: Mapped[datetime] = timestamp_column("When it was saved")
    created_by: Mapped[int | None] = foreign_key("account", "Account that saved it; empty for a command")


class Grid(Base):
    """Grid 网格."""

    __tablename__ = "grid"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        UniqueConstraint("community_id", "code"),
        UniqueConstraint("id", "subdistrict_id"),
        {"comment": "Grid 网格: keeps its code and its worker while revisions change its extent"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(comment="Community it is part of")
    code: Mapped[str] = mapped_column(
        String(MAX_GRID_CODE_LETTERS), comment="Community code and three digits (DB11/T 2157)"
    )


class RevisionGrid(Base):
    """Grid in one revision."""

    __tablename__ = "revision_grid"
    __table_args__ = (
        same_subdistrict("revision", "revision_id"),
        same_subdistrict("grid", "grid_id"),
        in_vocabulary("kind", GridKind),
        in_vocabulary("status", GridStatus),
        gist_index("revision_grid"),
        {"comment": "Grid in one revision: extent, name and figures"},
    )

    revision_id: Mapped[int] = mapped_column(primary_key=True, comment="Revision")
    grid_id: Mapped[int] = mapped_column(primary_key=True, index=True, comment="Grid")
    subdistrict_id: Mapped[int] = subdistrict_key()
    name: Mapped[str | None] = mapped_column(String(MAX_NAME_LETTERS), comment="Name, for example 第一网格")
    kind: Mapped[str] = mapped_column(String(20), comment="household 基础网格 or dedicated 专属网格")
    status: Mapped[str | None] = mapped_column(
        String(20), comment="under, in_range or over of the range it was made with; empty for dedicated grids"
    )
    households: Mapped[int] = mapped_column(Integer, comment="Households when the revision was saved")
    buildings: Mapped[int] = mapped_column(Integer, comment="Buildings when the revision was saved")
    area_m2: Mapped[float] = mapped_column(Float, comment="Area in square metres, measured in the town's metric CRS")
    reason: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True), comment="Why it is out of range: message")
    extent: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="Where it ends in the east, south, west and north 四至: message; empty for revisions made before",
    )
    outline: Mapped[str | None] = mapped_column(
        Text, comment="Outline that pages and sheets draw: GeoJSON; empty where it is that of the geometry"
    )
    geometry: Mapped[Any] = geometry_column("MULTIPOLYGON", "Extent; grids of a revision share edges and never area")


class RevisionStreet(Base):
    """Stretch of a border street that counts in the grid on one side."""

    __tablename__ = "revision_street"
    __table_args__ = (
        same_subdistrict("revision", "revision_id"),
        ForeignKeyConstraint(["revision_id", "first_grid_id"], ["revision_grid.revision_id", "revision_grid.grid_id"]),
        ForeignKeyConstraint(["revision_id", "second_grid_id"], ["revision_grid.revision_id", "revision_grid.grid_id"]),
        CheckConstraint("first_grid_id < second_grid_id", "sides_ordered"),
        CheckConstraint("grid_id IN (first_grid_id, second_grid_id)", "grid_is_a_side"),
        Index("ix_revision_street_grid_id", "grid_id"),
        {"comment": "Street 责任道路 of a revision: between two grids, its border incidents count in one of them"},
    )

    revision_id: Mapped[int] = mapped_column(primary_key=True, comment="Revision")
    street_id: Mapped[int] = mapped_column(
        primary_key=True, comment="Street; no reference: a revision stays as it is when streets are replaced"
    )
    first_grid_id: Mapped[int] = mapped_column(primary_key=True, comment="Grid on one side, with the smaller key")
    second_grid_id: Mapped[int] = mapped_column(primary_key=True, comment="Grid on the other side")
    grid_id: Mapped[int] = mapped_column(comment="Grid of the two in which incidents of the street count")
    subdistrict_id: Mapped[int] = subdistrict_key()
    street_name: Mapped[str | None] = mapped_column(
        String(MAX_NAME_LETTERS), comment="Name of the street when it was saved"
    )


class MicroGrid(Base):
    """Micro-grid 微网格."""

    __tablename__ = "micro_grid"
    __table_args__ = (
        same_subdistrict("revision", "revision_id"),
        same_subdistrict("grid", "grid_id"),
        UniqueConstraint("revision_id", "grid_id", "number"),
        gist_index("micro_grid"),
        {"comment": "Micro-grid 微网格: a part of a grid of about 100 households"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    revision_id: Mapped[int] = mapped_column(comment="Revision")
    grid_id: Mapped[int] = mapped_column(comment="Grid it is part of")
    number: Mapped[int] = mapped_column(Integer, comment="1, 2, 3 within the grid")
    households: Mapped[int] = mapped_column(Integer, comment="Households when the revision was saved")
    geometry: Mapped[Any] = geometry_column("MULTIPOLYGON", "Extent")


class Assignment(Base):
    """Grid of a cell in one revision."""

    __tablename__ = "assignment"
    __table_args__ = (
        same_subdistrict("revision", "revision_id"),
        same_subdistrict("cell", "cell_id"),
        same_subdistrict("grid", "grid_id"),
        {"comment": "Grid of each cell in a revision"},
    )

    revision_id: Mapped[int] = mapped_column(primary_key=True, comment="Revision")
    cell_id: Mapped[int] = mapped_column(primary_key=True, index=True, comment="Cell")
    grid_id: Mapped[int] = mapped_column(index=True, comment="Grid it belongs to")
    subdistrict_id: Mapped[int] = subdistrict_key()


class Adoption(Base):
    """Adoption 批准启用."""

    __tablename__ = "adoption"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        same_subdistrict("revision", "revision_id"),
        no_overlap("adoption", "community_id"),
        non_empty_period(),
        {"comment": "The revision in force 执行中 in a community, by date: at most one on any day"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(comment="Community")
    revision_id: Mapped[int] = mapped_column(index=True, comment="Revision in force")
    valid: Mapped[Any] = period_column("From the effective date 生效日期 to the day before the next plan's")
    note: Mapped[str | None] = mapped_column(String(2000), comment="Decision it rests on")
    adopted_at: Mapped[datetime] = timestamp_column("When it was approved")
    adopted_by: Mapped[int | None] = foreign_key("account", "Account that approved it; empty for a command")
