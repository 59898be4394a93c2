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
LAND_FUNCTIONS = (
    "journal_changes()",
    "save_land_report(bigint, jsonb)",
    "carry_adoption(bigint, bigint)",
    "relink_places(bigint[])",
    "save_former_cells(text)",
    "cell_of_place(bigint[], geometry)",
    "are_my_new_lands(bigint[])",
    "my_rebuilt_communities()",
)
"""Functions for land that is built anew, those first that call others; policies and the journal ask the last one."""
FORMER = "fill_statistical_area(bigint, bigint, bigint[], integer[])"


def upgrade() -> None:
    """Make the change."""
    op.execute(f"DROP FUNCTION IF EXISTS {FORMER}")


def downgrade() -> None:
    """Undo it; an earlier version writes its own functions anew."""
    op.execute("DROP FUNCTION IF EXISTS fill_statistical_areas(bigint, bigint[], integer[], bigint[])")
    for table in REBUILT_TABLES:
        op.execute(f"DROP POLICY IF EXISTS reader_rebuild ON {table}")
    for function in LAND_FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")
