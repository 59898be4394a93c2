"""Sources of imports know what the coordinates of their layers are, where a person has chosen it."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

OLD_TABLE = "Source of sheets of a kind, with the headers that somebody has named for its fields"
TABLE = "Source of sheets of a kind, with what somebody has said about its headers and coordinates"
OLD_UPDATED, UPDATED = "When its headers were named last", "When it was said last"
COMMENT = "Datum or EPSG code of the coordinates of its layers; empty for what the files say"


def upgrade() -> None:
    """Make the change."""
    op.add_column("data_source", sa.Column("coordinates", sa.String(20), nullable=True, comment=COMMENT))
    _comment(TABLE, OLD_TABLE, UPDATED, OLD_UPDATED)


def downgrade() -> None:
    """Take the change back."""
    _comment(OLD_TABLE, TABLE, OLD_UPDATED, UPDATED)
    op.drop_column("data_source", "coordinates")


def _comment(table: str, old_table: str, updated: str, old_updated: str) -> None:
    op.create_table_comment("data_source", table, existing_comment=old_table)
    op.alter_column("data_source", "updated_at", comment=updated, existing_comment=old_updated)
