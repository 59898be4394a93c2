"""Accounts, their scopes, passwords and sessions, and the audit, which nobody changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    text,
)
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

IS_REVEAL = "action = ANY (ARRAY['reveal', 'household_visit'])"
"""Condition of the rows of the audit that count against the limits of reveals."""


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
    created_at: Mapped[datetime] = timestamp_column("When it was created")


class AccountScope(Base):
    """Part of a subdistrict where an account's role holds, for a period."""

    __tablename__ = "account_scope"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        same_subdistrict("grid", "grid_id"),
        UniqueConstraint("id", "subdistrict_id"),
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
    can_approve: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), comment="A planner may approve plans there; leaders always may"
    )
    leave_id: Mapped[int | None] = foreign_key(
        "leave", "Leave that the substitute has it for; it ends with the leave", index=True, ondelete="CASCADE"
    )


class Credential(Base):
    """Password of an account."""

    __tablename__ = "credential"
    __table_args__ = ({"comment": "Password of an account; the application reaches it through functions only"},)

    account_id: Mapped[int] = foreign_key("account", "Account", primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(400), comment="argon2id hash, after the id of the pepper")
    must_change: Mapped[bool] = mapped_column(
        Boolean, server_default=text("true"), comment="Set by another account: to be changed at the next sign-in"
    )
    changed_at: Mapped[datetime] = timestamp_column("When the password was set")


class SignInThrottle(Base):
    """Failed sign-ins under one name, from one IP address or from one known browser."""

    __tablename__ = "sign_in_throttle"
    __table_args__ = ({"comment": "Failed sign-ins of the last day: by name, by IP address or by known browser"},)

    fingerprint: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the name, of the IP address, or of a browser and the name"
    )
    failures: Mapped[int] = mapped_column(Integer, comment="Attempts since the last success")
    last_attempt_at: Mapped[datetime] = mapped_column(comment="Last attempt; the row is deleted a day later")
    locked_until: Mapped[datetime | None] = mapped_column(comment="Attempts before this time are refused")


class KnownDevice(Base):
    """Browser that has signed in to an account."""

    __tablename__ = "known_device"
    __table_args__ = (
        {"comment": "Browser that has signed in to an account before: failed sign-ins elsewhere do not shut it out"},
    )

    account_id: Mapped[int] = foreign_key("account", "Account", primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the token in the cookie of the browser"
    )
    last_used_at: Mapped[datetime] = mapped_column(comment="Last sign-in; after 180 days the browser is unknown again")


class WebSession(Base):
    """Signed-in browser."""

    __tablename__ = "web_session"
    __table_args__ = ({"comment": "Signed-in browser; only a hash of the cookie's token is stored"},)

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the token in the cookie"
    )
    account_id: Mapped[int] = foreign_key("account", "Account", index=True)
    created_at: Mapped[datetime] = timestamp_column("When the session was opened")
    last_seen_at: Mapped[datetime] = timestamp_column("Last use")
    expires_at: Mapped[datetime] = mapped_column(comment="When the session ends, even if it is in use")
    ip_address: Mapped[str | None] = mapped_column(INET, comment="IP address the session was opened from")
    password_confirmed_at: Mapped[datetime] = timestamp_column("When the password was typed last")


class SecondFactor(Base):
    """Secret of the app that computes the codes of an account."""

    __tablename__ = "second_factor"
    __table_args__ = (
        CheckConstraint("(confirmed_at IS NULL) = (last_step IS NULL)", "confirmed_by_code"),
        {"comment": "Second factor of an account: the secret of its one-time codes (TOTP)"},
    )

    account_id: Mapped[int] = foreign_key("account", "Account", primary_key=True)
    secret: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Secret, encrypted with a key outside the database, after the id of the key"
    )
    session_hash: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="Session that sets it up; empty when it is confirmed"
    )
    confirmed_at: Mapped[datetime | None] = mapped_column(comment="When the first code confirmed it; empty before")
    last_step: Mapped[int | None] = mapped_column(
        Integer, comment="Time step of 30 s of the last code that was accepted; earlier ones are refused"
    )


class RecoveryCode(Base):
    """Code that stands in for the app once."""

    __tablename__ = "recovery_code"
    __table_args__ = ({"comment": "Recovery code of a second factor, for one use"},)

    account_id: Mapped[int] = foreign_key("account", "Account", primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the account and the code"
    )
    used_at: Mapped[datetime | None] = mapped_column(comment="When it was used")


class PendingSignIn(Base):
    """Sign-in whose password was right and whose code is not there yet."""

    __tablename__ = "pending_sign_in"
    __table_args__ = ({"comment": "Sign-in that waits for its second step; it is no session and opens nothing"},)

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the token in the cookie"
    )
    account_id: Mapped[int] = foreign_key("account", "Account", index=True)
    expires_at: Mapped[datetime] = mapped_column(comment="When the password has to be typed again")


class Audit(Base):
    """Record of an action or a disclosure."""

    __tablename__ = "audit"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        Index("ix_audit_subject", "subject", "subject_id"),
        Index("ix_audit_resident_ids", "resident_ids", postgresql_using="gin"),
        Index("ix_audit_reveals", "account_id", "at", postgresql_where=text(IS_REVEAL)),
        {"comment": "Audit: every sign-in, reveal, export and change of rights; rows are only ever added"},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Number of the row")
    subdistrict_id: Mapped[int | None] = foreign_key(
        "subdistrict", "Subdistrict concerned; empty before sign-in", index=True
    )
    community_id: Mapped[int | None] = mapped_column(comment="Community concerned, where there is one")
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True, comment="When it happened")
    account_id: Mapped[int | None] = foreign_key("account", "Account that acted; empty before sign-in", index=True)
    action: Mapped[str] = mapped_column(String(40), comment="What was done, for example reveal or sign_in_failed")
    subject: Mapped[str | None] = mapped_column(String(40), comment="Table of the row concerned")
    subject_id: Mapped[int | None] = mapped_column(comment="Key of the row concerned")
    resident_ids: Mapped[Any] = mapped_column(
        ARRAY(BigInteger), nullable=True, comment="Residents whose data the action showed, masked or in clear"
    )
    reason: Mapped[str | None] = mapped_column(String(400), comment="Reason the person gave")
    details: Mapped[Any] = mapped_column(JSONB, server_default="{}", comment="Further details; never personal data")
    ip_address: Mapped[str | None] = mapped_column(INET, comment="IP address of the request")
