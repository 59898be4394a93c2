"""Second factor: secrets and recovery codes, sign-ins that wait for a code, and the roles that need one.

Sessions know when their password was typed last; those that are open now count as just typed.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NEW_FUNCTIONS = (
    "find_session(text)",
    "insert_session(bigint, bytea, inet, bytea)",
    "has_second_factor(bigint)",
    "count_recovery_codes(bigint)",
    "begin_second_step(bigint, bytea)",
    "find_second_step(bytea)",
    "complete_second_step(bytea, integer, bytea, bytea, inet, bytea)",
    "record_failed_second_step(bytea, inet)",
    "my_second_factor()",
    "find_enrolment()",
    "begin_enrolment(bytea)",
    "confirm_enrolment(integer, bytea[], inet)",
    "managed_second_factor(bigint)",
    "reset_second_factor(bigint, inet)",
    "my_session_hash()",
    "session_handle(bytea)",
    "list_my_sessions()",
    "end_my_sessions(text, inet)",
    "is_password_recent()",
    "require_recent_password()",
    "confirm_password(inet, bytea)",
)
"""Functions of this version that the version before does not have, or has with other columns."""


def upgrade() -> None:
    """Make the change."""
    op.execute("DROP FUNCTION IF EXISTS find_session(text)")  # it returns one column more
    _create_second_factor()
    op.create_table(
        "recovery_code",
        _account_column(),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the account and the code"),
        sa.Column("used_at", sa.DateTime(timezone=True), comment="When it was used"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
        comment="Recovery code of a second factor, for one use",
    )
    _create_pending_sign_in()
    op.add_column(
        "web_session",
        sa.Column(
            "password_confirmed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the password was typed last",
        ),
    )
    op.add_column(
        "installation",
        sa.Column(
            "second_factor_roles",
            postgresql.ARRAY(sa.String(20)),
            server_default="{admin,station}",
            nullable=False,
            comment="Roles whose accounts must set up a second factor",
        ),
    )


def downgrade() -> None:
    """Take the change back."""
    for function in NEW_FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_column("installation", "second_factor_roles")
    op.drop_column("web_session", "password_confirmed_at")
    for table in ("pending_sign_in", "recovery_code", "second_factor"):
        op.drop_table(table)


def _account_column() -> sa.Column[int]:
    return sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account")


def _create_second_factor() -> None:
    op.create_table(
        "second_factor",
        _account_column(),
        sa.Column(
            "secret",
            sa.LargeBinary(),
            nullable=False,
            comment="Secret, encrypted with a key outside the database, after the id of the key",
        ),
        sa.Column("session_hash", sa.LargeBinary(), comment="Session that sets it up; empty when it is confirmed"),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            comment="When the first code confirmed it; empty before",
        ),
        sa.Column(
            "last_step",
            sa.Integer(),
            comment="Time step of 30 s of the last code that was accepted; earlier ones are refused",
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (last_step IS NULL)", name=op.f("ck_second_factor_confirmed_by_code")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
        comment="Second factor of an account: the secret of its one-time codes (TOTP)",
    )


def _create_pending_sign_in() -> None:
    op.create_table(
        "pending_sign_in",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token in the cookie"),
        _account_column(),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the password has to be typed again",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pending_sign_in_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pending_sign_in")),
        comment="Sign-in that waits for its second step; it is no session and opens nothing",
    )
    op.create_index(op.f("ix_pending_sign_in_account_id"), "pending_sign_in", ["account_id"], unique=False)
