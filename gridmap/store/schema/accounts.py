"""Who may do what: accounts, their scope, how they sign in, and the audit that nobody edits."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Identity, Index, Integer, LargeBinary, String, func, text
from sqlalchemy.dialects.postgresql import INET, JSONB

from gridmap.core.vocabulary import Role
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    in_vocabulary,
    mapped_column,
    non_empty_period,
    period_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
    timestamp_column,
)


class Account(Base):
    """Account of one person."""

    __tablename__ = "account"
    __table_args__ = (
        in_vocabulary("role", Role),
        CheckConstraint("name = lower(name) AND name <> ''", "name_lower_case"),
        {"comment": "Account of one person, with one role"},
    )

    id: Mapped[int] = primary_key()
    name: Mapped[str] = mapped_column(String(80), unique=True, comment="Name to sign in with, lower case")
    display_name: Mapped[str] = mapped_column(String(100), comment="Name shown on pages")
    role: Mapped[str] = mapped_column(String(20), comment="planner, worker, leader, station or admin")
    language: Mapped[str | None] = mapped_column(String(10), comment="Language chosen")
    active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"), comment="May sign in")
    made_at: Mapped[datetime] = timestamp_column("When it was made")


class AccountScope(Base):
    """Where a role holds."""

    __tablename__ = "account_scope"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        same_subdistrict("grid", "grid_id"),
        CheckConstraint("grid_id IS NULL OR community_id IS NOT NULL", "grid_in_community"),
        Index(
            "uq_account_scope",
            "account_id",
            "subdistrict_id",
            "community_id",
            "grid_id",
            "valid",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        non_empty_period(),
        {"comment": "Where an account's role holds: a subdistrict, one community of it, or one grid; for a time"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    account_id: Mapped[int] = foreign_key("account", "Account", index=True)
    community_id: Mapped[int | None] = mapped_column(comment="Only this community; all where empty")
    grid_id: Mapped[int | None] = mapped_column(comment="Only this grid; all where empty")
    valid: Mapped[Any] = period_column("Days on which it holds; a substitute's access ends by itself")


class Credential(Base):
    """How an account proves itself."""

    __tablename__ = "credential"
    __table_args__ = ({"comment": "Password of an account; the application reaches it through functions only"},)

    account_id: Mapped[int] = foreign_key("account", "Account", primary_key=True)
    password: Mapped[str] = mapped_column(String(400), comment="argon2id hash")
    must_change: Mapped[bool] = mapped_column(
        Boolean, server_default=text("true"), comment="Set by somebody else: to be changed at the next sign-in"
    )
    changed_at: Mapped[datetime] = timestamp_column("When the password was set")


class SignInThrottle(Base):
    """What slows down guessing."""

    __tablename__ = "sign_in_brake"
    __table_args__ = (
        {"comment": "Failed sign-ins that are not forgotten yet, by name (of an account or not) and by address"},
    )

    mark: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of what was tried: a name, or an address"
    )
    failures: Mapped[int] = mapped_column(Integer, comment="Attempts since the last success")
    tried_at: Mapped[datetime] = mapped_column(comment="Last attempt; a day later all is forgotten")
    locked_until: Mapped[datetime | None] = mapped_column(comment="No attempt is heard before")


class WebSession(Base):
    """A signed-in browser."""

    __tablename__ = "web_session"
    __table_args__ = ({"comment": "A signed-in browser; the cookie's token is kept as a hash"},)

    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, comment="SHA-256 of the token in the cookie")
    account_id: Mapped[int] = foreign_key("account", "Account", index=True)
    opened_at: Mapped[datetime] = timestamp_column("When it was opened")
    seen_at: Mapped[datetime] = timestamp_column("Last use")
    expires_at: Mapped[datetime] = mapped_column(comment="End, whatever the use")
    address: Mapped[str | None] = mapped_column(INET, comment="Address it was opened from")


class Audit(Base):
    """What somebody did or saw."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject", "subject", "subject_id"),
        {"comment": "Audit: every sign-in, reveal, export and change of rights; rows are only ever added"},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Number of the row")
    subdistrict_id: Mapped[int | None] = foreign_key(
        "subdistrict", "Subdistrict concerned; empty before sign-in", index=True
    )
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True, comment="When")
    account_id: Mapped[int | None] = foreign_key("account", "Who; empty before sign-in", index=True)
    action: Mapped[str] = mapped_column(String(40), comment="What was done, for example reveal or sign_in_failed")
    subject: Mapped[str | None] = mapped_column(String(40), comment="Table of what it was done to")
    subject_id: Mapped[int | None] = mapped_column(comment="Row of what it was done to")
    reason: Mapped[str | None] = mapped_column(String(400), comment="Reason the person gave")
    details: Mapped[Any] = mapped_column(JSONB, server_default="{}", comment="What else is needed; never personal data")
    address: Mapped[str | None] = mapped_column(INET, comment="Address it came from")
