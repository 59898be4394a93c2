"""Counts of members of service groups by building."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

TABLE = "service_group_count"
COMMENT = "Members of a service group in a building as counted on one day; for stations, no person is named"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column(
            "service_group_id", sa.BigInteger(), nullable=False, comment="Service group; a trigger requires it in use"
        ),
        sa.Column("persons", sa.Integer(), nullable=False, comment="Members who live in the building"),
        sa.Column("source", sa.String(400), nullable=False, comment="File, register or office"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Date of the count"),
        sa.CheckConstraint("persons >= 0", name=op.f("ck_service_group_count_persons_not_negative")),
        *(_reference(parent) for parent in ("building", "service_group")),
        sa.ForeignKeyConstraint(
            ["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_service_group_count_subdistrict_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_group_count")),
        sa.UniqueConstraint(
            "building_id",
            "service_group_id",
            "as_of",
            name=op.f("uq_service_group_count_building_id_service_group_id_as_of"),
        ),
        comment=COMMENT,
    )
    for column in ("subdistrict_id", "service_group_id"):
        op.create_index(op.f(f"ix_service_group_count_{column}"), TABLE, [column])


def downgrade() -> None:
    """Take the change back; an upgrade writes the functions that read the table anew."""
    op.execute("DROP FUNCTION IF EXISTS group_members_by_building(bigint, date)")
    op.drop_table(TABLE)


def _reference(parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{parent}_id", "subdistrict_id"],
        [f"{parent}.id", f"{parent}.subdistrict_id"],
        name=op.f(f"fk_service_group_count_{parent}_id_subdistrict_id"),
    )
