"""Settings of the installation, the community of audit rows, and the right to approve plans.

Planners could approve plans without a grant. Their scopes get the right, so that nobody loses it by the upgrade; an admin
takes it back by ending the scope.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

REPLACED_FUNCTIONS = (
    "find_session(bytea)",
    "grant_scope(bigint, bigint, bigint, bigint, daterange)",
    "create_account(text, text, text, text, bigint, bigint, bigint, daterange)",
    "is_session_open(web_session)",
    "record_audit(text, bigint, text, bigint, text, jsonb, inet)",
)
"""Functions whose parameters have changed: under their old parameters they would stay."""


def upgrade() -> None:
    """Make the change."""
    _create_installation()
    op.add_column(
        "audit", sa.Column("community_id", sa.BigInteger(), comment="Community concerned, where there is one")
    )
    op.create_foreign_key(
        op.f("fk_audit_community_id_subdistrict_id"),
        "audit",
        "community",
        ["community_id", "subdistrict_id"],
        ["id", "subdistrict_id"],
    )
    op.add_column(
        "account_scope",
        sa.Column(
            "can_approve",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="A planner may approve plans there; leaders always may",
        ),
    )
    op.execute(
        "UPDATE account_scope SET can_approve = true"
        " WHERE grid_id IS NULL AND account_id IN (SELECT id FROM account WHERE role = 'planner')"
    )
    for function in REPLACED_FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP TRIGGER IF EXISTS check_scope ON account_scope")
    for change in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER IF EXISTS record_roster_{change} ON duty")
    op.execute("DROP POLICY IF EXISTS app_select ON audit")
    op.drop_column("account_scope", "can_approve")
    op.drop_constraint(op.f("fk_audit_community_id_subdistrict_id"), "audit")
    op.drop_column("audit", "community_id")
    op.drop_table("installation")


def _create_installation() -> None:
    op.create_table(
        "installation",
        sa.Column(
            "id",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Always true: there is one row",
        ),
        sa.Column(
            "time_zone",
            sa.String(80),
            server_default="Asia/Shanghai",
            nullable=False,
            comment="Time zone of the office, in which days begin",
        ),
        sa.Column("rehearsal_date", sa.Date(), comment="Date that replaces today, for a rehearsal"),
        sa.CheckConstraint("id", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        comment="Settings of the installation, in one row; the owner writes them, and functions read them",
    )
    op.execute("INSERT INTO installation DEFAULT VALUES")
