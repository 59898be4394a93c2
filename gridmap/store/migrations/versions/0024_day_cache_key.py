"""One key for tiles and for figures of a day; the functions themselves are replaced by every upgrade."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MORE_TABLES = (
    "household_count",
    "statistical_area",
    "statistical_area_building",
    "statistical_area_count",
    "revision_grid",
    "assignment",
)
"""Tables whose changes renew the version of the data since this version."""
FORMER_TABLES = "building", "building_cell", "adoption", "grid"


def upgrade() -> None:
    """Make the change."""
    op.execute("DROP FUNCTION IF EXISTS tile_cache_key(date)")


def downgrade() -> None:
    """Take the change back: triggers first, then the functions that they call."""
    for table in MORE_TABLES:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS data_version_{event} ON {table}")
    for table in (*MORE_TABLES, *FORMER_TABLES):
        op.execute(f"DROP TRIGGER IF EXISTS data_version_truncate ON {table}")
    for function in ("day_cache_key(date)", "change_version_of_adopted()", "change_every_data_version()"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
