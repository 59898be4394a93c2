"""Journal of changes; its triggers and functions are written by every upgrade."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "undo_change_set(bigint)",
    "undo_obstacles(bigint)",
    "field_sources(text,bigint[])",
    "record_changes(text,bigint[])",
    "open_change_set(bigint,text,date,bigint)",
    "remove_earlier_values(date)",
)
"""Functions of pages and commands that a downgrade drops; the others are of no use without them."""
RESTORED_TABLES = (
    *("community", "resident_group", "estate", "courtyard", "street", "building", "building_cell", "household_count"),
    *("unit", "dwelling", "household", "resident", "worker", "duty", "organisation", "facility", "shop"),
    *("incident_category", "incident"),
)
"""Tables with a policy for the undo."""


def upgrade() -> None:
    """Make the change."""
    _change_set()
    _record_change()


def downgrade() -> None:
    """Take the change back: triggers go with their function."""
    op.execute("DROP FUNCTION IF EXISTS journal_changes() CASCADE")
    for table in RESTORED_TABLES:
        op.execute(f"DROP POLICY IF EXISTS reader_restore ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_table("record_change")
    op.drop_table("change_set")


def _key_column() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row")


def _change_set() -> None:
    name = "change_set"
    op.create_table(
        name,
        _key_column(),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        *_origin_columns(),
        *_state_columns(),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{name}_account_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{name}_subdistrict_id")),
        sa.ForeignKeyConstraint(["undoes"], [f"{name}.id"], name=op.f(f"fk_{name}_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        comment="Changes of one transaction and subdistrict, with their source; functions and triggers write it",
    )
    for column in ("account_id", "subdistrict_id"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
    op.create_index(f"ix_{name}_transaction_id", name, ["transaction_id", "subdistrict_id"])
    op.create_index(f"uq_{name}_undoes", name, ["undoes"], unique=True, postgresql_where=sa.text("undoes IS NOT NULL"))


def _origin_columns() -> list[sa.Column[object]]:
    account = "Account that made the changes; empty for the owner's commands"
    source = "File or register that the values come from; the account by hand"
    return [
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment=account),
        sa.Column("role", sa.String(length=20), nullable=True, comment="Role of the account when it made them"),
        sa.Column(
            "community_ids",
            postgresql.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Communities of the account when it made them",
        ),
        sa.Column("source", sa.String(length=400), nullable=False, comment=source),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day that the source describes"),
        sa.Column(
            "by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="Typed in, from no file"
        ),
    ]


def _state_columns() -> list[sa.Column[object]]:
    removed = "When the earlier values were removed; since then it cannot be undone"
    return [
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the transaction began",
        ),
        sa.Column(
            "transaction_id", sa.BigInteger(), nullable=False, comment="Number of the transaction, until it ends"
        ),
        sa.Column("undoes", sa.BigInteger(), nullable=True, comment="Change set that this one takes back"),
        sa.Column("values_removed_at", sa.DateTime(timezone=True), nullable=True, comment=removed),
    ]


def _record_change() -> None:
    name = "record_change"
    before = "Earlier values: of the columns that an update changed, of all columns of a deleted row"
    op.create_table(
        name,
        _key_column(),
        sa.Column("change_set_id", sa.BigInteger(), nullable=False, comment="Change set"),
        sa.Column("table_name", sa.String(length=40), nullable=False, comment="Table of the row"),
        sa.Column("row_id", sa.BigInteger(), nullable=False, comment="Key of the row"),
        sa.Column("action", sa.String(length=10), nullable=False, comment="insert, update or delete"),
        sa.Column("before", postgresql.JSONB(), nullable=True, comment=before),
        sa.CheckConstraint("action IN ('insert', 'update', 'delete')", name=op.f(f"ck_{name}_action_known")),
        sa.CheckConstraint("(action = 'insert') = (before IS NULL)", name=op.f(f"ck_{name}_before_unless_insert")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        comment="Row that a change set has inserted, updated or deleted; triggers write it",
    )
    op.create_index(f"ix_{name}_change_set_id", name, ["change_set_id"], postgresql_using="brin")
    op.create_index(f"ix_{name}_row", name, ["table_name", "row_id"])
