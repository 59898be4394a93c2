"""Limits of reveals, special tasks, and the residents that an audit row concerns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SUBDISTRICT_COMMENT = "Subdistrict the row belongs to; decides who may see it"
KEY_COMMENT = "Number of the row"
NAME_COMMENT = "Name; the application reads it by functions that record the reveal"

FUNCTIONS = (
    "reveal_day_start",
    "reveal_pause_end",
    "revealed_households",
    "reveal_budget_of",
    "my_reveal_limits",
    "my_special_tasks",
    "my_resident",
    "reveal_limit",
    "record_reveal",
    "reveal_value",
    "open_household_visit",
    "open_visit",
    "visit_members",
    "end_household_visit",
    "record_residents_shown",
    "record_denial",
    "resident_access_log",
    "open_special_task",
    "can_manage_special_task",
    "close_special_task",
    "set_reveal_budget",
    "community_of_accounts",
    "record_alarm_seen",
)
"""Functions that a downgrade drops; each name has one signature."""


def upgrade() -> None:
    """Make the change."""
    _audit()
    op.add_column(
        "resident",
        sa.Column(
            "name_initial",
            sa.String(length=1),
            sa.Computed('"left"((name)::text, 1)', persisted=True),
            nullable=True,
            comment="First letter of the name, for lists",
        ),
    )
    op.alter_column("resident", "name", comment=NAME_COMMENT, existing_comment="Name; shown masked")
    _reveal_budget()
    _special_task()
    _special_task_account()


def downgrade() -> None:
    """Take the change back; policies and functions go first, as they depend on the tables."""
    for table in ("special_task_account", "special_task"):
        op.execute(f"DROP POLICY IF EXISTS app_select ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_table("special_task_account")
    op.drop_table("special_task")
    op.drop_table("reveal_budget")
    op.alter_column("resident", "name", comment="Name; shown masked", existing_comment=NAME_COMMENT)
    op.drop_column("resident", "name_initial")
    op.drop_index("ix_audit_reveals", "audit")
    op.drop_index("ix_audit_resident_ids", "audit")
    op.drop_column("audit", "resident_ids")


def _audit() -> None:
    comment = "Residents whose data the action showed, masked or in clear"
    op.add_column("audit", sa.Column("resident_ids", sa.ARRAY(sa.BigInteger()), nullable=True, comment=comment))
    op.create_index("ix_audit_resident_ids", "audit", ["resident_ids"], postgresql_using="gin")
    is_reveal = sa.text("action = ANY (ARRAY['reveal', 'household_visit'])")
    op.create_index("ix_audit_reveals", "audit", ["account_id", "at"], postgresql_where=is_reveal)


def _key_column() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment=KEY_COMMENT)


def _subdistrict_column() -> sa.Column[int]:
    return sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=SUBDISTRICT_COMMENT)


def _subdistrict_link(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{table}_subdistrict_id"))


def _reveal_budget() -> None:
    op.create_table(
        "reveal_budget",
        _key_column(),
        _subdistrict_column(),
        sa.Column("role", sa.String(length=20), nullable=False, comment="worker or station"),
        sa.Column("households_per_day", sa.Integer(), nullable=False, comment="Households a day and account, 0 to 200"),
        sa.CheckConstraint("role IN ('worker', 'station')", name=op.f("ck_reveal_budget_role_sees_persons")),
        sa.CheckConstraint("households_per_day BETWEEN 0 AND 200", name=op.f("ck_reveal_budget_households_in_range")),
        _subdistrict_link("reveal_budget"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal_budget")),
        sa.UniqueConstraint("subdistrict_id", "role", name=op.f("uq_reveal_budget_subdistrict_id_role")),
        comment="Households a day of which an account of a role may reveal values; 30 where there is no row",
    )
    op.create_index(op.f("ix_reveal_budget_subdistrict_id"), "reveal_budget", ["subdistrict_id"])


def _special_task() -> None:
    op.create_table(
        "special_task",
        _key_column(),
        _subdistrict_column(),
        sa.Column(
            "purpose", sa.String(length=200), nullable=False, comment="What it is for; the reason of its reveals"
        ),
        sa.Column(
            "fields",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="Values it needs: name, phone, id_number",
        ),
        sa.Column(
            "households",
            sa.Integer(),
            nullable=False,
            comment="Households that each of its accounts may reveal in all",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it holds",
        ),
        sa.Column("opened_by", sa.BigInteger(), nullable=False, comment="Admin who opened it"),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was opened",
        ),
        sa.Column("closed_by", sa.BigInteger(), nullable=True, comment="Admin who closed it before its last day"),
        sa.Column(
            "closed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was closed before its last day",
        ),
        *_special_task_constraints(),
        comment="Special task 专项工作: its accounts may reveal values of more households, for a time",
    )
    op.create_index(op.f("ix_special_task_subdistrict_id"), "special_task", ["subdistrict_id"])


def _special_task_constraints() -> list[sa.Constraint]:
    known = "cardinality(fields) > 0 AND fields <@ ARRAY['name', 'phone', 'id_number']::text[]"
    closed = "(closed_at IS NULL) = (closed_by IS NULL)"
    return [
        sa.CheckConstraint("households BETWEEN 1 AND 5000", name=op.f("ck_special_task_households_in_range")),
        sa.CheckConstraint(known, name=op.f("ck_special_task_fields_known")),
        sa.CheckConstraint("NOT upper_inf(valid)", name=op.f("ck_special_task_ends")),
        sa.CheckConstraint(closed, name=op.f("ck_special_task_closed_by_somebody")),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_special_task_valid_lasts")),
        _subdistrict_link("special_task"),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_special_task_opened_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name=op.f("fk_special_task_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_task")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_special_task_id_subdistrict_id")),
    ]


def _special_task_account() -> None:
    op.create_table(
        "special_task_account",
        _subdistrict_column(),
        sa.Column("special_task_id", sa.BigInteger(), nullable=False, comment="Special task"),
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account that works on it"),
        sa.ForeignKeyConstraint(
            ["special_task_id", "subdistrict_id"],
            ["special_task.id", "special_task.subdistrict_id"],
            name=op.f("fk_special_task_account_special_task_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_special_task_account_account_id")),
        _subdistrict_link("special_task_account"),
        sa.PrimaryKeyConstraint("special_task_id", "account_id", name=op.f("pk_special_task_account")),
        comment="Accounts that work on a special task",
    )
    for column in ("account_id", "subdistrict_id"):
        op.create_index(op.f(f"ix_special_task_account_{column}"), "special_task_account", [column])
