"""Statistical areas of a community are filled by one call; the function that filled one area goes."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

FORMER = "fill_statistical_area(bigint, bigint, bigint[], integer[])"


def upgrade() -> None:
    """Make the change."""
    op.execute(f"DROP FUNCTION IF EXISTS {FORMER}")


def downgrade() -> None:
    """Undo it; an earlier version writes its own functions anew."""
    op.execute("DROP FUNCTION IF EXISTS fill_statistical_areas(bigint, bigint[], integer[], bigint[])")
