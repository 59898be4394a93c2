"""Norms of subdistricts and communities by date; kind of household that a revision was made with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

KINDS = "household_kind IN ('resident', 'registered', 'dwelling')"
RANGE = "1 <= minimum AND minimum <= target AND target <= maximum AND maximum <= 20000"
PERSONS = (
    "(person_minimum IS NULL) = (person_maximum IS NULL)"
    " AND 1 <= person_minimum AND person_minimum <= person_maximum AND person_maximum <= 100000"
)
COMMENTS = {
    "minimum": ("Minimum households of a grid", "Minimum households of a grid that it was made with"),
    "maximum": ("Maximum households of a grid", "Maximum households of a grid that it was made with"),
}
STATUS_COMMENT = (
    "under, in_range or over; empty for dedicated grids",
    "under, in_range or over of the range it was made with; empty for dedicated grids",
)


def upgrade() -> None:
    """Make the change; no norm is entered for anybody, so 300 to 500 holds until an office enters its own."""
    op.create_table(
        "norm",
        *_columns(),
        *_constraints(),
        comment="Norm 户数标准 of grids: range and kind of households, with its document, by date",
    )
    op.create_index(op.f("ix_norm_subdistrict_id"), "norm", ["subdistrict_id"])
    op.add_column(
        "revision",
        sa.Column(
            "household_kind",
            sa.String(20),
            server_default=sa.text("'resident'"),
            nullable=False,
            comment="Kind of household that it was made with",
        ),
    )
    op.create_check_constraint(op.f("ck_revision_household_kind_known"), "revision", KINDS)
    for column, (_, comment) in COMMENTS.items():
        op.alter_column("revision", column, comment=comment)
    op.alter_column("revision_grid", "status", comment=STATUS_COMMENT[1])


def downgrade() -> None:
    """Take the change back."""
    op.alter_column("revision_grid", "status", comment=STATUS_COMMENT[0])
    for column, (comment, _) in COMMENTS.items():
        op.alter_column("revision", column, comment=comment)
    op.drop_constraint(op.f("ck_revision_household_kind_known"), "revision", type_="check")
    op.drop_column("revision", "household_kind")
    op.drop_table("norm")
    for function in ("norm_authors", "keep_norm_history", "record_norm_change", "judged_residents"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")


def _columns() -> list[sa.Column[object]]:
    def number(name: str, comment: str, *, optional: bool = False) -> sa.Column[object]:
        return sa.Column(name, sa.Integer(), nullable=optional, comment=comment)

    def key(name: str, comment: str) -> sa.Column[object]:
        return sa.Column(name, sa.BigInteger(), nullable=name != "subdistrict_id", comment=comment)

    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        key("subdistrict_id", "Subdistrict the row belongs to; decides who may see it"),
        key("community_id", "Community; empty for the whole subdistrict"),
        number("minimum", "Minimum households of a grid"),
        number("maximum", "Maximum households of a grid"),
        number("target", "Households that a partition aims at"),
        sa.Column(
            "household_kind",
            sa.String(20),
            nullable=False,
            comment="Kind that is counted: resident 常住户, registered 户籍户 or dwelling 房屋套数",
        ),
        number("person_minimum", "Minimum persons; a grid in this second range is in range, too", optional=True),
        number("person_maximum", "Maximum persons of the second range", optional=True),
        sa.Column("source", sa.String(400), nullable=False, comment="Document that it is taken from"),
        sa.Column("source_date", sa.Date(), nullable=False, comment="Date of the document"),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it holds",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was entered",
        ),
        key("created_by", "Account that entered it; empty for a command"),
        sa.Column(
            "withdrawn_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When another entry took its place; it holds on no day since, and stays as history",
        ),
        key("withdrawn_by", "Account that withdrew it; empty for a command"),
    ]


def _constraints() -> list[sa.Constraint]:
    checks = {
        "valid_lasts": "NOT isempty(valid) AND NOT lower_inf(valid)",
        "household_kind_known": KINDS,
        "range_ordered": RANGE,
        "persons_ordered": PERSONS,
        "source_given": "length(btrim(source)) >= 2",
        "withdrawal_dated": "withdrawn_by IS NULL OR withdrawn_at IS NOT NULL",
    }
    accounts = [
        sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_norm_{column}"))
        for column in ("created_by", "withdrawn_by")
    ]
    return [
        *(sa.CheckConstraint(sql, name=op.f(f"ck_norm_{name}")) for name, sql in checks.items()),
        _no_overlap("community_id", "withdrawn_at IS NULL"),
        _no_overlap("subdistrict_id", "withdrawn_at IS NULL AND community_id IS NULL"),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_norm_subdistrict_id")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_norm_community_id_subdistrict_id"),
        ),
        *accounts,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_norm")),
    ]


def _no_overlap(column: str, where: str) -> postgresql.ExcludeConstraint:
    name = f"ex_norm_{column}_valid"
    return postgresql.ExcludeConstraint(
        (sa.column(column), "="), (sa.column("valid"), "&&"), name=op.f(name), using="gist", where=sa.text(where)
    )
