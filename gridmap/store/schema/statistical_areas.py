"""Statistical areas, their buildings, and their residents by month."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Integer, UniqueConstraint

from gridmap.store.schema.base import (
    Base,
    Mapped,
    mapped_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
)


class StatisticalArea(Base):
    """Statistical area 统计小区."""

    __tablename__ = "statistical_area"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        UniqueConstraint("id", "subdistrict_id"),
        {"comment": "Statistical area 统计小区: buildings that are counted together for readers who see no persons"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(index=True, comment="Community it lies in")


class StatisticalAreaBuilding(Base):
    """Building of a statistical area, for good."""

    __tablename__ = "statistical_area_building"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        same_subdistrict("statistical_area", "statistical_area_id"),
        CheckConstraint("households >= 0", "households_not_negative"),
        {"comment": "Building of a statistical area; it never changes to another one"},
    )

    building_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="Building")
    subdistrict_id: Mapped[int] = subdistrict_key()
    statistical_area_id: Mapped[int] = mapped_column(index=True, comment="Statistical area")
    households: Mapped[int] = mapped_column(Integer, comment="Households when the building joined the area")


class StatisticalAreaCount(Base):
    """Residents of a statistical area in a month, written once."""

    __tablename__ = "statistical_area_count"
    __table_args__ = (
        same_subdistrict("statistical_area", "statistical_area_id"),
        CheckConstraint("month = date_trunc('month', month)::date", "month_begins"),
        CheckConstraint("residents > 0", "residents_positive"),
        CheckConstraint("residents_60 >= 0 AND residents_60 <= residents", "residents_60_among_residents"),
        {"comment": "Residents of a statistical area in a month: counted once, at the first look in the month"},
    )

    statistical_area_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="Statistical area")
    month: Mapped[date] = mapped_column(Date, primary_key=True, comment="First day of the month")
    subdistrict_id: Mapped[int] = subdistrict_key()
    residents: Mapped[int] = mapped_column(Integer, comment="Residents on the day of the first look")
    residents_60: Mapped[int | None] = mapped_column(
        Integer, comment="Those of them who are 60 or older; empty if no year of birth is known"
    )
