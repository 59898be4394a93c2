"""Limits of reveals: daily budget of a role, special tasks that allow more; exports of persons."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Integer, String, Text, UniqueConstraint

from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    mapped_column,
    non_empty_period,
    period_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
    timestamp_column,
)

DECIDED_WHOLE = (
    "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (approved IS NULL)"
    " AND (expires_at IS NOT NULL) = coalesce(approved, false)"
)


class RevealBudget(Base):
    """Households a day that an account of a role may reveal; 30 where there is no row."""

    __tablename__ = "reveal_budget"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "role"),
        CheckConstraint("role IN ('worker', 'station')", "role_sees_persons"),
        CheckConstraint("households_per_day BETWEEN 0 AND 200", "households_in_range"),
        {"comment": "Households a day of which an account of a role may reveal values; 30 where there is no row"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    role: Mapped[str] = mapped_column(String(20), comment="worker or station")
    households_per_day: Mapped[int] = mapped_column(Integer, comment="Households a day and account, 0 to 200")


class SpecialTask(Base):
    """Special task 专项工作."""

    __tablename__ = "special_task"
    __table_args__ = (
        UniqueConstraint("id", "subdistrict_id"),
        CheckConstraint("households BETWEEN 1 AND 5000", "households_in_range"),
        CheckConstraint(
            "cardinality(fields) > 0 AND fields <@ ARRAY['name', 'phone', 'id_number']::text[]",
            "fields_known",
        ),
        CheckConstraint("NOT upper_inf(valid)", "ends"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", "closed_by_somebody"),
        non_empty_period(),
        {"comment": "Special task 专项工作: its accounts may reveal values of more households, for a time"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    purpose: Mapped[str] = mapped_column(String(200), comment="What it is for; the reason of its reveals")
    fields: Mapped[Any] = mapped_column(ARRAY(Text), comment="Values it needs: name, phone, id_number")
    households: Mapped[int] = mapped_column(Integer, comment="Households that each of its accounts may reveal in all")
    valid: Mapped[Any] = period_column("Days on which it holds")
    opened_by: Mapped[int] = foreign_key("account", "Admin who opened it")
    opened_at: Mapped[datetime] = timestamp_column("When it was opened")
    closed_by: Mapped[int | None] = foreign_key("account", "Admin who closed it before its last day")
    closed_at: Mapped[datetime | None] = mapped_column(comment="When it was closed before its last day")


class SpecialTaskAccount(Base):
    """Account that works on a special task."""

    __tablename__ = "special_task_account"
    __table_args__ = (
        same_subdistrict("special_task", "special_task_id"),
        {"comment": "Accounts that work on a special task"},
    )

    subdistrict_id: Mapped[int] = subdistrict_key()
    special_task_id: Mapped[int] = mapped_column(primary_key=True, comment="Special task")
    account_id: Mapped[int] = foreign_key("account", "Account that works on it", primary_key=True, index=True)


class PersonExport(Base):
    """Request for a file with masked data of persons, and the decision about it."""

    __tablename__ = "person_export"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        CheckConstraint(
            "cardinality(fields) > 0 AND fields <@ ARRAY['name', 'phone', 'id_number', 'residence']::text[]",
            "fields_known",
        ),
        CheckConstraint("length(btrim(purpose)) >= 4 AND length(btrim(legal_basis)) >= 4", "grounds_given"),
        CheckConstraint(DECIDED_WHOLE, "decided_whole"),
        CheckConstraint("decided_by <> requested_by", "second_person"),
        CheckConstraint("coalesce(approved, true) OR length(btrim(decision_reason)) >= 4", "refusal_says_why"),
        CheckConstraint("downloaded_at IS NULL OR approved", "approved_before_download"),
        {"comment": "Export of masked data of persons: requested by one account, decided by another, downloaded once"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(index=True, comment="Community whose residents it is about")
    requested_by: Mapped[int] = foreign_key("account", "Worker or station that asks for it", index=True)
    requested_at: Mapped[datetime] = timestamp_column("When it was asked for")
    purpose: Mapped[str] = mapped_column(String(200), comment="What the file is for")
    legal_basis: Mapped[str] = mapped_column(String(200), comment="Legal basis of the processing")
    fields: Mapped[Any] = mapped_column(ARRAY(Text), comment="Masked values: name, phone, id_number, residence")
    decided_by: Mapped[int | None] = foreign_key("account", "Administrator who decided; never the one who asks")
    decided_at: Mapped[datetime | None] = mapped_column(comment="When it was decided")
    approved: Mapped[bool | None] = mapped_column(Boolean, comment="Whether it was approved; empty while it waits")
    decision_reason: Mapped[str | None] = mapped_column(String(500), comment="Why it was refused, or a remark")
    expires_at: Mapped[datetime | None] = mapped_column(comment="Until when an approved one can be downloaded")
    downloaded_at: Mapped[datetime | None] = mapped_column(comment="When it was downloaded, once")
    residents: Mapped[int | None] = mapped_column(Integer, comment="Residents in the file")
