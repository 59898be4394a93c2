"""Photos of incidents and steps, notices about cases, and traces of withdrawn reports."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql

from gridmap.core.vocabulary import CaseNoticeKind
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    in_vocabulary,
    mapped_column,
    primary_key,
    subdistrict_key,
    timestamp_column,
)
from gridmap.store.schema.cases.cases import incident_key

MAX_PHOTO_BYTES = 1_000_000


class IncidentPhoto(Base):
    """Photo of an incident, or of what was done about it."""

    __tablename__ = "incident_photo"
    __table_args__ = (
        incident_key(),
        ForeignKeyConstraint(["case_step_id"], ["case_step.id"]),
        CheckConstraint(f"octet_length(content) BETWEEN 1 AND {MAX_PHOTO_BYTES}", "content_in_range"),
        CheckConstraint("width > 0 AND height > 0", "size_in_range"),
        {"comment": "Photo of an incident or of a step, upright, without metadata"},
    )

    id: Mapped[UUID] = mapped_column(
        postgresql.UUID(as_uuid=True),
        primary_key=True,
        server_default=text("gen_random_uuid()"),
        comment="Random, so that no number of photos can be read from it",
    )
    subdistrict_id: Mapped[int] = subdistrict_key()
    incident_id: Mapped[int] = mapped_column(index=True, comment="Incident")
    case_step_id: Mapped[int | None] = mapped_column(comment="Step that it belongs to; empty for the report itself")
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="JPEG")
    width: Mapped[int] = mapped_column(SmallInteger, comment="Pixels")
    height: Mapped[int] = mapped_column(SmallInteger, comment="Pixels")
    added_at: Mapped[datetime] = timestamp_column("When it was stored")


class CaseNotice(Base):
    """Note to an account about a case."""

    __tablename__ = "case_notice"
    __table_args__ = (
        incident_key(),
        in_vocabulary("kind", CaseNoticeKind),
        Index("ix_case_notice_unseen", "account_id", postgresql_where=text("seen_at IS NULL")),
        {"comment": "Note to an account that something happened to a case; nothing personal is in it"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    incident_id: Mapped[int] = mapped_column(index=True, comment="Incident of the case")
    account_id: Mapped[int] = foreign_key("account", "Account that is told", index=True)
    kind: Mapped[str] = mapped_column(String(20), comment="What happened")
    number: Mapped[str] = mapped_column(Text, comment="Number of the incident, for who may not open it any more")
    created_at: Mapped[datetime] = timestamp_column("When it happened")
    seen_at: Mapped[datetime | None] = mapped_column(comment="When the account opened the case or the list")


class WithdrawnReport(Base):
    """Trace of a report that its reporter withdrew within minutes."""

    __tablename__ = "withdrawn_report"
    __table_args__ = (
        {"comment": "Report that was withdrawn before anyone accepted it: its number, times and the hash of its form"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    number: Mapped[str] = mapped_column(Text, comment="Number of the incident")
    account_id: Mapped[int] = foreign_key("account", "Account that reported and withdrew it", index=True)
    reported_at: Mapped[datetime] = mapped_column(comment="When it was reported")
    withdrawn_at: Mapped[datetime] = timestamp_column("When it was withdrawn")
    idempotency_key: Mapped[str | None] = mapped_column(
        String(64), comment="Hash of the submitted form: a phone that sends it again is told that it was withdrawn"
    )
