"""Cases 工单: the handling of incidents, its steps, photos and notices."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
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

from gridmap.core.vocabulary import AssignmentBasis, CaseAction, CaseNoticeKind, CaseState
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    in_vocabulary,
    mapped_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
    timestamp_column,
)

MAX_CASE_TEXT_LETTERS = 2000
MAX_PHOTO_BYTES = 1_000_000
HANDLED = "state IN ('assigned', 'in_progress')"


def _incident_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["incident_id", "subdistrict_id"], ["incident.id", "incident.subdistrict_id"], ondelete="CASCADE"
    )


class Case(Base):
    """Case 工单: the handling of an incident; every incident has one."""

    __tablename__ = "incident_case"
    __table_args__ = (
        _incident_key(),
        same_subdistrict("worker", "handler_id"),
        ForeignKeyConstraint(["duplicate_of", "subdistrict_id"], ["incident.id", "incident.subdistrict_id"]),
        in_vocabulary("state", CaseState),
        in_vocabulary("basis", AssignmentBasis),
        CheckConstraint(f"({HANDLED}) <= (handler_id IS NOT NULL)", "handled_has_handler"),
        CheckConstraint("(handler_id IS NULL) = (basis IS NULL)", "handler_has_basis"),
        CheckConstraint("(state = 'duplicate') = (duplicate_of IS NOT NULL)", "duplicate_has_other"),
        CheckConstraint("duplicate_of <> incident_id", "duplicate_of_another"),
        CheckConstraint("version >= 1", "version_in_range"),
        Index(
            "ix_incident_case_open",
            "subdistrict_id",
            "due_on",
            postgresql_where=text("state NOT IN ('closed', 'duplicate', 'withdrawn')"),
        ),
        {"comment": "Case 工单: the handling of an incident; triggers and functions write it"},
    )

    incident_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, comment="Incident that is handled")
    subdistrict_id: Mapped[int] = subdistrict_key()
    state: Mapped[str] = mapped_column(String(20), comment="State of the case")
    version: Mapped[int] = mapped_column(server_default="1", comment="Grows by each step: two at once are noticed")
    owner_id: Mapped[int | None] = foreign_key(
        "account", "Account of the first receiver 首问负责, until another one accepts; empty before", index=True
    )
    owner_name: Mapped[str | None] = mapped_column(String(100), comment="Name of the owner in office")
    handler_id: Mapped[int | None] = mapped_column(index=True, comment="Worker who has the case, or had it last")
    basis: Mapped[str | None] = mapped_column(String(20), comment="line A岗, grid B岗 or choice of the station")
    due_on: Mapped[date | None] = mapped_column(
        comment="Promised day 承诺办结日; empty for a file's case until it is accepted"
    )
    duplicate_of: Mapped[int | None] = mapped_column(index=True, comment="Incident that it repeats")
    supervised_at: Mapped[datetime | None] = mapped_column(comment="When a leader asked for speed 督办 last")
    changed_at: Mapped[datetime] = timestamp_column("When the latest step was taken")


class CaseStep(Base):
    """Step of a case; never changed."""

    __tablename__ = "case_step"
    __table_args__ = (
        ForeignKeyConstraint(["incident_id", "subdistrict_id"], ["incident.id", "incident.subdistrict_id"]),
        same_subdistrict("worker", "handler_id"),
        in_vocabulary("action", CaseAction),
        in_vocabulary("source_state", CaseState),
        in_vocabulary("target_state", CaseState),
        {"comment": "Step of a case: who did what, when and why; never changed"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    incident_id: Mapped[int] = mapped_column(index=True, comment="Incident of the case")
    action: Mapped[str] = mapped_column(String(20), comment="Action that was taken")
    source_state: Mapped[str] = mapped_column(String(20), comment="State before")
    target_state: Mapped[str] = mapped_column(String(20), comment="State after")
    taken_at: Mapped[datetime] = timestamp_column("When it was taken")
    account_id: Mapped[int | None] = foreign_key("account", "Account that took it; empty for gridmap itself")
    actor_name: Mapped[str | None] = mapped_column(String(100), comment="Name of the account in office, of then")
    handler_id: Mapped[int | None] = mapped_column(comment="Worker who has the case after it")
    handler_name: Mapped[str | None] = mapped_column(String(100), comment="Name of this worker, of then")
    text: Mapped[str | None] = mapped_column(
        String(MAX_CASE_TEXT_LETTERS), comment="Reason, answer, result or note, without anybody's numbers"
    )


class IncidentPhoto(Base):
    """Photo of an incident, or of what was done about it."""

    __tablename__ = "incident_photo"
    __table_args__ = (
        _incident_key(),
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
        _incident_key(),
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
    __table_args__ = ({"comment": "Report that was withdrawn before anyone accepted it: its number and times only"},)

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    number: Mapped[str] = mapped_column(Text, comment="Number of the incident")
    account_id: Mapped[int] = foreign_key("account", "Account that reported and withdrew it", index=True)
    reported_at: Mapped[datetime] = mapped_column(comment="When it was reported")
    withdrawn_at: Mapped[datetime] = timestamp_column("When it was withdrawn")
