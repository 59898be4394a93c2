"""A version of the names of places; the functions themselves are replaced by every upgrade."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0042"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLES = "estate", "shop", "organisation", "facility"
"""Tables whose changes renew the version."""
COMMENT = "Changes with the names of places that are not on tiles: estates, shops, organisations, facilities"


def upgrade() -> None:
    """Make the change."""
    version = sa.Column(
        "names_version",
        UUID(as_uuid=True),
        server_default=sa.text("gen_random_uuid()"),
        nullable=False,
        comment=COMMENT,
    )
    op.add_column("data_version", version)


def downgrade() -> None:
    """Take the change back: triggers first, then the functions that they call."""
    for table in TABLES:
        for event in ("insert", "update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER IF EXISTS names_version_{event} ON {table}")
    for function in ("names_cache_key()", "change_names_version()", "change_every_names_version()"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_column("data_version", "names_version")
