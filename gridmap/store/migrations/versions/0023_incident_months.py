"""Ordinary incidents packed by month for counting, and indexes for those that are not."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SUBDISTRICT = "Subdistrict the row belongs to; decides who may see it"
PACKED_COLUMNS = {
    "category_codes": "Position in the categories, from 1: 2 bytes each",
    "days": "Day of the month: 2 bytes each",
    "closed_days": "Day of closing, from 1970-01-01, or 2^31 - 1: 4 bytes each",
    "cell_ids": "Cell, or 0: 8 bytes each",
    "near_counts": "Number of near cells: 2 bytes each",
    "near_cell_ids": "Near cells of one incident after another: 8 bytes each",
    "street_ids": "Nearest street, or 0: 8 bytes each",
    "positions": "Longitude and latitude (WGS 84): 16 bytes each",
}
NOTE_STORED_MONTHS = """
    INSERT INTO incident_month_change (subdistrict_id, month)
    SELECT DISTINCT subdistrict_id, date_trunc('month', occurred_at AT TIME ZONE
        coalesce((SELECT time_zone FROM installation), 'UTC'))::date
    FROM incident WHERE access_class = 'ordinary'
"""


def upgrade() -> None:
    """Make the change, and note the months of stored incidents; the upgrade packs them."""
    _incident_month()
    _incident_month_change()
    op.create_index(
        "ix_incident_restricted_subdistrict_id_occurred_at",
        "incident",
        ["subdistrict_id", "occurred_at"],
        postgresql_where=sa.text("access_class <> 'ordinary'"),
    )
    op.create_index("ix_incident_subdistrict_id_category", "incident", ["subdistrict_id", "category"])
    op.drop_index("ix_incident_category", "incident")
    op.execute(NOTE_STORED_MONTHS)


def downgrade() -> None:
    """Take the change back; functions go first, as they depend on the tables."""
    for event in ("insert", "update", "delete", "truncate"):
        op.execute(f"DROP TRIGGER IF EXISTS note_changed_months_{event} ON incident")
    for function in (
        "note_changed_months()",
        "pack_incident_months(bigint, integer)",
        "packed_incident_month(bigint, date)",
    ):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.create_index("ix_incident_category", "incident", ["category"])
    op.drop_index("ix_incident_subdistrict_id_category", "incident")
    op.drop_index("ix_incident_restricted_subdistrict_id_occurred_at", "incident")
    op.drop_table("incident_month_change")
    op.drop_table("incident_month")


def _incident_month() -> None:
    name = "incident_month"
    op.create_table(
        name,
        sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=SUBDISTRICT),
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the month"),
        sa.Column("time_zone", sa.String(length=80), nullable=False, comment="Time zone in which days begin"),
        sa.Column(
            "packed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was packed",
        ),
        sa.Column(
            "categories",
            postgresql.ARRAY(sa.String(length=80)),
            nullable=False,
            comment="Categories of the incidents, sorted",
        ),
        *(sa.Column(each, sa.LargeBinary(), nullable=False, comment=text) for each, text in PACKED_COLUMNS.items()),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{name}_subdistrict_id")),
        sa.PrimaryKeyConstraint("subdistrict_id", "month", name=op.f(f"pk_{name}")),
        comment="Ordinary incidents of a month, packed for counting: a copy of their rows; functions write it",
    )
    for column in PACKED_COLUMNS:  # numbers compress little, and unpacking takes longer than reading
        op.execute(f"ALTER TABLE {name} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def _incident_month_change() -> None:
    name = "incident_month_change"
    op.create_table(
        name,
        sa.Column(
            "id",
            postgresql.UUID(as_uuid=True),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Random, so that no gap tells of other subdistricts",
        ),
        sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=SUBDISTRICT),
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the month"),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{name}_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        comment="Month with a change of ordinary incidents since it was packed; triggers write it",
    )
    op.create_index(op.f(f"ix_{name}_subdistrict_id"), name, ["subdistrict_id"])
