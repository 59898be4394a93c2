"""Drafts of imports know what the coordinates of a layer are, where a person has chosen it."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

COMMENT = "Datum or EPSG code of the coordinates of a layer, where chosen"


def upgrade() -> None:
    """Make the change."""
    op.add_column("import_draft", sa.Column("coordinates", sa.String(20), nullable=True, comment=COMMENT))


def downgrade() -> None:
    """Take the change back, and what came with it for boundaries by file."""
    op.execute("DROP FUNCTION IF EXISTS mend_boundaries(bigint[], geometry[], bigint[], bigint[])")
    op.execute("DROP FUNCTION IF EXISTS mends_my_boundaries(bigint)")
    op.drop_column("import_draft", "coordinates")
