"""Homes by hand: occupancy and residence of households, vacant dwellings; residents by their whole name."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

CHECKS = {
    "occupancy_known": "occupancy IN ('owner', 'tenant')",
    "residence_known": "residence IN ('here', 'registered_elsewhere', 'lives_elsewhere')",
    "lives_elsewhere_is_registered": "residence <> 'lives_elsewhere' OR kind = 'registered'",
}
OCCUPANCY = "owner 自住 or tenant 租住; empty if unknown"
RESIDENCE = "here 人户一致, registered_elsewhere 人在户不在, lives_elsewhere 户在人不在 or empty"
VACANT = "空置: seen to be empty, not just without a record"


def upgrade() -> None:
    """Make the change; what nobody has entered is unknown."""
    for column, comment in (("occupancy", OCCUPANCY), ("residence", RESIDENCE)):
        op.add_column("household", sa.Column(column, sa.String(20), nullable=True, comment=comment))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_household_{name}"), "household", condition)
    vacant: sa.Column[bool] = sa.Column(
        "vacant", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment=VACANT
    )
    op.add_column("dwelling", vacant)
    op.create_index("ix_resident_subdistrict_id_name", "resident", ["subdistrict_id", "name"])


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP FUNCTION IF EXISTS find_residents_by_name")
    op.drop_index("ix_resident_subdistrict_id_name", "resident")
    for table in ("dwelling", "unit"):
        for policy in ("app_insert", "app_update"):
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
    op.drop_column("dwelling", "vacant")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_household_{name}"), "household")
    for column in ("occupancy", "residence"):
        op.drop_column("household", column)
