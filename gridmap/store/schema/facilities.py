"""Facilities, organisations and shops."""

from typing import Any

from sqlalchemy import CheckConstraint, Float, String, UniqueConstraint

from gridmap.core.field_lengths import MAX_ADDRESS_LETTERS, MAX_NAME_LETTERS
from gridmap.core.vocabulary import Tenure
from gridmap.store.schema.base import (
    Base,
    Mapped,
    geometry_column,
    gist_index,
    in_vocabulary,
    mapped_column,
    non_empty_period,
    period_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
)


class Facility(Base):
    """Facility 设施."""

    __tablename__ = "facility"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        same_subdistrict("cell", "cell_id"),
        UniqueConstraint("id", "subdistrict_id"),
        in_vocabulary("tenure", Tenure),
        CheckConstraint("area_m2 > 0", "area_positive"),
        non_empty_period(),
        gist_index("facility"),
        {"comment": "Facility 设施, from a health station to a street lamp"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    kind: Mapped[str] = mapped_column(String(80), index=True, comment="Kind, from the editable catalogue")
    name: Mapped[str | None] = mapped_column(String(MAX_NAME_LETTERS), comment="Name")
    building_id: Mapped[int | None] = mapped_column(comment="Building it is in")
    cell_id: Mapped[int | None] = mapped_column(index=True, comment="Cell it stands on")
    area_m2: Mapped[float | None] = mapped_column(Float, comment="Floor area in square metres")
    tenure: Mapped[str] = mapped_column(String(20), server_default="unknown", comment="owned, rented, lent or unknown")
    geometry: Mapped[Any] = geometry_column("POINT", "Place")
    valid: Mapped[Any] = period_column("Days on which it served")


class Organisation(Base):
    """Organisation 驻区单位."""

    __tablename__ = "organisation"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        same_subdistrict("cell", "cell_id"),
        UniqueConstraint("id", "subdistrict_id"),
        non_empty_period(),
        gist_index("organisation"),
        {"comment": "Organisation 驻区单位, 群团组织 or 志愿者组织 with its seat here"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    kind: Mapped[str] = mapped_column(String(80), comment="Kind, for example volunteers")
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name")
    building_id: Mapped[int | None] = mapped_column(comment="Building it is in")
    cell_id: Mapped[int | None] = mapped_column(index=True, comment="Cell it stands on")
    geometry: Mapped[Any] = geometry_column("POINT", "Place")
    valid: Mapped[Any] = period_column("Days on which it was here")


class Shop(Base):
    """Shop 商户."""

    __tablename__ = "shop"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        same_subdistrict("cell", "cell_id"),
        same_subdistrict("organisation", "organisation_id"),
        UniqueConstraint("id", "subdistrict_id"),
        CheckConstraint("weight >= 0", "weight_not_negative"),
        non_empty_period(),
        gist_index("shop"),
        {"comment": "Shop 商户: counts like a household where a profile says so"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name on the sign")
    address: Mapped[str | None] = mapped_column(String(MAX_ADDRESS_LETTERS), comment="Address")
    organisation_id: Mapped[int | None] = mapped_column(comment="Organisation it belongs to")
    building_id: Mapped[int | None] = mapped_column(comment="Building it is in")
    cell_id: Mapped[int | None] = mapped_column(index=True, comment="Cell it stands on")
    weight: Mapped[float] = mapped_column(Float, server_default="1", comment="Households it counts for")
    geometry: Mapped[Any] = geometry_column("POINT", "Place")
    valid: Mapped[Any] = period_column("Days on which it traded")
