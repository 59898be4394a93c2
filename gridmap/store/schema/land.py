"""Land: cells that cover it, the streets and barriers that enclose it, and former cells of places."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, CheckConstraint, Date, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB

from gridmap.core.field_lengths import MAX_NAME_LETTERS
from gridmap.core.vocabulary import BarrierKind, StreetKind
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


class Street(Base):
    """Street 道路."""

    __tablename__ = "street"
    __table_args__ = (
        in_vocabulary("kind", StreetKind),
        gist_index("street"),
        {"comment": "Street 道路: a line people walk and drive on"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    name: Mapped[str | None] = mapped_column(String(MAX_NAME_LETTERS), comment="Name")
    kind: Mapped[str] = mapped_column(String(20), comment="motorway, arterial, local or lane")
    geometry: Mapped[Any] = geometry_column("LINESTRING", "Centre line")


class Barrier(Base):
    """Barrier 分界线."""

    __tablename__ = "barrier"
    __table_args__ = (
        in_vocabulary("kind", BarrierKind),
        gist_index("barrier"),
        {"comment": "Barrier 分界线: rail, water or wall that grids should not cross"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    kind: Mapped[str] = mapped_column(String(20), comment="rail, water, motorway or wall")
    geometry: Mapped[Any] = geometry_column("GEOMETRY", "Line or area")


class DedicatedLand(Base):
    """Dedicated land 专属网格."""

    __tablename__ = "dedicated_land"
    __table_args__ = (
        UniqueConstraint("id", "subdistrict_id"),
        gist_index("dedicated_land"),
        {"comment": "Park, school, market or similar land that gets a dedicated grid 专属网格"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name")
    geometry: Mapped[Any] = geometry_column("POLYGON", "Extent")


class Land(Base):
    """Cells of a community, built at one time."""

    __tablename__ = "land"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        UniqueConstraint("id", "subdistrict_id"),
        UniqueConstraint("community_id", "holds_from"),
        {"comment": "Cells of a community, built from its streets and buildings at one time"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(index=True, comment="Community whose land it is")
    crs: Mapped[str] = mapped_column(Text, comment="Metric CRS the cells were built in: authority and code, or WKT")
    created_at: Mapped[datetime] = timestamp_column("When the cells were built")
    holds_from: Mapped[date | None] = mapped_column(
        Date, comment="First day on which its plans may be in force; empty for the first land of a community"
    )
    created_by: Mapped[int | None] = foreign_key("account", "Account that asked for it; empty for a command")
    note: Mapped[str | None] = mapped_column(String(2000), comment="Why it was built anew")
    report: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True), comment="What building it anew changed: codes and numbers, no persons"
    )


class Cell(Base):
    """Cell 楼栋地块."""

    __tablename__ = "cell"
    __table_args__ = (
        same_subdistrict("land", "land_id"),
        same_subdistrict("community", "community_id"),
        same_subdistrict("dedicated_land", "dedicated_land_id"),
        UniqueConstraint("id", "subdistrict_id"),
        UniqueConstraint("land_id", "number"),
        gist_index("cell"),
        {"comment": "Cell 楼栋地块: one polygon of the land's exact coverage; a building with its land, or open land"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    land_id: Mapped[int] = mapped_column(comment="Land it belongs to")
    community_id: Mapped[int] = mapped_column(index=True, comment="Community it lies in")
    number: Mapped[int] = mapped_column(Integer, comment="Index in the coverage, from 0")
    dedicated_land_id: Mapped[int | None] = mapped_column(comment="Dedicated land it belongs to")
    water: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), comment="Open water")
    geometry: Mapped[Any] = geometry_column("POLYGON", "Extent; cells share edges and never area")


class BuildingCell(Base):
    """Cell that a building stands on."""

    __tablename__ = "building_cell"
    __table_args__ = (
        same_subdistrict("land", "land_id"),
        same_subdistrict("cell", "cell_id"),
        same_subdistrict("building", "building_id"),
        {"comment": "Cell that a building stands on, in one land"},
    )

    land_id: Mapped[int] = mapped_column(primary_key=True, comment="Land")
    building_id: Mapped[int] = mapped_column(primary_key=True, index=True, comment="Building")
    cell_id: Mapped[int] = mapped_column(index=True, comment="Cell it stands on, or most of it")
    subdistrict_id: Mapped[int] = subdistrict_key()


def _former_cell_arguments(place: str, name: str) -> tuple[Any, ...]:
    """Return the constraints and the comment of the former cells of a kind of place.

    The row of a place has its cell in the newest land, which every page of today reads. Former cells say what was true
    on the days before, so that figures of those days stay as they were.
    """
    return (
        same_subdistrict(place, f"{place}_id"),
        same_subdistrict("cell", "cell_id"),
        CheckConstraint("NOT isempty(valid) AND NOT upper_inf(valid)", "valid_ends"),
        {"comment": f"Cell of {name} on days before its land was built anew; the row itself has the newest"},
    )


def _former_place(name: str) -> Mapped[int]:
    return mapped_column(primary_key=True, autoincrement=False, comment=name)


def _former_period() -> Mapped[Any]:
    return mapped_column(DATERANGE, primary_key=True, comment="Days, up to the one on which the new land holds")


def _former_cell() -> Mapped[int | None]:
    return mapped_column(BigInteger, nullable=True, index=True, comment="Cell on these days; empty outside every cell")


class IncidentFormerCell(Base):
    """Cell of an incident, and the cells near it, before its land was built anew."""

    __tablename__ = "incident_former_cell"
    __table_args__ = _former_cell_arguments("incident", "an incident")

    incident_id: Mapped[int] = _former_place("Incident")
    valid: Mapped[Any] = _former_period()
    cell_id: Mapped[int | None] = _former_cell()
    near_cell_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), server_default=text("'{}'"), comment="Other cells within 5 m on these days"
    )
    subdistrict_id: Mapped[int] = subdistrict_key()


class FacilityFormerCell(Base):
    """Cell of a facility before its land was built anew."""

    __tablename__ = "facility_former_cell"
    __table_args__ = _former_cell_arguments("facility", "a facility")

    facility_id: Mapped[int] = _former_place("Facility")
    valid: Mapped[Any] = _former_period()
    cell_id: Mapped[int | None] = _former_cell()
    subdistrict_id: Mapped[int] = subdistrict_key()


class OrganisationFormerCell(Base):
    """Cell of an organisation before its land was built anew."""

    __tablename__ = "organisation_former_cell"
    __table_args__ = _former_cell_arguments("organisation", "an organisation")

    organisation_id: Mapped[int] = _former_place("Organisation")
    valid: Mapped[Any] = _former_period()
    cell_id: Mapped[int | None] = _former_cell()
    subdistrict_id: Mapped[int] = subdistrict_key()


class ShopFormerCell(Base):
    """Cell of a shop before its land was built anew."""

    __tablename__ = "shop_former_cell"
    __table_args__ = _former_cell_arguments("shop", "a shop")

    shop_id: Mapped[int] = _former_place("Shop")
    valid: Mapped[Any] = _former_period()
    cell_id: Mapped[int | None] = _former_cell()
    subdistrict_id: Mapped[int] = subdistrict_key()
