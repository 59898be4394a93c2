"""Merges that still stand are listed by a function; it comes with this version."""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change: the function itself is written by every upgrade."""


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP FUNCTION IF EXISTS standing_merges(text, integer)")
