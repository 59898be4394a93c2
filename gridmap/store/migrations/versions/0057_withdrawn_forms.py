"""Withdrawn reports keep the hash of their form, so that a phone that sends one again stores nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

FUNCTIONS = ("mend_report(bigint, text, text)", "repeat_report(bigint, bigint)")
OLD_TABLE = "Report that was withdrawn before anyone accepted it: its number and times only"
TABLE = "Report that was withdrawn before anyone accepted it: its number, times and the hash of its form"
COMMENT = "Hash of the submitted form: a phone that sends it again is told that it was withdrawn"


def upgrade() -> None:
    """Make the change; the functions are written by every upgrade."""
    op.add_column("withdrawn_report", sa.Column("idempotency_key", sa.String(64), comment=COMMENT))
    op.create_table_comment("withdrawn_report", TABLE, existing_comment=OLD_TABLE)


def downgrade() -> None:
    """Undo it."""
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {name}")
    op.create_table_comment("withdrawn_report", OLD_TABLE, existing_comment=TABLE)
    op.drop_column("withdrawn_report", "idempotency_key")
