"""Exports of persons: requests, decisions by a second person, one download."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

FIELDS = "cardinality(fields) > 0 AND fields <@ ARRAY['name', 'phone', 'id_number', 'residence']::text[]"
GROUNDS = "length(btrim(purpose)) >= 4 AND length(btrim(legal_basis)) >= 4"
DECIDED = (
    "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (approved IS NULL)"
    " AND (expires_at IS NOT NULL) = coalesce(approved, false)"
)
CHECKS = {
    "fields_known": FIELDS,
    "grounds_given": GROUNDS,
    "decided_whole": DECIDED,
    "second_person": "decided_by <> requested_by",
    "refusal_says_why": "coalesce(approved, true) OR length(btrim(decision_reason)) >= 4",
    "approved_before_download": "downloaded_at IS NULL OR approved",
}


def upgrade() -> None:
    """Make the change."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "person_export",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger,
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger, nullable=False, comment="Community whose residents it is about"),
        sa.Column("requested_by", sa.BigInteger, nullable=False, comment="Worker or station that asks for it"),
        sa.Column("requested_at", time, nullable=False, server_default=sa.func.now(), comment="When it was asked for"),
        sa.Column("purpose", sa.String(200), nullable=False, comment="What the file is for"),
        sa.Column("legal_basis", sa.String(200), nullable=False, comment="Legal basis of the processing"),
        sa.Column(
            "fields",
            postgresql.ARRAY(sa.Text),
            nullable=False,
            comment="Masked values: name, phone, id_number, residence",
        ),
        sa.Column("decided_by", sa.BigInteger, comment="Administrator who decided; never the one who asks"),
        sa.Column("decided_at", time, comment="When it was decided"),
        sa.Column("approved", sa.Boolean, comment="Whether it was approved; empty while it waits"),
        sa.Column("decision_reason", sa.String(500), comment="Why it was refused, or a remark"),
        sa.Column("expires_at", time, comment="Until when an approved one can be downloaded"),
        sa.Column("downloaded_at", time, comment="When it was downloaded, once"),
        sa.Column("residents", sa.Integer, comment="Residents in the file"),
        *(sa.CheckConstraint(condition, op.f(f"ck_person_export_{name}")) for name, condition in CHECKS.items()),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_person_export_subdistrict_id")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_person_export_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["requested_by"], ["account.id"], name=op.f("fk_person_export_requested_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_person_export_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_export")),
        comment="Export of masked data of persons: requested by one account, decided by another, downloaded once",
    )
    for column in ("subdistrict_id", "community_id", "requested_by"):
        op.create_index(op.f(f"ix_person_export_{column}"), "person_export", [column])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("person_export")
