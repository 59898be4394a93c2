"""Estates, courtyards, buildings, dwellings and how many households they have."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _estate()
    _courtyard()
    _building()
    _building_indexes()
    _household_count()
    _unit()
    _dwelling()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("dwelling")
    op.drop_table("unit")
    op.drop_table("household_count")
    op.drop_table("building")
    op.drop_table("courtyard")
    op.drop_table("estate")


def _estate() -> None:
    op.create_table(
        "estate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name"),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_estate_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_estate_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estate")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_estate_community_id_name")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_estate_id_subdistrict_id")),
        comment="Estate 小区: may be divided between courtyards and buildings",
    )
    op.create_index(op.f("ix_estate_subdistrict_id"), "estate", ["subdistrict_id"], unique=False)


def _courtyard() -> None:
    op.create_table(
        "courtyard",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        sa.Column("estate_id", sa.BigInteger(), nullable=True, comment="Estate it is part of"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name"),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_courtyard_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["estate_id", "subdistrict_id"],
            ["estate.id", "estate.subdistrict_id"],
            name=op.f("fk_courtyard_estate_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_courtyard_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courtyard")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_courtyard_community_id_name")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_courtyard_id_subdistrict_id")),
        comment="Courtyard 楼院: stays whole in every plan",
    )
    op.create_index(op.f("ix_courtyard_subdistrict_id"), "courtyard", ["subdistrict_id"], unique=False)


def _building() -> None:
    op.create_table(
        "building",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community that holds most of it"),
        sa.Column("courtyard_id", sa.BigInteger(), nullable=True, comment="Courtyard it belongs to"),
        sa.Column("estate_id", sa.BigInteger(), nullable=True, comment="Estate it belongs to"),
        sa.Column("code", sa.String(length=80), nullable=False, comment="building_id of the file it came with"),
        sa.Column("name", sa.String(length=200), nullable=True, comment="Name or number people use"),
        sa.Column("address", sa.String(length=400), nullable=True, comment="Address"),
        sa.Column("use", sa.String(length=80), nullable=True, comment="Use, in the words of the source"),
        sa.Column("levels", sa.Float(), nullable=True, comment="Storeys above ground"),
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
            comment="Footprint, lot or point (WGS 84)",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it stood",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("subdistrict_id"), "="),
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_building_subdistrict_id_code_valid",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_building_valid_lasts")),
        sa.CheckConstraint("levels > 0", name=op.f("ck_building_levels_positive")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_building_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["courtyard_id", "subdistrict_id"],
            ["courtyard.id", "courtyard.subdistrict_id"],
            name=op.f("fk_building_courtyard_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["estate_id", "subdistrict_id"],
            ["estate.id", "estate.subdistrict_id"],
            name=op.f("fk_building_estate_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_building_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_building_id_subdistrict_id")),
        comment="Building 楼栋, with or without dwellings",
    )


def _building_indexes() -> None:
    op.create_index(op.f("ix_building_community_id"), "building", ["community_id"], unique=False)
    op.create_index("ix_building_geometry", "building", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_building_subdistrict_id"), "building", ["subdistrict_id"], unique=False)


def _household_count() -> None:
    op.create_table(
        "household_count",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column(
            "kind",
            sa.String(length=20),
            nullable=False,
            comment="resident 常住户, registered 户籍户 or dwelling 房屋套数",
        ),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households"),
        sa.Column(
            "low", sa.Float(), nullable=False, comment="Lower end of an estimate; the count itself where counted"
        ),
        sa.Column(
            "high", sa.Float(), nullable=False, comment="Upper end of an estimate; the count itself where counted"
        ),
        sa.Column(
            "estimated", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="Nobody counted them"
        ),
        sa.Column("source", sa.String(length=400), nullable=False, comment="File, register or method"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day the count speaks of"),
        sa.CheckConstraint(
            "kind IN ('resident', 'registered', 'dwelling')", name=op.f("ck_household_count_kind_known")
        ),
        sa.CheckConstraint("households >= 0", name=op.f("ck_household_count_households_not_negative")),
        sa.CheckConstraint("low <= households AND households <= high", name=op.f("ck_household_count_range_holds")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_household_count_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_household_count_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_count")),
        sa.UniqueConstraint("building_id", "kind", "as_of", name=op.f("uq_household_count_building_id_kind_as_of")),
        comment="Households of a building: counted or estimated, of one kind, from one source, on one day",
    )
    op.create_index(op.f("ix_household_count_subdistrict_id"), "household_count", ["subdistrict_id"], unique=False)


def _unit() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("name", sa.String(length=80), nullable=False, comment="Number or name, for example 2单元"),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_unit_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_unit_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("building_id", "name", name=op.f("uq_unit_building_id_name")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_unit_id_subdistrict_id")),
        comment="Unit 单元: a stair of a building",
    )
    op.create_index(op.f("ix_unit_subdistrict_id"), "unit", ["subdistrict_id"], unique=False)


def _dwelling() -> None:
    op.create_table(
        "dwelling",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("unit_id", sa.BigInteger(), nullable=True, comment="Unit, where the building has several"),
        sa.Column("number", sa.String(length=40), nullable=False, comment="Number on the door"),
        sa.Column("floor", sa.Integer(), nullable=True, comment="Storey, 1 at the ground"),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_dwelling_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_dwelling_subdistrict_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "subdistrict_id"],
            ["unit.id", "unit.subdistrict_id"],
            name=op.f("fk_dwelling_unit_id_subdistrict_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dwelling")),
        sa.UniqueConstraint(
            "building_id",
            "unit_id",
            "number",
            name=op.f("uq_dwelling_building_id_unit_id_number"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_dwelling_id_subdistrict_id")),
        comment="Dwelling 房屋: one door",
    )
    op.create_index(op.f("ix_dwelling_subdistrict_id"), "dwelling", ["subdistrict_id"], unique=False)
