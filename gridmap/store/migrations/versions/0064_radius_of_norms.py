"""Norms may name a radius, and revisions keep the one that they were made with."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

POSITIVE = "max_radius_m BETWEEN 1 AND 100000"
COMMENTS = {
    "norm": "Farthest home from the centre of a grid, in metres; empty for no limit",
    "revision": "Farthest home from the centre of a grid that it was made with, in metres; empty for no limit",
}


def upgrade() -> None:
    """Make the change; no norm has a radius until an office enters one."""
    for table, comment in COMMENTS.items():
        op.add_column(table, sa.Column("max_radius_m", sa.Integer(), nullable=True, comment=comment))
        op.create_check_constraint(op.f(f"ck_{table}_radius_positive"), table, POSITIVE)


def downgrade() -> None:
    """Undo it."""
    for table in COMMENTS:
        op.drop_constraint(op.f(f"ck_{table}_radius_positive"), table, type_="check")
        op.drop_column(table, "max_radius_m")
