"""Roster by role, one person in charge of a grid on any day, and leave with a substitute."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ROLES = [
    "grid_leader",
    "grid_worker",
    "building_leader",
    "informant",
    "police",
    "party_member",
    "volunteer",
    "social_organisation",
]
KINDS, FORMER_KINDS = ("own_grid", "field", "building", "resident_group"), ("own_grid", "field")
FORMER_KEY = "ex_duty_worker_id_kind_grid_id_line_of_work_valid"
PLACES = {"building_id": "Building of a 楼栋长 or 信息员", "resident_group_id": "Resident group of a 信息员"}
ONCE = ("grid_id", "line_of_work", "building_id", "resident_group_id")
CHECKS = {
    "building_has_building": "(kind = 'building') = (building_id IS NOT NULL)",
    "resident_group_has_group": "(kind = 'resident_group') = (resident_group_id IS NOT NULL)",
    "worker_in_charge": "NOT in_charge OR role IN ('grid_leader', 'grid_worker')",
    "grid_leader_in_charge": "role <> 'grid_leader' OR in_charge",
}
COMMENTS = {
    "kind": ("own_grid B岗 or field A岗", "own_grid B岗, field A岗, building or resident_group"),
    "in_charge": ("Grid leader 网格长", "Grid leader 网格长: one person of a grid on any day"),
}
TABLE_COMMENTS = (
    "Roster: duties of workers for a grid (B岗) or a line of work (A岗), with their periods",
    "Roster: duties for a grid (B岗), a line of work (A岗), a building or a resident group, by period",
)
KEEP_FIRST_IN_CHARGE = """
    UPDATE duty d SET in_charge = false WHERE d.in_charge AND EXISTS (SELECT FROM duty o
        WHERE o.in_charge AND o.grid_id = d.grid_id AND o.id < d.id AND o.valid && d.valid)
"""
UNITE_REPEATED = """
    WITH earlier AS (
        SELECT d.id, min(o.id) AS first_id FROM duty d JOIN duty o ON o.worker_id = d.worker_id AND o.id < d.id
            AND o.valid && d.valid AND (o.grid_id = d.grid_id OR o.line_of_work = d.line_of_work)
        GROUP BY d.id
    ), removed AS (DELETE FROM duty d USING earlier e WHERE d.id = e.id RETURNING e.first_id, d.valid)
    UPDATE duty d SET valid = (SELECT range_merge(d.valid, range_merge(range_agg(r.valid))) FROM removed r
        WHERE r.first_id = d.id)
    WHERE d.id IN (SELECT first_id FROM removed) AND d.id NOT IN (SELECT id FROM earlier)
