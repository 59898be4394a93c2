"""Jobs that run in the background, and their periodic tasks."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Interval,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gridmap.core.vocabulary import JobFailure, JobState
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    in_vocabulary,
    mapped_column,
    primary_key,
    same_subdistrict,
    timestamp_column,
)

KIND_FORMAT = "^[a-z][a-z_]{0,39}$"


class Job(Base):
    """Job: work that no request waits for."""

    __tablename__ = "job"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        in_vocabulary("state", JobState),
        in_vocabulary("failure", JobFailure),
        CheckConstraint(f"kind ~ '{KIND_FORMAT}'", "kind_is_word"),
        CheckConstraint("(account_id IS NULL) = (subdistrict_id IS NULL)", "of_account_in_subdistrict"),
        CheckConstraint("(state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", "finished_once"),
        CheckConstraint("(state = 'running') = (token_hash IS NOT NULL)", "token_while_running"),
        CheckConstraint("(state = 'running') = (lease_expires_at IS NOT NULL)", "lease_while_running"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", "failure_has_reason"),
        CheckConstraint("attempts BETWEEN 0 AND max_attempts", "attempts_in_range"),
        CheckConstraint("progress_done BETWEEN 0 AND progress_total", "progress_in_range"),
        Index("uq_job_account_id_request_key", "account_id", "request_key", unique=True),
        Index("ix_job_waiting", "state", "not_before", postgresql_where=text("state IN ('queued', 'running')")),
        Index("ix_job_subdistrict_id_claimed_at", "subdistrict_id", "claimed_at"),
        Index("ix_job_account_id_claimed_at", "account_id", "claimed_at"),
        Index("ix_job_unseen", "account_id", postgresql_where=text("finished_at IS NOT NULL AND seen_at IS NULL")),
        Index("uq_job_token_hash", "token_hash", unique=True),
        {"comment": "Job that runs in the background with the rights of its account; done once, however often begun"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int | None] = foreign_key(
        "subdistrict", "Subdistrict the job works in; empty for periodic tasks", index=True
    )
    community_id: Mapped[int | None] = mapped_column(comment="Community the job works in, where it is one")
    account_id: Mapped[int | None] = foreign_key("account", "Account that owns it; empty for periodic tasks")
    kind: Mapped[str] = mapped_column(String(40), comment="Kind of work, for example partition")
    parameters: Mapped[Any] = mapped_column(JSONB, server_default="{}", comment="What to do; for its owner only")
    request_key: Mapped[str | None] = mapped_column(
        String(64), comment="Key of the form that asked for it: the same form makes one job, however often it is sent"
    )
    state: Mapped[str] = mapped_column(
        String(20), server_default=JobState.QUEUED, comment="queued, running, done, failed or cancelled"
    )
    priority: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), comment="Order among the jobs of one account; 0 is the first"
    )
    created_at: Mapped[datetime] = timestamp_column("When it was asked for")
    not_before: Mapped[datetime] = timestamp_column("It waits until then: an interrupted job is not repeated at once")
    claimed_at: Mapped[datetime | None] = mapped_column(comment="When it was last begun")
    finished_at: Mapped[datetime | None] = mapped_column(comment="When it was done, failed or cancelled")
    seen_at: Mapped[datetime | None] = mapped_column(comment="When its owner saw how it ended")
    cancel_requested_at: Mapped[datetime | None] = mapped_column(comment="When its owner asked to cancel it")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"), comment="How often it was begun")
    max_attempts: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("3"), comment="After so many interrupted attempts it has failed"
    )
    runner: Mapped[str | None] = mapped_column(String(80), comment="Process that began it last")
    fence: Mapped[int | None] = mapped_column(
        comment="Fencing number, larger at every begin: only its latest holder may finish the job"
    )
    token_hash: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="SHA-256 of the token by which the running attempt acts for the account"
    )
    lease_expires_at: Mapped[datetime | None] = mapped_column(
        comment="Without a sign of life until then, the attempt is lost and its token void"
    )
    progress_step: Mapped[Any] = mapped_column(JSONB, nullable=True, comment="Message that names the present step")
    progress_done: Mapped[int] = mapped_column(Integer, server_default=text("0"), comment="Units of the step done")
    progress_total: Mapped[int] = mapped_column(Integer, server_default=text("0"), comment="Units of the step")
    result: Mapped[Any] = mapped_column(JSONB, nullable=True, comment="What came of it; for its owner only")
    failure: Mapped[str | None] = mapped_column(String(20), comment="Why it failed, as a word")
    error: Mapped[Any] = mapped_column(JSONB, nullable=True, comment="Message of the failure; for its owner only")


class PeriodicTask(Base):
    """Task that is due once in every period, over all hosts."""

    __tablename__ = "periodic_task"
    __table_args__ = (
        CheckConstraint(f"kind ~ '{KIND_FORMAT}'", "kind_is_word"),
        CheckConstraint("period >= interval '1 minute'", "period_lasts"),
        {"comment": "Task of the installation that is due once in every period; each period makes one job"},
    )

    kind: Mapped[str] = mapped_column(String(40), primary_key=True, comment="Kind of its jobs")
    period: Mapped[timedelta] = mapped_column(Interval, comment="Length of its periods")
    starts_after: Mapped[timedelta] = mapped_column(
        Interval, server_default=text("'0'"), comment="Start of a period after the office's midnight"
    )
    last_period: Mapped[datetime | None] = mapped_column(comment="Start of the last period that has a job")
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"), comment="Job of that period")
