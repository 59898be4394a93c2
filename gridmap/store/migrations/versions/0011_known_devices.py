"""Browsers that have signed in to an account before, which strangers' guesses do not shut out."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REPLACED_FUNCTIONS = (
    "begin_sign_in(text, inet)",
    "record_failed_sign_in(text, inet)",
    "open_session(bigint, bytea, inet)",
    "sign_in_delay(integer, integer)",
)
"""Functions that now take the browser, too; the upgrade creates their successors."""
NEW_FUNCTIONS = (
    "begin_sign_in(text, inet, bytea)",
    "record_failed_sign_in(text, inet, bytea)",
    "open_session(bigint, bytea, inet, bytea)",
    "sign_in_delay(integer, boolean)",
    "remember_device(bigint, bytea, inet)",
    "is_known_device(text, bytea)",
)
COMMENTS = (
    (
        "COMMENT ON TABLE sign_in_throttle IS",
        "Failed sign-ins of the last day: by name, by IP address or by known browser",
    ),
    (
        "COMMENT ON COLUMN sign_in_throttle.fingerprint IS",
        "SHA-256 of the name, of the IP address, or of a browser and the name",
    ),
    ("COMMENT ON COLUMN credential.password_hash IS", "argon2id hash, after the id of the pepper"),
)
OLD_COMMENTS = (
    (
        "COMMENT ON TABLE sign_in_throttle IS",
        "Failed sign-ins of the last day, by name (of an account or not) and by IP address",
    ),
    ("COMMENT ON COLUMN sign_in_throttle.fingerprint IS", "SHA-256 of the name or of the IP address"),
    ("COMMENT ON COLUMN credential.password_hash IS", "argon2id hash"),
)


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "known_device",
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account"),
        sa.Column(
            "token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token in the cookie of the browser"
        ),
        sa.Column(
            "last_used_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Last sign-in; after 180 days the browser is unknown again",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_known_device_account_id")),
        sa.PrimaryKeyConstraint("account_id", "token_hash", name=op.f("pk_known_device")),
        comment="Browser that has signed in to an account before: failed sign-ins elsewhere do not shut it out",
    )
    _drop_functions(REPLACED_FUNCTIONS)
    _set_comments(COMMENTS)


def downgrade() -> None:
    """Take the change back."""
    _drop_functions(NEW_FUNCTIONS)
    op.drop_table("known_device")
    _set_comments(OLD_COMMENTS)


def _drop_functions(signatures: tuple[str, ...]) -> None:
    for signature in signatures:
        op.execute(f"DROP FUNCTION IF EXISTS {signature}")


def _set_comments(comments: tuple[tuple[str, str], ...]) -> None:
    for target, comment in comments:
        op.execute(f"{target} '{comment}'")
