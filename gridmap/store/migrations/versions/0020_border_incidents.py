"""Cells near each incident; incidents just outside every cell are linked to the nearest one."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NEWEST_CELLS = """
    SELECT c.id FROM cell c
    WHERE c.land_id IN (SELECT max(l.id) FROM land l WHERE l.subdistrict_id = i.subdistrict_id GROUP BY l.community_id)
        AND c.geometry && ST_Expand(i.geometry, {metres} / 110000.0 / cos(radians(ST_Y(i.geometry))),
            {metres} / 110000.0)
        AND ST_DWithin(c.geometry::geography, i.geometry::geography, {metres})
"""
LINK_NEAREST = f"""
    UPDATE incident i SET cell_id = nearest.id
    FROM (SELECT i.id AS incident_id, c.id FROM incident i CROSS JOIN LATERAL (
            {NEWEST_CELLS.format(metres=8)}
            ORDER BY ST_Distance(c.geometry::geography, i.geometry::geography), c.id LIMIT 1) c
        WHERE i.cell_id IS NULL) nearest
    WHERE i.id = nearest.incident_id
"""
FILL = f"""
    UPDATE incident i SET near_cell_ids = ARRAY(
        {NEWEST_CELLS.format(metres=5)} AND c.id IS DISTINCT FROM i.cell_id ORDER BY c.id)
"""


def upgrade() -> None:
    """Make the change, and link stored incidents."""
    comment = "Other cells within 5 m; where one is in another grid, it is on the border"
    op.add_column("incident", sa.Column("near_cell_ids", sa.ARRAY(sa.BigInteger()), nullable=True, comment=comment))
    op.execute(LINK_NEAREST)
    op.execute(FILL)
    op.alter_column("incident", "near_cell_ids", nullable=False)


def downgrade() -> None:
    """Take the change back; incidents keep the cell that they were linked to."""
    op.execute("DROP TRIGGER IF EXISTS set_near_cells ON incident")
    op.execute("DROP FUNCTION IF EXISTS set_near_cells")
    op.execute("DROP FUNCTION IF EXISTS near_cells(bigint, geometry, bigint)")
    op.drop_column("incident", "near_cell_ids")
