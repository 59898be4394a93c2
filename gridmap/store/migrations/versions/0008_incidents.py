"""Incidents."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _incident()
    _incident_indexes()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("incident")


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column(
            "number",
            sa.String(length=80),
            nullable=False,
            comment="Number people quote; of the source where it has one",
        ),
        sa.Column("category", sa.String(length=80), nullable=False, comment="Category, from the editable taxonomy"),
        sa.Column("title", sa.String(length=400), nullable=True, comment="What happened, in a line, without names"),
        sa.Column(
            "channel", sa.String(length=40), nullable=False, comment="How it came in: worker, hotline, walk-in, file"
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False, comment="When it happened"),
        sa.Column(
            "reported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was taken in",
        ),
        sa.Column("reported_by", sa.BigInteger(), nullable=True, comment="Who took it in; empty for a file"),
        sa.Column(
            "submission",
            sa.String(length=64),
            nullable=True,
            comment="Made of the form that was sent: the same one sent again is the same incident",
        ),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="突发事件"),
        sa.Column("status", sa.String(length=20), server_default="open", nullable=False, comment="open or closed"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="When it was closed 办结"),
        sa.Column("building_id", sa.BigInteger(), nullable=True, comment="Building it concerns"),
        sa.Column("cell_id", sa.BigInteger(), nullable=True, comment="Cell it happened on; empty outside every cell"),
        sa.Column(
            "geometry",
            Geometry("POINT", 4326, spatial_index=False),
            nullable=False,
            comment="Place; never shown to those not entitled to it (WGS 84)",
        ),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_incident_closed_has_time")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_incident_status_known")),
        sa.CheckConstraint("closed_at >= occurred_at", name=op.f("ck_incident_closed_after_it_happened")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_incident_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_incident_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["reported_by"], ["account.id"], name=op.f("fk_incident_reported_by")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_incident_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_incident_id_subdistrict_id")),
        sa.UniqueConstraint("subdistrict_id", "number", name=op.f("uq_incident_subdistrict_id_number")),
        sa.UniqueConstraint("reported_by", "submission", name=op.f("uq_incident_reported_by_submission")),
        comment="Incident 事件: what happened; its grid on any date follows from its cell",
    )


def _incident_indexes() -> None:
    op.create_index(op.f("ix_incident_building_id"), "incident", ["building_id"], unique=False)
    op.create_index(op.f("ix_incident_category"), "incident", ["category"], unique=False)
    op.create_index(op.f("ix_incident_cell_id"), "incident", ["cell_id"], unique=False)
    op.create_index("ix_incident_geometry", "incident", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_incident_subdistrict_id"), "incident", ["subdistrict_id"], unique=False)
    op.create_index(
        "ix_incident_subdistrict_id_occurred_at", "incident", ["subdistrict_id", "occurred_at"], unique=False
    )
