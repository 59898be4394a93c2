"""Land that is built anew: the day from which it holds, and the cells of places on the days before."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

PLACES = {
    "incident": ("an incident", "Incident"),
    "facility": ("a facility", "Facility"),
    "organisation": ("an organisation", "Organisation"),
    "shop": ("a shop", "Shop"),
}


def upgrade() -> None:
    """Make the change; stored places have no former cells, since no land was built anew so far."""
    for column in _land_columns():
        op.add_column("land", column)
    op.create_foreign_key(op.f("fk_land_created_by"), "land", "account", ["created_by"], ["id"])
    op.create_unique_constraint(op.f("uq_land_community_id_holds_from"), "land", ["community_id", "holds_from"])
    op.create_unique_constraint(op.f("uq_shop_id_subdistrict_id"), "shop", ["id", "subdistrict_id"])
    for place, (name, title) in PLACES.items():
        _create_former_cells(place, name, title)


def downgrade() -> None:
    """Take the change back; former cells are lost, and functions that read them go first."""
    for function in ("former_land_days(bigint)", "link_buildings(bigint[])"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    for place in PLACES:
        op.drop_table(f"{place}_former_cell")
    op.drop_constraint(op.f("uq_shop_id_subdistrict_id"), "shop", type_="unique")
    op.drop_constraint(op.f("uq_land_community_id_holds_from"), "land", type_="unique")
    op.drop_constraint(op.f("fk_land_created_by"), "land", type_="foreignkey")
    for name in ("report", "note", "created_by", "holds_from"):
        op.drop_column("land", name)


def _land_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "holds_from",
            sa.Date(),
            nullable=True,
            comment="First day on which its plans may be in force; empty for the first land of a community",
        ),
        sa.Column(
            "created_by", sa.BigInteger(), nullable=True, comment="Account that asked for it; empty for a command"
        ),
        sa.Column("note", sa.String(2000), nullable=True, comment="Why it was built anew"),
        sa.Column(
            "report",
            postgresql.JSONB(none_as_null=True),
            nullable=True,
            comment="What building it anew changed: codes and numbers, no persons",
        ),
    ]


def _create_former_cells(place: str, name: str, title: str) -> None:
    table, key = f"{place}_former_cell", f"{place}_id"
    near_cells: sa.Column[Any] = sa.Column(
        "near_cell_ids",
        postgresql.ARRAY(sa.BigInteger()),
        server_default=sa.text("'{}'"),
        nullable=False,
        comment="Other cells within 5 m on these days",
    )
    op.create_table(
        table,
        sa.Column(key, sa.BigInteger(), autoincrement=False, nullable=False, comment=title),
        sa.Column(
            "valid", postgresql.DATERANGE(), nullable=False, comment="Days, up to the one on which the new land holds"
        ),
        sa.Column("cell_id", sa.BigInteger(), nullable=True, comment="Cell on these days; empty outside every cell"),
        *([near_cells] if place == "incident" else []),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT upper_inf(valid)", name=op.f(f"ck_{table}_valid_ends")),
        *(
            sa.ForeignKeyConstraint(
                [column, "subdistrict_id"],
                [f"{target}.id", f"{target}.subdistrict_id"],
                name=op.f(f"fk_{table}_{column}_subdistrict_id"),
            )
            for column, target in ((key, place), ("cell_id", "cell"))
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{table}_subdistrict_id")),
        sa.PrimaryKeyConstraint(key, "valid", name=op.f(f"pk_{table}")),
        comment=f"Cell of {name} on days before its land was built anew; the row itself has the newest",
    )
    for column in ("cell_id", "subdistrict_id"):
        op.create_index(f"ix_{table}_{column}", table, [column])
