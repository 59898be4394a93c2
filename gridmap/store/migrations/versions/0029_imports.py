"""Imports that were made, and the headers of each source."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _data_source()
    _import_run()


def downgrade() -> None:
    """Take the change back."""
    for function in ("residents_for_import(bigint,bigint[])", "move_residents(bigint[],bigint[],date)"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_table("import_run")
    op.drop_table("data_source")


def _shared_columns() -> list[sa.Column[int]]:
    subdistrict = "Subdistrict the row belongs to; decides who may see it"
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=subdistrict),
    ]


def _shared_constraints(table: str) -> list[sa.Constraint]:
    link = op.f(f"fk_{table}_subdistrict_id")
    return [
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=link),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _text(name: str, length: int, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, comment=comment)


def _json(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), server_default="{}", nullable=False, comment=comment)


def _time(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment=comment)


def _data_source() -> None:
    name = "data_source"
    op.create_table(
        name,
        *_shared_columns(),
        _text("kind", 40, "Kind of sheets"),
        _text("name", 400, "Register or office, the same every month"),
        _json("headers", "Named headers by field"),
        _time("updated_at", "When its headers were named last"),
        *_shared_constraints(name),
        sa.UniqueConstraint("subdistrict_id", "kind", "name", name=op.f(f"uq_{name}_subdistrict_id_kind_name")),
        comment="Source of sheets of a kind, with the headers that somebody has named for its fields",
    )
    op.create_index(op.f(f"ix_{name}_subdistrict_id"), name, ["subdistrict_id"])


def _import_run() -> None:
    name = "import_run"
    account = "Account that imported it; empty for the owner's commands"
    op.create_table(
        name,
        *_shared_columns(),
        sa.Column("change_set_id", sa.BigInteger(), nullable=False, comment="Change set of the rows"),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment=account),
        sa.Column("role", sa.String(length=20), nullable=True, comment="Role of the account then"),
        _text("kind", 40, "Kind of sheets"),
        _text("source", 400, "Register or office"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day that the sheet describes"),
        _text("file_name", 200, "Name of the file"),
        _text("sha256", 64, "SHA-256 of the file"),
        _json("counts", "Rows by difference, and rows left out"),
        _time("imported_at", "When it was applied"),
        *_shared_constraints(name),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{name}_account_id")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f(f"fk_{name}_change_set_id")),
        sa.UniqueConstraint("change_set_id", name=op.f(f"uq_{name}_change_set_id")),
        comment="Import of a sheet that was applied; its change set has the rows",
    )
    for column in ("account_id", "subdistrict_id"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
