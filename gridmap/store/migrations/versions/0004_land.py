"""Barriers, streets, dedicated land, and cells."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _barrier()
    _dedicated_land()
    _street()
    _land()
    _cell()
    _building_cell()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("building_cell")
    op.drop_table("cell")
    op.drop_table("land")
    op.drop_table("street")
    op.drop_table("dedicated_land")
    op.drop_table("barrier")


def _barrier() -> None:
    op.create_table(
        "barrier",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="rail, water, motorway or wall"),
        sa.Column(
            "geometry",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Line or area (WGS 84)",
        ),
        sa.CheckConstraint("kind IN ('rail', 'water', 'motorway', 'wall')", name=op.f("ck_barrier_kind_known")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_barrier_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barrier")),
        comment="Barrier 分界线: rail, water or wall that grids should not cross",
    )
    op.create_index("ix_barrier_geometry", "barrier", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_barrier_subdistrict_id"), "barrier", ["subdistrict_id"], unique=False)


def _dedicated_land() -> None:
    op.create_table(
        "dedicated_land",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name"),
        sa.Column(
            "geometry",
            Geometry("POLYGON", 4326, spatial_index=False),
            nullable=False,
            comment="Extent (WGS 84)",
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_dedicated_land_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dedicated_land")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_dedicated_land_id_subdistrict_id")),
        comment="Park, school, market or the like that gets a dedicated grid 专属网格",
    )
    op.create_index("ix_dedicated_land_geometry", "dedicated_land", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_dedicated_land_subdistrict_id"), "dedicated_land", ["subdistrict_id"], unique=False)


def _street() -> None:
    op.create_table(
        "street",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("name", sa.String(length=200), nullable=True, comment="Name"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="motorway, arterial, local or lane"),
        sa.Column(
            "geometry",
            Geometry("LINESTRING", 4326, spatial_index=False),
            nullable=False,
            comment="Middle line (WGS 84)",
        ),
        sa.CheckConstraint("kind IN ('motorway', 'arterial', 'local', 'lane')", name=op.f("ck_street_kind_known")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_street_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street")),
        comment="Street 道路: a line people walk and drive on",
    )
    op.create_index("ix_street_geometry", "street", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_street_subdistrict_id"), "street", ["subdistrict_id"], unique=False)


def _land() -> None:
    op.create_table(
        "land",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community whose land it is"),
        sa.Column(
            "crs",
            sa.Text(),
            nullable=False,
            comment="Metric CRS the cells were made in: authority and code, or WKT",
        ),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was made",
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_land_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_land_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_land")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_land_id_subdistrict_id")),
        comment="One making of the cells of a community, from its streets and buildings as they then were",
    )
    op.create_index(op.f("ix_land_community_id"), "land", ["community_id"], unique=False)
    op.create_index(op.f("ix_land_subdistrict_id"), "land", ["subdistrict_id"], unique=False)


def _cell() -> None:
    op.create_table(
        "cell",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("land_id", sa.BigInteger(), nullable=False, comment="Making it belongs to"),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        sa.Column("number", sa.Integer(), nullable=False, comment="Place in the coverage, from 0"),
        sa.Column("dedicated_id", sa.BigInteger(), nullable=True, comment="Dedicated land it belongs to"),
        sa.Column("water", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="Open water"),
        sa.Column(
            "geometry",
            Geometry("POLYGON", 4326, spatial_index=False),
            nullable=False,
            comment="Extent; cells share edges and never area (WGS 84)",
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_cell_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["dedicated_id", "subdistrict_id"],
            ["dedicated_land.id", "dedicated_land.subdistrict_id"],
            name=op.f("fk_cell_dedicated_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["land_id", "subdistrict_id"],
            ["land.id", "land.subdistrict_id"],
            name=op.f("fk_cell_land_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_cell_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_cell_id_subdistrict_id")),
        sa.UniqueConstraint("land_id", "number", name=op.f("uq_cell_land_id_number")),
        comment="Cell 楼栋地块: one polygon of the land's exact coverage; a building with its land, or open land",
    )
    op.create_index(op.f("ix_cell_community_id"), "cell", ["community_id"], unique=False)
    op.create_index("ix_cell_geometry", "cell", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_cell_subdistrict_id"), "cell", ["subdistrict_id"], unique=False)


def _building_cell() -> None:
    op.create_table(
        "building_cell",
        sa.Column("land_id", sa.BigInteger(), nullable=False, comment="Making of the land"),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("cell_id", sa.BigInteger(), nullable=False, comment="Cell it stands on, or most of it"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_building_cell_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_building_cell_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["land_id", "subdistrict_id"],
            ["land.id", "land.subdistrict_id"],
            name=op.f("fk_building_cell_land_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_building_cell_subdistrict_id")),
        sa.PrimaryKeyConstraint("land_id", "building_id", name=op.f("pk_building_cell")),
        comment="The cell a building stands on in one making of the land",
    )
    op.create_index(op.f("ix_building_cell_building_id"), "building_cell", ["building_id"], unique=False)
    op.create_index(op.f("ix_building_cell_cell_id"), "building_cell", ["cell_id"], unique=False)
    op.create_index(op.f("ix_building_cell_subdistrict_id"), "building_cell", ["subdistrict_id"], unique=False)
