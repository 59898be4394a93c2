"""Streets that a plan gives to the grid on one side, and the nearest street of each incident."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ZONE_M = 15
FILL = f"""
    WITH near AS (
        SELECT i.id AS incident_id, s.id, ST_Distance(s.geometry::geography, i.geometry::geography) AS metres
        FROM incident i JOIN street s ON s.subdistrict_id = i.subdistrict_id
            AND s.geometry && ST_Expand(i.geometry, {ZONE_M} / 110000.0 / cos(radians(ST_Y(i.geometry))),
                {ZONE_M} / 110000.0)
    ), least AS (
        SELECT incident_id, min(metres) AS metres FROM near GROUP BY incident_id
    ), nearest AS (
        SELECT n.incident_id, min(n.id) AS id FROM near n JOIN least l USING (incident_id)
        WHERE n.metres <= {ZONE_M} AND n.metres <= l.metres + 0.001 GROUP BY n.incident_id
    )
    UPDATE incident i SET street_id = nearest.id FROM nearest WHERE i.id = nearest.incident_id
"""
SIDES = ("first_grid_id", "second_grid_id")


def upgrade() -> None:
    """Make the change, and link stored incidents to their streets."""
    comment = "Nearest street within 15 m of its centre line"
    op.add_column("incident", sa.Column("street_id", sa.BigInteger(), nullable=True, comment=comment))
    op.execute("DROP TRIGGER IF EXISTS set_near_cells ON incident")
    op.execute("DROP FUNCTION IF EXISTS set_near_cells")
    op.execute(FILL)
    op.create_index("ix_incident_street_id", "incident", ["street_id"])
    _revision_street()


def downgrade() -> None:
    """Take the change back; policies and triggers go first, as they depend on table and column."""
    for name in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER IF EXISTS relink_streets_{name} ON street")
    op.execute("DROP TRIGGER IF EXISTS set_surroundings ON incident")
    for name in ("app_select", "app_update"):
        op.execute(f"DROP POLICY IF EXISTS {name} ON incident")
    for function in ("relink_streets()", "set_surroundings()", "my_street_incidents()"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.execute("DROP FUNCTION IF EXISTS nearest_street(bigint, geometry)")
    op.drop_table("revision_street")
    op.drop_index("ix_incident_street_id", "incident")
    op.drop_column("incident", "street_id")


def _revision_street() -> None:
    name = "revision_street"
    op.create_table(
        name,
        *_columns(),
        sa.CheckConstraint("first_grid_id < second_grid_id", name=op.f(f"ck_{name}_sides_ordered")),
        sa.CheckConstraint("grid_id IN (first_grid_id, second_grid_id)", name=op.f(f"ck_{name}_grid_is_a_side")),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f(f"fk_{name}_revision_id_subdistrict_id"),
        ),
        *_sides(name),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{name}_subdistrict_id")),
        sa.PrimaryKeyConstraint("revision_id", "street_id", *SIDES, name=op.f(f"pk_{name}")),
        comment="Street 责任道路 of a revision: between two grids, its border incidents count in one of them",
    )
    for column in ("grid_id", "subdistrict_id"):
        op.create_index(f"ix_{name}_{column}", name, [column])


def _columns() -> list[sa.Column[Any]]:
    comments = {
        "revision_id": "Revision",
        "street_id": "Street; no reference: a revision stays as it is when streets are replaced",
        "first_grid_id": "Grid on one side, with the smaller key",
        "second_grid_id": "Grid on the other side",
        "grid_id": "Grid of the two in which incidents of the street count",
        "subdistrict_id": "Subdistrict the row belongs to; decides who may see it",
    }
    columns = [
        sa.Column(name, sa.BigInteger(), nullable=False, autoincrement=False, comment=comment)
        for name, comment in comments.items()
    ]
    saved_name = sa.Column("street_name", sa.String(length=200), comment="Name of the street when it was saved")
    return [*columns, saved_name]


def _sides(name: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["revision_id", side],
            ["revision_grid.revision_id", "revision_grid.grid_id"],
            name=op.f(f"fk_{name}_revision_id_{side}"),
        )
        for side in SIDES
    ]
