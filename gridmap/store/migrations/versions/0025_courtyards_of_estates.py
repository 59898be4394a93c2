"""Courtyards by estate, name and place: 1号院 of two estates are two courtyards."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

FORMER_KEY, KEY = "uq_courtyard_community_id_name", "uq_courtyard_community_id_estate_id_name_place"
RENAME_REPEATED = """
    UPDATE courtyard c SET name = left(c.name, 170) || ' (' || c.id || ')'
    WHERE EXISTS (SELECT FROM courtyard o WHERE o.community_id = c.community_id AND o.name = c.name AND o.id < c.id)
"""


def upgrade() -> None:
    """Make the change; stored courtyards stay as they are."""
    op.add_column(
        "courtyard",
        sa.Column(
            "place",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Number among the places of one estate and name, which lie apart",
        ),
    )
    op.drop_constraint(op.f(FORMER_KEY), "courtyard", type_="unique")
    columns = ["community_id", "estate_id", "name", "place"]
    op.create_unique_constraint(op.f(KEY), "courtyard", columns, postgresql_nulls_not_distinct=True)


def downgrade() -> None:
    """Take the change back; courtyards that repeat the name of another one get their key behind the name."""
    op.drop_constraint(op.f(KEY), "courtyard", type_="unique")
    op.execute(RENAME_REPEATED)
    op.create_unique_constraint(op.f(FORMER_KEY), "courtyard", ["community_id", "name"])
    op.drop_column("courtyard", "place")
