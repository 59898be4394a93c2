"""Query codes of cases, by which residents read the state of a case without an account."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0053"
branch_labels = None
depends_on = None

FUNCTIONS = ("get_case_query_code", "lock_case_queries", "public_case")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the change."""
    _create_codes()
    _create_throttle()


def downgrade() -> None:
    """Take the change back; receipts that were given open nothing any more."""
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {name} CASCADE")
    op.drop_table("case_query_throttle")
    op.drop_table("case_query_code")


def _create_codes() -> None:
    name = "case_query_code"
    op.create_table(
        name,
        sa.Column("incident_id", sa.BigInteger, nullable=False, comment="Incident of the case"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger,
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("code", sa.String(8), nullable=False, comment="Eight random digits, told with the receipt"),
        sa.Column(
            "created_at", TIME, server_default=sa.func.now(), nullable=False, comment="When it was first asked for"
        ),
        sa.ForeignKeyConstraint(
            ["incident_id", "subdistrict_id"],
            ["incident.id", "incident.subdistrict_id"],
            name=op.f(f"fk_{name}_incident_id_subdistrict_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{name}_subdistrict_id")),
        sa.CheckConstraint(r"code ~ '^\d{8}$'", name=op.f(f"ck_{name}_code_has_8_digits")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f(f"pk_{name}")),
        comment="Query code of a case: with its number, a resident reads the state without an account",
    )
    op.create_index(op.f(f"ix_{name}_subdistrict_id"), name, ["subdistrict_id"])


def _create_throttle() -> None:
    name = "case_query_throttle"
    op.create_table(
        name,
        sa.Column("fingerprint", sa.LargeBinary, nullable=False, comment="SHA-256 of the number, or of the IP address"),
        sa.Column("failures", sa.BigInteger, nullable=False, comment="Failed queries since the count began"),
        sa.Column(
            "counted_from", TIME, nullable=False, comment="When the count began; the row is deleted an hour later"
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f(f"pk_{name}")),
        comment="Failed queries of cases within an hour: by number, or by IP address",
    )
    op.create_index("ix_case_query_throttle_counted_from", name, ["counted_from"])
