"""Codes of buildings are compared by their digest first, which makes the index of the constraint fast to write."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

NAME = "ex_building_subdistrict_id_code_valid"
DIGEST = "hashtextextended(code, subdistrict_id)"


def upgrade() -> None:
    """Make the change."""
    _replace_constraint(f"{DIGEST} WITH =, subdistrict_id WITH =, code WITH =, valid WITH &&")
    op.create_index("ix_building_code", "building", ["code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_building_code", "building")
    _replace_constraint("subdistrict_id WITH =, code WITH =, valid WITH &&")


def _replace_constraint(elements: str) -> None:
    op.execute(f"ALTER TABLE building DROP CONSTRAINT {NAME}")
    op.execute(f"ALTER TABLE building ADD CONSTRAINT {NAME} EXCLUDE USING gist ({elements})")
