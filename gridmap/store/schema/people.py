"""Households and residents, workers and their duties."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Computed, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from gridmap.core.vocabulary import DutyKind, HouseholdKind, Occupancy, Residence, RosterRole
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
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


class Household(Base):
    """Household 户."""

    __tablename__ = "household"
    __table_args__ = (
        same_subdistrict("building", "building_id"),
        same_subdistrict("dwelling", "dwelling_id"),
        UniqueConstraint("id", "subdistrict_id"),
        in_vocabulary("kind", HouseholdKind),
        in_vocabulary("occupancy", Occupancy),
        in_vocabulary("residence", Residence),
        CheckConstraint("residence <> 'lives_elsewhere' OR kind = 'registered'", "lives_elsewhere_is_registered"),
        non_empty_period(),
        {"comment": "Household 户 of a kind: people who live, or are registered, behind one door"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    building_id: Mapped[int] = mapped_column(index=True, comment="Building they live in")
    dwelling_id: Mapped[int | None] = mapped_column(index=True, comment="Dwelling, where it is known")
    kind: Mapped[str] = mapped_column(String(20), comment="resident 常住户 or registered 户籍户")
    occupancy: Mapped[str | None] = mapped_column(String(20), comment="owner 自住 or tenant 租住; empty if unknown")
    residence: Mapped[str | None] = mapped_column(
        String(20),
        comment="here 人户一致, registered_elsewhere 人在户不在, lives_elsewhere 户在人不在 or empty",
    )
    source: Mapped[str] = mapped_column(String(400), comment="File or register it came from")
    valid: Mapped[Any] = period_column("Days on which it lived there")


class Resident(Base):
    """Resident 居民."""

    __tablename__ = "resident"
    __table_args__ = (
        same_subdistrict("household", "household_id"),
        UniqueConstraint("id", "subdistrict_id"),
        CheckConstraint("(id_number_encrypted IS NULL) = (id_number_index IS NULL)", "id_number_indexed"),
        CheckConstraint("(phone_encrypted IS NULL) = (phone_index IS NULL)", "phone_indexed"),
        Index("ix_resident_subdistrict_id_name", "subdistrict_id", "name"),
        non_empty_period(),
        {"comment": "Resident 居民: minimal data; numbers are encrypted with a key outside the database"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    household_id: Mapped[int] = mapped_column(index=True, comment="Household")
    name: Mapped[str] = mapped_column(
        String(100), comment="Name; the application reads it by functions that record the reveal"
    )
    name_initial: Mapped[str | None] = mapped_column(
        String(1), Computed('"left"((name)::text, 1)', persisted=True), comment="First letter of the name, for lists"
    )
    birth_year: Mapped[int | None] = mapped_column(Integer, comment="Year of birth, for counts by age")
    id_number_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, comment="Identity number, encrypted")
    id_number_index: Mapped[bytes | None] = mapped_column(
        LargeBinary, index=True, comment="Keyed hash of the identity number, to find it by exact value"
    )
    phone_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, comment="Phone, encrypted")
    phone_index: Mapped[bytes | None] = mapped_column(
        LargeBinary, index=True, comment="Keyed hash of the phone, to find it by exact value"
    )
    source: Mapped[str] = mapped_column(String(400), comment="File or register it came from")
    valid: Mapped[Any] = period_column("Days on which the person belonged to the household")


class Worker(Base):
    """Worker 网格员."""

    __tablename__ = "worker"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        UniqueConstraint("id", "subdistrict_id"),
        non_empty_period(),
        {"comment": "Worker 网格员, or another person on the roster of a grid"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(index=True, comment="Community they work for")
    name: Mapped[str] = mapped_column(String(100), comment="Name, public by office")
    office_phone: Mapped[str | None] = mapped_column(String(40), comment="Office phone, public; never a private one")
    full_time: Mapped[bool] = mapped_column(Boolean, server_default=text("true"), comment="专职, not 兼职")
    account_id: Mapped[int | None] = foreign_key("account", "Account they sign in with", index=True)
    valid: Mapped[Any] = period_column("Days in office")


class Duty(Base):
    """Duty of a person on the roster."""

    __tablename__ = "duty"
    __table_args__ = (
        same_subdistrict("worker", "worker_id"),
        same_subdistrict("grid", "grid_id"),
        same_subdistrict("building", "building_id"),
        same_subdistrict("resident_group", "resident_group_id"),
        in_vocabulary("kind", DutyKind),
        in_vocabulary("role", RosterRole),
        CheckConstraint("(kind = 'own_grid') = (grid_id IS NOT NULL)", "own_grid_has_grid"),
        CheckConstraint("(kind = 'building') = (building_id IS NOT NULL)", "building_has_building"),
        CheckConstraint("(kind = 'resident_group') = (resident_group_id IS NOT NULL)", "resident_group_has_group"),
        CheckConstraint("in_charge = false OR kind = 'own_grid'", "in_charge_of_a_grid"),
        CheckConstraint("NOT in_charge OR role IN ('grid_leader', 'grid_worker')", "worker_in_charge"),
        CheckConstraint("role <> 'grid_leader' OR in_charge", "grid_leader_in_charge"),
        no_overlap("duty", "worker_id", "grid_id"),
        no_overlap("duty", "worker_id", "line_of_work"),
        no_overlap("duty", "worker_id", "building_id"),
        no_overlap("duty", "worker_id", "resident_group_id"),
        ExcludeConstraint(
            ("grid_id", "="),
            ("valid", "&&"),
            where=text("in_charge"),
            name="ex_duty_one_in_charge",
            using="gist",
        ),
        non_empty_period(),
        {"comment": "Roster: duties for a grid (B岗), a line of work (A岗), a building or a resident group, by period"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    worker_id: Mapped[int] = mapped_column(comment="Worker")
    kind: Mapped[str] = mapped_column(String(20), comment="own_grid B岗, field A岗, building or resident_group")
    role: Mapped[str] = mapped_column(
        String(20), server_default="grid_worker", comment="Role in the place; of no meaning for a field of work"
    )
    grid_id: Mapped[int | None] = mapped_column(index=True, comment="Grid of a B岗 duty")
    building_id: Mapped[int | None] = mapped_column(index=True, comment="Building of a 楼栋长 or 信息员")
    resident_group_id: Mapped[int | None] = mapped_column(index=True, comment="Resident group of a 信息员")
    line_of_work: Mapped[str | None] = mapped_column(String(80), comment="Line of work of an A岗 duty")
    in_charge: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), comment="Grid leader 网格长: one person of a grid on any day"
    )
    valid: Mapped[Any] = period_column("Days on duty")


class Leave(Base):
    """Leave of a worker with a substitute."""

    __tablename__ = "leave"
    __table_args__ = (
        same_subdistrict("worker", "worker_id"),
        same_subdistrict("worker", "substitute_id"),
        CheckConstraint("worker_id <> substitute_id", "other_substitute"),
        CheckConstraint("NOT upper_inf(valid) AND upper(valid) - lower(valid) <= 366", "valid_ends"),
        no_overlap("leave", "worker_id"),
        non_empty_period(),
        {"comment": "Leave 请假: days on which a substitute has the grids of a worker; functions write it"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    worker_id: Mapped[int] = mapped_column(index=True, comment="Worker on leave; the reason is not stored")
    substitute_id: Mapped[int] = mapped_column(index=True, comment="Person on the roster who has the grids meanwhile")
    valid: Mapped[Any] = period_column("Days of the leave, a year at most; the access of the substitute ends with it")
    opened_by: Mapped[int | None] = foreign_key("account", "Account that entered it; empty for the owner's commands")
    opened_at: Mapped[datetime] = timestamp_column("When it was entered")
