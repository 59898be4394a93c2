"""Grids, plans with their revisions, and adoptions."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _grid()
    _plan()
    _revision()
    _revision_indexes()
    _adoption()
    _adoption_indexes()
    _assignment()
    _micro_grid()
    _revision_grid()
    _revision_grid_indexes()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("revision_grid")
    op.drop_table("micro_grid")
    op.drop_table("assignment")
    op.drop_table("adoption")
    op.drop_table("revision")
    op.drop_table("plan")
    op.drop_table("grid")


def _grid() -> None:
    op.create_table(
        "grid",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it is part of"),
        sa.Column(
            "code", sa.String(length=60), nullable=False, comment="Community code and three digits (DB11/T 2157)"
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_grid_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_grid_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_grid_community_id_code")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_grid_id_subdistrict_id")),
        comment="Grid 网格: what keeps its code and its worker while revisions change its extent",
    )
    op.create_index(op.f("ix_grid_subdistrict_id"), "grid", ["subdistrict_id"], unique=False)


def _plan() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community that is divided"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name the planner gave"),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was begun",
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=True, comment="Who began it; empty for a command"),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_plan_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_plan_made_by")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_plan_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_plan_id_subdistrict_id")),
        comment="Plan 方案: a way to divide a community, kept through its revisions",
    )
    op.create_index(op.f("ix_plan_community_id"), "plan", ["community_id"], unique=False)
    op.create_index(op.f("ix_plan_subdistrict_id"), "plan", ["subdistrict_id"], unique=False)


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("plan_id", sa.BigInteger(), nullable=False, comment="Plan"),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community that is divided"),
        sa.Column("land_id", sa.BigInteger(), nullable=False, comment="Making of the land whose cells it assigns"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, 3 within the plan"),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="Revision it was changed from"),
        sa.Column("minimum", sa.Integer(), nullable=False, comment="Fewest households of a grid asked for"),
        sa.Column("maximum", sa.Integer(), nullable=False, comment="Most households of a grid asked for"),
        sa.Column("note", sa.String(length=2000), nullable=True, comment="What was changed and why"),
        sa.Column(
            "reasons",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="Exceptions that concern no single grid",
        ),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was saved",
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=True, comment="Who saved it; empty for a command"),
        sa.CheckConstraint("minimum <= maximum", name=op.f("ck_revision_range_ordered")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_revision_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["land_id", "subdistrict_id"],
            ["land.id", "land.subdistrict_id"],
            name=op.f("fk_revision_land_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_revision_made_by")),
        sa.ForeignKeyConstraint(["parent_id"], ["revision.id"], name=op.f("fk_revision_parent_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "subdistrict_id"],
            ["plan.id", "plan.subdistrict_id"],
            name=op.f("fk_revision_plan_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_revision_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("id", "community_id", name=op.f("uq_revision_id_community_id")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_revision_id_subdistrict_id")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_revision_plan_id_number")),
        comment="Revision 版本 of a plan: never changed once saved",
    )


def _revision_indexes() -> None:
    op.create_index(op.f("ix_revision_community_id"), "revision", ["community_id"], unique=False)
    op.create_index(op.f("ix_revision_land_id"), "revision", ["land_id"], unique=False)
    op.create_index(op.f("ix_revision_subdistrict_id"), "revision", ["subdistrict_id"], unique=False)


def _adoption() -> None:
    op.create_table(
        "adoption",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community"),
        sa.Column("revision_id", sa.BigInteger(), nullable=False, comment="Revision that holds"),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="From the effective date 生效日期 to the day before the next plan's",
        ),
        sa.Column("note", sa.String(length=2000), nullable=True, comment="Decision it rests on"),
        sa.Column(
            "adopted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was approved",
        ),
        sa.Column("adopted_by", sa.BigInteger(), nullable=True, comment="Who approved it; empty for a command"),
        postgresql.ExcludeConstraint(
            (sa.column("community_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_adoption_community_id_valid",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_adoption_valid_lasts")),
        sa.ForeignKeyConstraint(["adopted_by"], ["account.id"], name=op.f("fk_adoption_adopted_by")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_adoption_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f("fk_adoption_revision_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_adoption_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
        comment="The revision in force 执行中 in a community, by date: at most one on any day",
    )


def _adoption_indexes() -> None:
    op.create_index(op.f("ix_adoption_revision_id"), "adoption", ["revision_id"], unique=False)
    op.create_index(op.f("ix_adoption_subdistrict_id"), "adoption", ["subdistrict_id"], unique=False)


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("revision_id", sa.BigInteger(), nullable=False, comment="Revision"),
        sa.Column("cell_id", sa.BigInteger(), nullable=False, comment="Cell"),
        sa.Column("grid_id", sa.BigInteger(), nullable=False, comment="Grid it belongs to"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_assignment_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["grid_id", "subdistrict_id"],
            ["grid.id", "grid.subdistrict_id"],
            name=op.f("fk_assignment_grid_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f("fk_assignment_revision_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_assignment_subdistrict_id")),
        sa.PrimaryKeyConstraint("revision_id", "cell_id", name=op.f("pk_assignment")),
        comment="Which grid each cell belongs to in a revision",
    )
    op.create_index(op.f("ix_assignment_cell_id"), "assignment", ["cell_id"], unique=False)
    op.create_index(op.f("ix_assignment_grid_id"), "assignment", ["grid_id"], unique=False)
    op.create_index(op.f("ix_assignment_subdistrict_id"), "assignment", ["subdistrict_id"], unique=False)


def _micro_grid() -> None:
    op.create_table(
        "micro_grid",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("revision_id", sa.BigInteger(), nullable=False, comment="Revision"),
        sa.Column("grid_id", sa.BigInteger(), nullable=False, comment="Grid it is part of"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, 3 within the grid"),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households when the revision was saved"),
        sa.Column(
            "geometry",
            Geometry("MULTIPOLYGON", 4326, spatial_index=False),
            nullable=False,
            comment="Extent (WGS 84)",
        ),
        sa.ForeignKeyConstraint(
            ["grid_id", "subdistrict_id"],
            ["grid.id", "grid.subdistrict_id"],
            name=op.f("fk_micro_grid_grid_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f("fk_micro_grid_revision_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_micro_grid_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_micro_grid")),
        sa.UniqueConstraint("revision_id", "grid_id", "number", name=op.f("uq_micro_grid_revision_id_grid_id_number")),
        comment="Micro-grid 微网格: a part of a grid of about 100 households",
    )
    op.create_index("ix_micro_grid_geometry", "micro_grid", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_micro_grid_subdistrict_id"), "micro_grid", ["subdistrict_id"], unique=False)


def _revision_grid() -> None:
    op.create_table(
        "revision_grid",
        sa.Column("revision_id", sa.BigInteger(), nullable=False, comment="Revision"),
        sa.Column("grid_id", sa.BigInteger(), nullable=False, comment="Grid"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("name", sa.String(length=200), nullable=True, comment="Name, for example 第一网格"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="household 基础网格 or dedicated 专属网格"),
        sa.Column(
            "status", sa.String(length=20), nullable=True, comment="under, in_range or over; empty for dedicated grids"
        ),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households when the revision was saved"),
        sa.Column("buildings", sa.Integer(), nullable=False, comment="Buildings when the revision was saved"),
        sa.Column(
            "area_m2", sa.Float(), nullable=False, comment="Area in square metres, measured in the town's metric CRS"
        ),
        sa.Column(
            "reason",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Why it is out of range: message",
        ),
        sa.Column(
            "geometry",
            Geometry("MULTIPOLYGON", 4326, spatial_index=False),
            nullable=False,
            comment="Extent; grids of a revision share edges and never area (WGS 84)",
        ),
        sa.CheckConstraint("kind IN ('household', 'dedicated')", name=op.f("ck_revision_grid_kind_known")),
        sa.CheckConstraint("status IN ('under', 'in_range', 'over')", name=op.f("ck_revision_grid_status_known")),
        sa.ForeignKeyConstraint(
            ["grid_id", "subdistrict_id"],
            ["grid.id", "grid.subdistrict_id"],
            name=op.f("fk_revision_grid_grid_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f("fk_revision_grid_revision_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_revision_grid_subdistrict_id")),
        sa.PrimaryKeyConstraint("revision_id", "grid_id", name=op.f("pk_revision_grid")),
        comment="A grid as one revision has it: extent, name and figures",
    )


def _revision_grid_indexes() -> None:
    op.create_index("ix_revision_grid_geometry", "revision_grid", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_revision_grid_grid_id"), "revision_grid", ["grid_id"], unique=False)
    op.create_index(op.f("ix_revision_grid_subdistrict_id"), "revision_grid", ["subdistrict_id"], unique=False)
