"""The form of an imported sheet and the keys of its rows, so that it goes out as it came in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

FORM = "Sheet, headers and their fields, to write its rows as they came in"
ROW_IDS = "Keys of its rows in the order of the sheet"


def upgrade() -> None:
    """Make the change."""
    form = sa.Column("form", postgresql.JSONB(), server_default="{}", nullable=False, comment=FORM)
    op.add_column("import_run", form)
    keys = postgresql.ARRAY(sa.BigInteger())
    op.add_column(
        "import_run", sa.Column("row_ids", keys, server_default=sa.text("'{}'"), nullable=False, comment=ROW_IDS)
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("import_run", "row_ids")
    op.drop_column("import_run", "form")
