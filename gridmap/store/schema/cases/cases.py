"""Cases 工单: the handling of incidents, and its steps."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    String,
    text,
)

from gridmap.core.vocabulary import AssignmentBasis, CaseAction, CaseState
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
HANDLED = "state IN ('assigned', 'in_progress')"


def incident_key() -> ForeignKeyConstraint:
    """Return the reference to the incident, with which the row goes."""
    return ForeignKeyConstraint(
        ["incident_id", "subdistrict_id"], ["incident.id", "incident.subdistrict_id"], ondelete="CASCADE"
    )


class Case(Base):
    """Case 工单: the handling of an incident; every incident has one."""

    __tablename__ = "incident_case"
    __table_args__ = (
        incident_key(),
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
