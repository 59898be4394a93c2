"""Grids of revisions have a sentence on their extent, and the outline that pages and sheets draw."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0063"
down_revision = "0058"
branch_labels = None
depends_on = None

EXTENT = "Where it ends in the east, south, west and north 四至: message; empty for revisions made before"
OUTLINE = "Outline that pages and sheets draw: GeoJSON; empty where it is that of the geometry"


def upgrade() -> None:
    """Make the change; the function has one column more, and is written with all others."""
    op.add_column("revision_grid", sa.Column("extent", JSONB(none_as_null=True), nullable=True, comment=EXTENT))
    op.add_column("revision_grid", sa.Column("outline", sa.Text(), nullable=True, comment=OUTLINE))
    op.execute("DROP FUNCTION IF EXISTS public_grids(text)")


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP FUNCTION IF EXISTS public_grids(text)")
    op.drop_column("revision_grid", "outline")
    op.drop_column("revision_grid", "extent")
