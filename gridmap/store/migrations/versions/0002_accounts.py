"""Accounts, sign-ins and the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _account()
    _audit()
    _credential()
    _sign_in_brake()
    _web_session()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("web_session")
    op.drop_table("sign_in_brake")
    op.drop_table("credential")
    op.drop_table("audit")
    op.drop_table("account")


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("name", sa.String(length=80), nullable=False, comment="Name to sign in with, lower case"),
        sa.Column("display_name", sa.String(length=100), nullable=False, comment="Name shown on pages"),
        sa.Column("role", sa.String(length=20), nullable=False, comment="planner, worker, leader, station or admin"),
        sa.Column("language", sa.String(length=10), nullable=True, comment="Language chosen"),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="May sign in"),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was made",
        ),
        sa.CheckConstraint("name = lower(name) AND name <> ''", name=op.f("ck_account_name_lower_case")),
        sa.CheckConstraint(
            "role IN ('planner', 'worker', 'leader', 'station', 'admin')", name=op.f("ck_account_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        comment="Account of one person, with one role",
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id", sa.BigInteger(), nullable=True, comment="Subdistrict concerned; empty before sign-in"
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment="Who; empty before sign-in"),
        sa.Column(
            "action",
            sa.String(length=40),
            nullable=False,
            comment="What was done, for example reveal or sign_in_failed",
        ),
        sa.Column("subject", sa.String(length=40), nullable=True, comment="Table of what it was done to"),
        sa.Column("subject_id", sa.BigInteger(), nullable=True, comment="Row of what it was done to"),
        sa.Column("reason", sa.String(length=400), nullable=True, comment="Reason the person gave"),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="What else is needed; never personal data",
        ),
        sa.Column("address", postgresql.INET(), nullable=True, comment="Address it came from"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_account_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_audit_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        comment="Audit: every sign-in, reveal, export and change of rights; rows are only ever added",
    )
    op.create_index(op.f("ix_audit_account_id"), "audit", ["account_id"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_subdistrict_id"), "audit", ["subdistrict_id"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject", "subject_id"], unique=False)


def _credential() -> None:
    op.create_table(
        "credential",
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account"),
        sa.Column("password", sa.String(length=400), nullable=False, comment="argon2id hash"),
        sa.Column(
            "must_change",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Set by somebody else: to be changed at the next sign-in",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the password was set",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_credential_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_credential")),
        comment="Password of an account; the application reaches it through functions only",
    )


def _sign_in_brake() -> None:
    op.create_table(
        "sign_in_brake",
        sa.Column("mark", sa.LargeBinary(), nullable=False, comment="SHA-256 of what was tried: a name, or an address"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="Attempts since the last success"),
        sa.Column(
            "tried_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Last attempt; a day later all is forgotten",
        ),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True, comment="No attempt is heard before"),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sign_in_brake")),
        comment="Failed sign-ins that are not forgotten yet, by name (of an account or not) and by address",
    )


def _web_session() -> None:
    op.create_table(
        "web_session",
        sa.Column("token", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token in the cookie"),
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account"),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was opened",
        ),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="Last use"
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="End, whatever the use"),
        sa.Column("address", postgresql.INET(), nullable=True, comment="Address it was opened from"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_web_session_account_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_web_session")),
        comment="A signed-in browser; the cookie's token is kept as a hash",
    )
    op.create_index(op.f("ix_web_session_account_id"), "web_session", ["account_id"], unique=False)
