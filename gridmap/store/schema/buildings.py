"""Estates, courtyards, buildings, units and dwellings; counts of households and of persons of buildings."""

from datetime import date
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, Float, Integer, String, UniqueConstraint, text

from gridmap.core.field_lengths import (
    MAX_ADDRESS_LETTERS,
    MAX_BUILDING_CODE_LETTERS,
    MAX_NAME_LETTERS,
    MAX_SOURCE_LETTERS,
    MAX_USE_LETTERS,
)
from gridmap.core.vocabulary import HouseholdKind, PopulationKind
from gridmap.store.schema.base import (
    Base,
    Mapped,
    geometry_column,
    gist_index,
    in_vocabulary,
    mapped_column,
    no_overlap_of_codes,
    non_empty_period,
    period_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
)


class Estate(Base):
    """Estate 小区."""

    __tablename__ = "estate"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        UniqueConstraint("community_id", "name"),
        UniqueConstraint("id", "subdistrict_id"),
        {"comment": "Estate 小区: may be divided between courtyards and buildings"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(comment="Community it lies in")
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name")


class Courtyard(Base):
    """Courtyard 楼院."""

    __tablename__ = "courtyard"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        same_subdistrict("estate", "estate_id"),
        UniqueConstraint("community_id", "estate_id", "name", "place", postgresql_nulls_not_distinct=True),
        UniqueConstraint("id", "subdistrict_id"),
        {"comment": "Courtyard 楼院: stays whole in every plan"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(comment="Community it lies in")
    estate_id: Mapped[int | None] = mapped_column(comment="Estate it is part of")
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name")
    place: Mapped[int] = mapped_column(
        Integer, server_default=text("1"), comment="Number among the places of one estate and name, which lie apart"
    )


class Building(Base):
    """Building 楼栋."""

    __tablename__ = "building"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        same_subdistrict("courtyard", "courtyard_id"),
        same_subdistrict("estate", "estate_id"),
        UniqueConstraint("id", "subdistrict_id"),
        no_overlap_of_codes("building"),
        non_empty_period(),
        CheckConstraint("levels > 0", "levels_positive"),
        gist_index("building"),
        {"comment": "Building 楼栋, with or without dwellings"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(index=True, comment="Community that holds most of it")
    courtyard_id: Mapped[int | None] = mapped_column(comment="Courtyard it belongs to")
    estate_id: Mapped[int | None] = mapped_column(comment="Estate it belongs to")
    code: Mapped[str] = mapped_column(
        String(MAX_BUILDING_CODE_LETTERS), index=True, comment="building_id of the file it came with"
    )
    name: Mapped[str | None] = mapped_column(String(MAX_NAME_LETTERS), comment="Name or number people use")
    address: Mapped[str | None] = mapped_column(String(MAX_ADDRESS_LETTERS), comment="Address")
    use: Mapped[str | None] = mapped_column(String(MAX_USE_LETTERS), comment="Use, in the words of the source")
    levels: Mapped[float | None] = mapped_column(Float, comment="Storeys above ground")
    geometry: Mapped[Any] = geometry_column("GEOMETRY", "Footprint, lot or point")
    schematic: Mapped[bool] = mapped_column(
        Boolean,
        server_default=text("false"),
        comment="Place 位置示意: in order within the outline of its estate, not surveyed",
    )
    valid: Mapped[Any] = period_column("Days on which it stood")


class HouseholdCount(Base):
    """Households of a building, by kind, source and date."""

    __tablename__ = "household_count"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        UniqueConstraint("building_id", "kind", "as_of"),
        in_vocabulary("kind", HouseholdKind),
        CheckConstraint("households >= 0", "households_not_negative"),
        CheckConstraint("low <= households AND households <= high", "range_holds"),
        {"comment": "Households of a building: counted or estimated, of one kind, from one source, on one day"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    building_id: Mapped[int] = mapped_column(comment="Building")
    kind: Mapped[str] = mapped_column(String(20), comment="resident 常住户, registered 户籍户 or dwelling 房屋套数")
    households: Mapped[int] = mapped_column(Integer, comment="Households")
    low: Mapped[float] = mapped_column(Float, comment="Lower end of an estimate; the count itself where counted")
    high: Mapped[float] = mapped_column(Float, comment="Upper end of an estimate; the count itself where counted")
    estimated: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), comment="Estimated, not counted")
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="File, register or method")
    as_of: Mapped[date] = mapped_column(Date, comment="Date of the count")


class PopulationCount(Base):
    """Persons of a building as an office counted them, by kind, source and date; no person is recorded."""

    __tablename__ = "population_count"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        UniqueConstraint("building_id", "kind", "as_of"),
        in_vocabulary("kind", PopulationKind),
        CheckConstraint("persons >= 0", "persons_not_negative"),
        {"comment": "Population count 人口统计数: persons of a building, of one kind, from one source, on one day"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    building_id: Mapped[int] = mapped_column(comment="Building")
    kind: Mapped[str] = mapped_column(String(20), comment="residents 人口 or residents_60 60岁以上人口")
    persons: Mapped[int] = mapped_column(Integer, comment="Persons")
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="File, register or office")
    as_of: Mapped[date] = mapped_column(Date, comment="Date of the count")


class Unit(Base):
    """Unit 单元."""

    __tablename__ = "unit"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        UniqueConstraint("building_id", "name"),
        UniqueConstraint("id", "subdistrict_id"),
        {"comment": "Unit 单元: a stair of a building"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    building_id: Mapped[int] = mapped_column(comment="Building")
    name: Mapped[str] = mapped_column(String(80), comment="Number or name, for example 2单元")


class Dwelling(Base):
    """Dwelling 房屋."""

    __tablename__ = "dwelling"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        same_subdistrict("unit", "unit_id"),
        UniqueConstraint("id", "subdistrict_id"),
        UniqueConstraint("building_id", "unit_id", "number", postgresql_nulls_not_distinct=True),
        {"comment": "Dwelling 房屋: one door"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    building_id: Mapped[int] = mapped_column(comment="Building")
    unit_id: Mapped[int | None] = mapped_column(comment="Unit, where the building has several")
    number: Mapped[str] = mapped_column(String(40), comment="Number on the door")
    floor: Mapped[int | None] = mapped_column(Integer, comment="Storey, 1 at the ground")
    vacant: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), comment="空置: seen to be empty, not just without a record"
    )
