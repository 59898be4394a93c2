"""Counts of persons by building; residents of 60 and older in the monthly counts of statistical areas."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

CHANGED_FUNCTIONS = (
    "residents_by_grid(bigint, date)",
    "area_residents_by_grid(bigint, date, bigint[])",
    "area_residents_by_revision(bigint, date, bigint[])",
)
"""Functions that return other columns since this version; every upgrade writes them anew."""
NEW_FUNCTIONS = (
    "exact_residents_by_grid(bigint, date, bigint[], bigint[])",
    "has_roster(bigint, date)",
    "population_counts_on(bigint, date)",
    "disclose_part(bigint, bigint)",
)
AMONG_RESIDENTS = "residents_60 >= 0 AND residents_60 <= residents"
COMMENT = "Population count 人口统计数: persons of a building, of one kind, from one source, on one day"


def upgrade() -> None:
    """Make the change; months that were counted before have no residents of 60 and older."""
    for function in CHANGED_FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    _create_population_count()
    comment = "Those of them who are 60 or older; empty if no year of birth is known"
    op.add_column("statistical_area_count", sa.Column("residents_60", sa.Integer(), nullable=True, comment=comment))
    name = op.f("ck_statistical_area_count_residents_60_among_residents")
    op.create_check_constraint(name, "statistical_area_count", AMONG_RESIDENTS)


def downgrade() -> None:
    """Take the change back."""
    for function in (*CHANGED_FUNCTIONS, *NEW_FUNCTIONS):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_constraint(op.f("ck_statistical_area_count_residents_60_among_residents"), "statistical_area_count")
    op.drop_column("statistical_area_count", "residents_60")
    op.drop_table("population_count")


def _create_population_count() -> None:
    op.create_table(
        "population_count",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("kind", sa.String(20), nullable=False, comment="residents 人口 or residents_60 60岁以上人口"),
        sa.Column("persons", sa.Integer(), nullable=False, comment="Persons"),
        sa.Column("source", sa.String(400), nullable=False, comment="File, register or office"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Date of the count"),
        sa.CheckConstraint("kind IN ('residents', 'residents_60')", name=op.f("ck_population_count_kind_known")),
        sa.CheckConstraint("persons >= 0", name=op.f("ck_population_count_persons_not_negative")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_population_count_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_population_count_subdistrict_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_population_count")),
        sa.UniqueConstraint("building_id", "kind", "as_of", name=op.f("uq_population_count_building_id_kind_as_of")),
        comment=COMMENT,
    )
    op.create_index(op.f("ix_population_count_subdistrict_id"), "population_count", ["subdistrict_id"])
