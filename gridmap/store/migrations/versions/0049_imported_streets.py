"""Streets are imported by a function, for the owner and for the jobs of planners; every upgrade writes functions."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change: the functions of this version come with every upgrade."""


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP FUNCTION IF EXISTS import_streets(bigint, bigint[], bigint[], text[], text[], geometry[])")
