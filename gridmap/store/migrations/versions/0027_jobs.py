"""Jobs, their periodic tasks, and stored files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = ("periodic_task", "stored_file_chunk", "stored_file", "job")
"""Tables in the order in which a downgrade drops them."""
FUNCTIONS = (
    "add_periodic_jobs",
    "add_stored_file_chunk",
    "administered_jobs",
    "begin_stored_file",
    "buildings_for_areas",
    "cancel_job",
    "claim_job",
    "clean_up_jobs",
    "communities_without_areas",
    "complete_job",
    "count_unseen_jobs",
    "discard_stored_file",
    "end_attempt",
    "end_lost_attempts",
    "fail_jobs_without_account",
    "fill_statistical_area",
    "is_periodic_job",
    "mark_job_seen",
    "may_work",
    "my_job",
    "publish_all_closed_counts",
    "renew_job",
    "report_job_progress",
    "retry_job",
    "submit_job",
)
"""Functions that a downgrade drops; each name has one signature."""


def upgrade() -> None:
    """Make the change."""
    op.execute("DROP FUNCTION IF EXISTS find_session(text)")  # it returns one column more
    _job()
    _stored_file()
    _stored_file_chunk()
    _periodic_task()


def downgrade() -> None:
    """Take the change back; policies and functions go first, as they depend on the tables."""
    for table in TABLES:
        op.execute(f"DROP POLICY IF EXISTS app_select ON {table}")
    op.execute("DROP FUNCTION IF EXISTS find_session(text)")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    for table in TABLES:
        op.drop_table(table)


def _job() -> None:
    op.create_table(
        "job",
        *_job_columns(),
        *_job_constraints(),
        comment="Job that runs in the background with the rights of its account; done once, however often begun",
    )
    op.create_index("ix_job_account_id_claimed_at", "job", ["account_id", "claimed_at"])
    op.create_index(op.f("ix_job_subdistrict_id"), "job", ["subdistrict_id"])
    op.create_index("ix_job_subdistrict_id_claimed_at", "job", ["subdistrict_id", "claimed_at"])
    op.create_index(
        "ix_job_unseen", "job", ["account_id"], postgresql_where=sa.text("finished_at IS NOT NULL AND seen_at IS NULL")
    )
    op.create_index(
        "ix_job_waiting", "job", ["state", "not_before"], postgresql_where=sa.text("state IN ('queued', 'running')")
    )
    op.create_index("uq_job_account_id_request_key", "job", ["account_id", "request_key"], unique=True)
    op.create_index("uq_job_token_hash", "job", ["token_hash"], unique=True)


def _job_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=True,
            comment="Subdistrict the job works in; empty for periodic tasks",
        ),
        sa.Column(
            "community_id", sa.BigInteger(), nullable=True, comment="Community the job works in, where it is one"
        ),
        sa.Column(
            "account_id", sa.BigInteger(), nullable=True, comment="Account that owns it; empty for periodic tasks"
        ),
        sa.Column("kind", sa.String(length=40), nullable=False, comment="Kind of work, for example partition"),
        sa.Column(
            "parameters",
            postgresql.JSONB(),
            server_default="{}",
            nullable=False,
            comment="What to do; for its owner only",
        ),
        sa.Column(
            "request_key",
            sa.String(length=64),
            nullable=True,
            comment="Key of the form that asked for it: the same form makes one job, however often it is sent",
        ),
        sa.Column(
            "state",
            sa.String(length=20),
            server_default="queued",
            nullable=False,
            comment="queued, running, done, failed or cancelled",
        ),
        sa.Column(
            "priority",
            sa.SmallInteger(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Order among the jobs of one account; 0 is the first",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was asked for",
        ),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="It waits until then: an interrupted job is not repeated at once",
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True, comment="When it was last begun"),
        sa.Column(
            "finished_at", sa.DateTime(timezone=True), nullable=True, comment="When it was done, failed or cancelled"
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True, comment="When its owner saw how it ended"),
        sa.Column(
            "cancel_requested_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its owner asked to cancel it",
        ),
        sa.Column(
            "attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False, comment="How often it was begun"
        ),
        sa.Column(
            "max_attempts",
            sa.SmallInteger(),
            server_default=sa.text("3"),
            nullable=False,
            comment="After so many interrupted attempts it has failed",
        ),
        sa.Column("runner", sa.String(length=80), nullable=True, comment="Process that began it last"),
        sa.Column(
            "fence",
            sa.BigInteger(),
            nullable=True,
            comment="Fencing number, larger at every begin: only its latest holder may finish the job",
        ),
        sa.Column(
            "token_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the token by which the running attempt acts for the account",
        ),
        sa.Column(
            "lease_expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Without a sign of life until then, the attempt is lost and its token void",
        ),
        sa.Column("progress_step", postgresql.JSONB(), nullable=True, comment="Message that names the present step"),
        sa.Column(
            "progress_done", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Units of the step done"
        ),
        sa.Column(
            "progress_total", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Units of the step"
        ),
        sa.Column("result", postgresql.JSONB(), nullable=True, comment="What came of it; for its owner only"),
        sa.Column("failure", sa.String(length=20), nullable=True, comment="Why it failed, as a word"),
        sa.Column("error", postgresql.JSONB(), nullable=True, comment="Message of the failure; for its owner only"),
    ]


def _job_constraints() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name=op.f("ck_job_failure_has_reason")),
        sa.CheckConstraint(
            "(state = 'running') = (lease_expires_at IS NOT NULL)", name=op.f("ck_job_lease_while_running")
        ),
        sa.CheckConstraint("(state = 'running') = (token_hash IS NOT NULL)", name=op.f("ck_job_token_while_running")),
        sa.CheckConstraint(
            "(state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name=op.f("ck_job_finished_once")
        ),
        sa.CheckConstraint(
            "failure IN ('error', 'interrupted', 'account_ended', 'time_limit', 'memory_limit', 'internal')",
            name=op.f("ck_job_failure_known"),
        ),
        sa.CheckConstraint("kind ~ '^[a-z][a-z_]{0,39}$'", name=op.f("ck_job_kind_is_word")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state_known")
        ),
        sa.CheckConstraint(
            "(account_id IS NULL) = (subdistrict_id IS NULL)", name=op.f("ck_job_of_account_in_subdistrict")
        ),
        sa.CheckConstraint("attempts BETWEEN 0 AND max_attempts", name=op.f("ck_job_attempts_in_range")),
        sa.CheckConstraint("progress_done BETWEEN 0 AND progress_total", name=op.f("ck_job_progress_in_range")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_job_account_id")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_job_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_job_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    ]


def _stored_file() -> None:
    op.create_table(
        "stored_file",
        *_stored_file_columns(),
        *_stored_file_constraints(),
        comment="File of an account: uploaded by it, or made for it by a job; encrypted, and deleted in time",
    )
    op.create_index(op.f("ix_stored_file_account_id"), "stored_file", ["account_id"])
    op.create_index(op.f("ix_stored_file_expires_at"), "stored_file", ["expires_at"])
    op.create_index(op.f("ix_stored_file_subdistrict_id"), "stored_file", ["subdistrict_id"])


def _stored_file_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account that owns it; nobody else reads it"),
        sa.Column("purpose", sa.String(length=20), nullable=False, comment="upload or result"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name of the file, for its owner"),
        sa.Column("media_type", sa.String(length=100), nullable=False, comment="Media type, for example text/csv"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, comment="Size of the content in bytes"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="SHA-256 of the content"),
        sa.Column(
            "key_encrypted",
            sa.LargeBinary(),
            nullable=False,
            comment="Key of this file, encrypted with a key outside the database, after the id of that key",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was stored",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="When it is deleted"),
    ]


def _stored_file_constraints() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("name <> '' AND name !~ '[/\\\\]'", name=op.f("ck_stored_file_name_without_folder")),
        sa.CheckConstraint("purpose IN ('upload', 'result')", name=op.f("ck_stored_file_purpose_known")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_stored_file_expires_later")),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_stored_file_sha256_length")),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("ck_stored_file_size_in_range")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_stored_file_account_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_stored_file_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_stored_file_id_subdistrict_id")),
    ]


def _stored_file_chunk() -> None:
    op.create_table(
        "stored_file_chunk",
        *_stored_file_chunk_columns(),
        *_stored_file_chunk_constraints(),
        comment="Encrypted content of a stored file in parts of at most a mebibyte, in order",
    )
    op.create_index(op.f("ix_stored_file_chunk_subdistrict_id"), "stored_file_chunk", ["subdistrict_id"])


def _stored_file_chunk_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("stored_file_id", sa.BigInteger(), nullable=False, comment="File"),
        sa.Column("number", sa.Integer(), nullable=False, comment="Place in the file, from 0"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="Part, encrypted with the key of the file"),
    ]


def _stored_file_chunk_constraints() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("number >= 0", name=op.f("ck_stored_file_chunk_number_in_range")),
        sa.ForeignKeyConstraint(
            ["stored_file_id", "subdistrict_id"],
            ["stored_file.id", "stored_file.subdistrict_id"],
            name=op.f("fk_stored_file_chunk_stored_file_id_subdistrict_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_stored_file_chunk_subdistrict_id")
        ),
        sa.PrimaryKeyConstraint("stored_file_id", "number", name=op.f("pk_stored_file_chunk")),
    ]


def _periodic_task() -> None:
    op.create_table(
        "periodic_task",
        *_periodic_task_columns(),
        *_periodic_task_constraints(),
        comment="Task of the installation that is due once in every period; each period makes one job",
    )


def _periodic_task_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("kind", sa.String(length=40), nullable=False, comment="Kind of its jobs"),
        sa.Column("period", sa.Interval(), nullable=False, comment="Length of its periods"),
        sa.Column(
            "starts_after",
            sa.Interval(),
            server_default=sa.text("'0'"),
            nullable=False,
            comment="Start of a period after the office's midnight",
        ),
        sa.Column(
            "last_period", sa.DateTime(timezone=True), nullable=True, comment="Start of the last period that has a job"
        ),
        sa.Column("job_id", sa.BigInteger(), nullable=True, comment="Job of that period"),
    ]


def _periodic_task_constraints() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("kind ~ '^[a-z][a-z_]{0,39}$'", name=op.f("ck_periodic_task_kind_is_word")),
        sa.CheckConstraint("period >= interval '1 minute'", name=op.f("ck_periodic_task_period_lasts")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_periodic_task_job_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_periodic_task")),
    ]
