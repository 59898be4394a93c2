"""What serves people and who works there: facilities, organisations, shops."""

from typing import Any

from sqlalchemy import CheckConstraint, Float, String, UniqueConstraint

from gridmap.core.names import Tenure
from gridmap.store.schema.base import (
    Base,
    Mapped,
    home,
    key,
    lasting,
    mapped_column,
    one_of,
    period,
    placed,
    shape,
    within,
)


class Facility(Base):
    """Facility 设施."""

    __tablename__ = "facility"
    __table_args__ = (
        within("building", "building_id"),
        within("cell", "cell_id"),
        UniqueConstraint("id", "subdistrict_id"),
        one_of("tenure", Tenure),
        CheckConstraint("area_m2 > 0", "area_positive"),
        lasting(),
        placed("facility"),
        {"comment": "Facility 设施: what serves people, from a health station to a street lamp"},
    )

    id: Mapped[int] = key()
    subdistrict_id: Mapped[int] = home()
    kind: Mapped[str] = mapped_column(String(80), index=True, comment="Kind, from the editable catalogue")
    name: Mapped[str | None] = mapped_column(String(200), comment="Name")
    building_id: Mapped[int | None] = mapped_column(comment="Building it is in")
    cell_id: Mapped[int | None] = mapped_column(index=True, comment="Cell it stands on")
    area_m2: Mapped[float | None] = mapped_column(Float, comment="Floor area in square metres")
    tenure: Mapped[str] = mapped_column(String(20), server_default="unknown", comment="owned, rented, lent or unknown")
    geometry: Mapped[Any] = shape("POINT", "Place")
    valid: Mapped[Any] = period("Days on which it served")


class Organisation(Base):
    """Organisation 驻区单位."""

    __tablename__ = "organisation"
    __table_args__ = (
        within("building", "building_id"),
        within("cell", "cell_id"),
        UniqueConstraint("id", "subdistrict_id"),
        lasting(),
        placed("organisation"),
        {"comment": "Organisation 驻区单位, 群团组织 or 志愿者组织 that has its seat here"},
    )

    id: Mapped[int] = key()
    subdistrict_id: Mapped[int] = home()
    kind: Mapped[str] = mapped_column(String(80), comment="Kind, for example volunteers")
    name: Mapped[str] = mapped_column(String(200), comment="Name")
    building_id: Mapped[int | None] = mapped_column(comment="Building it is in")
    cell_id: Mapped[int | None] = mapped_column(index=True, comment="Cell it stands on")
    geometry: Mapped[Any] = shape("POINT", "Place")
    valid: Mapped[Any] = period("Days on which it was here")


class Shop(Base):
    """Shop 商户."""

    __tablename__ = "shop"
    __table_args__ = (
        within("building", "building_id"),
        within("cell", "cell_id"),
        within("organisation", "organisation_id"),
        CheckConstraint("weight >= 0", "weight_not_negative"),
        lasting(),
        placed("shop"),
        {"comment": "Shop 商户: counts like a household where a profile says so"},
    )

    id: Mapped[int] = key()
    subdistrict_id: Mapped[int] = home()
    name: Mapped[str] = mapped_column(String(200), comment="Name on the sign")
    address: Mapped[str | None] = mapped_column(String(400), comment="Address")
    organisation_id: Mapped[int | None] = mapped_column(comment="Organisation it belongs to")
    building_id: Mapped[int | None] = mapped_column(comment="Building it is in")
    cell_id: Mapped[int | None] = mapped_column(index=True, comment="Cell it stands on")
    weight: Mapped[float] = mapped_column(Float, server_default="1", comment="Households it counts for")
    geometry: Mapped[Any] = shape("POINT", "Place")
    valid: Mapped[Any] = period("Days on which it traded")