"""
"""A person had a duty twice at the same time, which no page could enter: the first row covers both periods."""


def upgrade() -> None:
    """Make the change; of several people in charge of a grid, the first one stays."""
    op.create_unique_constraint(op.f("uq_resident_group_id_subdistrict_id"), "resident_group", ["id", "subdistrict_id"])
    op.execute(KEEP_FIRST_IN_CHARGE)
    op.drop_constraint(FORMER_KEY, "duty")
    op.execute(UNITE_REPEATED)
    _add_role()
    _add_places()
    _replace_kinds(KINDS)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_duty_{name}"), "duty", condition)
    for column in ONCE:
        _exclude(f"ex_duty_worker_id_{column}_valid", ("worker_id", column))
    _exclude("ex_duty_one_in_charge", ("grid_id",), "in_charge")
    _set_comments(position=1)
    _leave()
    _leave_of_scope()


def downgrade() -> None:
    """Take the change back; functions go first, as they depend on the tables."""
    for table in ("leave", "duty", "account_scope"):
        op.execute(f"DROP POLICY IF EXISTS app_select ON {table}")
    for table in ("duty", "leave"):
        op.execute(f"DROP POLICY IF EXISTS app_update ON {table}")
        op.execute(f"DROP POLICY IF EXISTS app_insert ON {table}")
    for function in ("open_leave", "end_leave", "is_on_my_roster", "cancel_duty"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_column("account_scope", "leave_id")
    op.drop_table("leave")
    op.execute("DELETE FROM duty WHERE kind NOT IN ('own_grid', 'field')")
    op.drop_constraint("ex_duty_one_in_charge", "duty")
    for column in ONCE:
        op.drop_constraint(f"ex_duty_worker_id_{column}_valid", "duty")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_duty_{name}"), "duty")
    _replace_kinds(FORMER_KINDS)
    for column in (*PLACES, "role"):
        op.drop_column("duty", column)
    _exclude(FORMER_KEY, ("worker_id", "kind", "grid_id", "line_of_work"))
    _set_comments(position=0)
    op.drop_constraint(op.f("uq_resident_group_id_subdistrict_id"), "resident_group")


def _add_role() -> None:
    comment = "Role in the place; of no meaning for a field of work"
    op.add_column(
        "duty", sa.Column("role", sa.String(20), server_default="grid_worker", nullable=False, comment=comment)
    )
    op.execute("UPDATE duty SET role = 'grid_leader' WHERE in_charge")
    words = ", ".join(f"'{role}'" for role in ROLES)
    op.create_check_constraint(op.f("ck_duty_role_known"), "duty", f"role IN ({words})")


def _add_places() -> None:
    for column, comment in PLACES.items():
        table = column.removesuffix("_id")
        op.add_column("duty", sa.Column(column, sa.BigInteger(), nullable=True, comment=comment))
        op.create_index(op.f(f"ix_duty_{column}"), "duty", [column])
        link = op.f(f"fk_duty_{column}_subdistrict_id")
        op.create_foreign_key(link, "duty", table, [column, "subdistrict_id"], ["id", "subdistrict_id"])


def _replace_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_duty_kind_known"), "duty")
    words = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_duty_kind_known"), "duty", f"kind IN ({words})")


def _exclude(name: str, columns: tuple[str, ...], condition: str | None = None) -> None:
    """Allow one duty at any date for the same values of the columns; rows without a value do not count."""
    equalities: list[tuple[sa.ColumnClause[object], str]] = [(sa.column(column), "=") for column in columns]
    where = {"where": sa.text(condition)} if condition else {}
    op.create_exclude_constraint(name, "duty", *equalities, (sa.column("valid"), "&&"), using="gist", **where)


def _set_comments(position: int) -> None:
    for column, texts in COMMENTS.items():
        op.alter_column("duty", column, comment=texts[position])
    op.create_table_comment("duty", TABLE_COMMENTS[position])


def _leave() -> None:
    subdistrict = "Subdistrict the row belongs to; decides who may see it"
    days = "Days of the leave, a year at most; the access of the substitute ends with it"
    substitute = "Person on the roster who has the grids meanwhile"
    account = "Account that entered it; empty for the owner's commands"
    today, now = sa.text("daterange(CURRENT_DATE, NULL)"), sa.text("now()")
    name = "leave"
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=subdistrict),
        sa.Column("worker_id", sa.BigInteger(), nullable=False, comment="Worker on leave; the reason is not stored"),
        sa.Column("substitute_id", sa.BigInteger(), nullable=False, comment=substitute),
        sa.Column("valid", postgresql.DATERANGE(), server_default=today, nullable=False, comment=days),
        sa.Column("opened_by", sa.BigInteger(), nullable=True, comment=account),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            server_default=now,
            nullable=False,
            comment="When it was entered",
        ),
        sa.CheckConstraint("worker_id <> substitute_id", name=op.f(f"ck_{name}_other_substitute")),
        sa.CheckConstraint(
            "NOT upper_inf(valid) AND upper(valid) - lower(valid) <= 366", name=op.f(f"ck_{name}_valid_ends")
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f(f"ck_{name}_valid_lasts")),
        *_links_of_leave(name),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        comment="Leave 请假: days on which a substitute has the grids of a worker; functions write it",
    )
    for column in ("subdistrict_id", "substitute_id", "worker_id"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _links_of_leave(name: str) -> list[sa.Constraint]:
    people = [
        sa.ForeignKeyConstraint(
            [column, "subdistrict_id"],
            ["worker.id", "worker.subdistrict_id"],
            name=op.f(f"fk_{name}_{column}_subdistrict_id"),
        )
        for column in ("worker_id", "substitute_id")
    ]
    return [
        *people,
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{name}_subdistrict_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f(f"fk_{name}_opened_by")),
        postgresql.ExcludeConstraint(
            (sa.column("worker_id"), "="), (sa.column("valid"), "&&"), using="gist", name=f"ex_{name}_worker_id_valid"
        ),
    ]


def _leave_of_scope() -> None:
    comment = "Leave that the substitute has it for; it ends with the leave"
    op.add_column("account_scope", sa.Column("leave_id", sa.BigInteger(), nullable=True, comment=comment))
    op.create_index(op.f("ix_account_scope_leave_id"), "account_scope", ["leave_id"])
    link = op.f("fk_account_scope_leave_id")
    op.create_foreign_key(link, "account_scope", "leave", ["leave_id"], ["id"], ondelete="CASCADE")
