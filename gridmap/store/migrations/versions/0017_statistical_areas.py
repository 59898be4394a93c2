"""Statistical areas: fixed groups of buildings, whose residents are counted once a month."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SUBDISTRICT_COMMENT = "Subdistrict the row belongs to; decides who may see it"
FUNCTIONS = (
    "residents_by_grid(bigint, date)",
    "area_residents_by_grid(bigint, date, bigint[])",
    "count_areas_of_month(bigint)",
    "keep_begun_adoption()",
)


def upgrade() -> None:
    """Make the change."""
    op.execute("DROP FUNCTION IF EXISTS can_see_persons(bigint, bigint)")
    _create_area()
    _create_building()
    _create_count()
    for table in ("statistical_area", "statistical_area_building", "statistical_area_count"):
        op.create_index(op.f(f"ix_{table}_subdistrict_id"), table, ["subdistrict_id"])
    op.create_index(op.f("ix_statistical_area_community_id"), "statistical_area", ["community_id"])
    op.create_index(
        op.f("ix_statistical_area_building_statistical_area_id"), "statistical_area_building", ["statistical_area_id"]
    )


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP TRIGGER IF EXISTS keep_begun_adoption ON adoption")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    for table in ("statistical_area_count", "statistical_area_building", "statistical_area"):
        op.drop_table(table)


def _create_area() -> None:
    op.create_table(
        "statistical_area",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        _subdistrict_column(),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        _same_subdistrict("statistical_area", "community", "community_id"),
        _subdistrict_constraint("statistical_area"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistical_area")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_statistical_area_id_subdistrict_id")),
        comment="Statistical area 统计小区: buildings that are counted together for readers who see no persons",
    )


def _create_building() -> None:
    op.create_table(
        "statistical_area_building",
        sa.Column("building_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Building"),
        _subdistrict_column(),
        sa.Column("statistical_area_id", sa.BigInteger(), nullable=False, comment="Statistical area"),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households when the building joined the area"),
        sa.CheckConstraint("households >= 0", name=op.f("ck_statistical_area_building_households_not_negative")),
        _same_subdistrict("statistical_area_building", "building", "building_id"),
        _same_subdistrict("statistical_area_building", "statistical_area", "statistical_area_id"),
        _subdistrict_constraint("statistical_area_building"),
        sa.PrimaryKeyConstraint("building_id", name=op.f("pk_statistical_area_building")),
        comment="Building of a statistical area; it never changes to another one",
    )


def _create_count() -> None:
    op.create_table(
        "statistical_area_count",
        sa.Column(
            "statistical_area_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Statistical area"
        ),
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the month"),
        _subdistrict_column(),
        sa.Column("residents", sa.Integer(), nullable=False, comment="Residents on the day of the first look"),
        sa.CheckConstraint(
            "month = date_trunc('month', month)::date", name=op.f("ck_statistical_area_count_month_begins")
        ),
        sa.CheckConstraint("residents > 0", name=op.f("ck_statistical_area_count_residents_positive")),
        _same_subdistrict("statistical_area_count", "statistical_area", "statistical_area_id"),
        _subdistrict_constraint("statistical_area_count"),
        sa.PrimaryKeyConstraint("statistical_area_id", "month", name=op.f("pk_statistical_area_count")),
        comment="Residents of a statistical area in a month: counted once, at the first look in the month",
    )


def _subdistrict_column() -> sa.Column[int]:
    return sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=SUBDISTRICT_COMMENT)


def _subdistrict_constraint(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_subdistrict_id")
    return sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=name)


def _same_subdistrict(table: str, linked: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column, "subdistrict_id"],
        [f"{linked}.id", f"{linked}.subdistrict_id"],
        name=op.f(f"fk_{table}_{column}_subdistrict_id"),
    )
