"""Statistical areas of a community are filled by one call; the function that filled one area goes."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

REBUILT_TABLES = (
    "land",
    "adoption",
    "incident",
    "incident_former_cell",
    "facility_former_cell",
    "organisation_former_cell",
    "shop_former_cell",
)
"""Tables that functions write for a planner who builds land anew; the policies come with this version."""
FORMER = "fill_statistical_area(bigint, bigint, bigint[], integer[])"


def upgrade() -> None:
    """Make the change."""
    op.execute(f"DROP FUNCTION IF EXISTS {FORMER}")


def downgrade() -> None:
    """Undo it; an earlier version writes its own functions anew."""
    op.execute("DROP FUNCTION IF EXISTS fill_statistical_areas(bigint, bigint[], integer[], bigint[])")
    for table in REBUILT_TABLES:
        op.execute(f"DROP POLICY IF EXISTS reader_rebuild ON {table}")
