"""Subdistricts, communities and resident groups; which state their data is in."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _subdistrict()
    _data_version()
    _community()
    _resident_group()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("resident_group")
    op.drop_table("community")
    op.drop_table("data_version")
    op.drop_table("subdistrict")


def _subdistrict() -> None:
    op.create_table(
        "subdistrict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("code", sa.String(length=40), nullable=False, comment="Statistical code (9 digits) or own code"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name as people write it"),
        sa.Column(
            "geometry",
            Geometry("MULTIPOLYGON", 4326, spatial_index=False),
            nullable=False,
            comment="Outline; of its communities where nobody gave one (WGS 84)",
        ),
        sa.Column(
            "supervision_phone", sa.String(length=40), nullable=True, comment="Office phone for complaints, public"
        ),
        sa.Column("source", sa.String(length=400), nullable=False, comment="File or office the outline came from"),
        sa.CheckConstraint("code <> ''", name=op.f("ck_subdistrict_code_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subdistrict")),
        sa.UniqueConstraint("code", name=op.f("uq_subdistrict_code")),
        comment="Subdistrict 街道: the office above the communities",
    )
    op.create_index("ix_subdistrict_geometry", "subdistrict", ["geometry"], unique=False, postgresql_using="gist")


def _data_version() -> None:
    op.create_table(
        "data_version",
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column(
            "version",
            sa.UUID(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Another one after every change; random, so that no state before a restore is taken for one after it",
        ),
        sa.ForeignKeyConstraint(
            ["subdistrict_id"],
            ["subdistrict.id"],
            name=op.f("fk_data_version_subdistrict_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subdistrict_id", name=op.f("pk_data_version")),
        comment="The state of what is drawn of a subdistrict; triggers write it",
    )


def _community() -> None:
    op.create_table(
        "community",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("code", sa.String(length=40), nullable=False, comment="Statistical code (12 digits) or own code"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name as people write it"),
        sa.Column(
            "geometry",
            Geometry("MULTIPOLYGON", 4326, spatial_index=False),
            nullable=False,
            comment="Boundary; neighbours share edges and never area (WGS 84)",
        ),
        sa.Column(
            "station_phone",
            sa.String(length=40),
            nullable=True,
            comment="Office phone of its grid workstation, public",
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_community_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_community_id_subdistrict_id")),
        sa.UniqueConstraint("subdistrict_id", "code", name=op.f("uq_community_subdistrict_id_code")),
        comment="Community 社区: the territory that is divided into grids",
    )
    op.create_index("ix_community_geometry", "community", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_community_subdistrict_id"), "community", ["subdistrict_id"], unique=False)


def _resident_group() -> None:
    op.create_table(
        "resident_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name, for example 第三居民小组"),
        sa.Column(
            "geometry",
            Geometry("MULTIPOLYGON", 4326, spatial_index=False),
            nullable=True,
            comment="Extent (WGS 84)",
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_resident_group_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_resident_group_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_group")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_resident_group_community_id_name")),
        comment="Resident group 居民小组: an older layer within a community",
    )
    op.create_index("ix_resident_group_geometry", "resident_group", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_resident_group_subdistrict_id"), "resident_group", ["subdistrict_id"], unique=False)
