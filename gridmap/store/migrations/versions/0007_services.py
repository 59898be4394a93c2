"""Facilities, organisations and shops."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _facility()
    _facility_indexes()
    _organisation()
    _shop()
    _shop_indexes()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("shop")
    op.drop_table("organisation")
    op.drop_table("facility")


def _facility() -> None:
    op.create_table(
        "facility",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("kind", sa.String(length=80), nullable=False, comment="Kind, from the editable catalogue"),
        sa.Column("name", sa.String(length=200), nullable=True, comment="Name"),
        sa.Column("building_id", sa.BigInteger(), nullable=True, comment="Building it is in"),
        sa.Column("cell_id", sa.BigInteger(), nullable=True, comment="Cell it stands on"),
        sa.Column("area_m2", sa.Float(), nullable=True, comment="Floor area in square metres"),
        sa.Column(
            "tenure",
            sa.String(length=20),
            server_default="unknown",
            nullable=False,
            comment="owned, rented, lent or unknown",
        ),
        sa.Column(
            "geometry",
            Geometry("POINT", 4326, spatial_index=False),
            nullable=False,
            comment="Place (WGS 84)",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it served",
        ),
        sa.CheckConstraint("tenure IN ('owned', 'rented', 'lent', 'unknown')", name=op.f("ck_facility_tenure_known")),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_facility_valid_lasts")),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_facility_area_positive")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_facility_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_facility_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_facility_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_facility_id_subdistrict_id")),
        comment="Facility 设施: what serves people, from a health station to a street lamp",
    )


def _facility_indexes() -> None:
    op.create_index(op.f("ix_facility_cell_id"), "facility", ["cell_id"], unique=False)
    op.create_index("ix_facility_geometry", "facility", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_facility_kind"), "facility", ["kind"], unique=False)
    op.create_index(op.f("ix_facility_subdistrict_id"), "facility", ["subdistrict_id"], unique=False)


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("kind", sa.String(length=80), nullable=False, comment="Kind, for example volunteers"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name"),
        sa.Column("building_id", sa.BigInteger(), nullable=True, comment="Building it is in"),
        sa.Column("cell_id", sa.BigInteger(), nullable=True, comment="Cell it stands on"),
        sa.Column(
            "geometry",
            Geometry("POINT", 4326, spatial_index=False),
            nullable=False,
            comment="Place (WGS 84)",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it was here",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_organisation_valid_lasts")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_organisation_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_organisation_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_organisation_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_organisation_id_subdistrict_id")),
        comment="Organisation 驻区单位, 群团组织 or 志愿者组织 that has its seat here",
    )
    op.create_index(op.f("ix_organisation_cell_id"), "organisation", ["cell_id"], unique=False)
    op.create_index("ix_organisation_geometry", "organisation", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_organisation_subdistrict_id"), "organisation", ["subdistrict_id"], unique=False)


def _shop() -> None:
    op.create_table(
        "shop",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name on the sign"),
        sa.Column("address", sa.String(length=400), nullable=True, comment="Address"),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True, comment="Organisation it belongs to"),
        sa.Column("building_id", sa.BigInteger(), nullable=True, comment="Building it is in"),
        sa.Column("cell_id", sa.BigInteger(), nullable=True, comment="Cell it stands on"),
        sa.Column("weight", sa.Float(), server_default="1", nullable=False, comment="Households it counts for"),
        sa.Column(
            "geometry",
            Geometry("POINT", 4326, spatial_index=False),
            nullable=False,
            comment="Place (WGS 84)",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it traded",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_shop_valid_lasts")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_shop_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_shop_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_shop_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "subdistrict_id"],
            ["organisation.id", "organisation.subdistrict_id"],
            name=op.f("fk_shop_organisation_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_shop_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        comment="Shop 商户: counts like a household where a profile says so",
    )


def _shop_indexes() -> None:
    op.create_index(op.f("ix_shop_cell_id"), "shop", ["cell_id"], unique=False)
    op.create_index("ix_shop_geometry", "shop", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_shop_subdistrict_id"), "shop", ["subdistrict_id"], unique=False)
