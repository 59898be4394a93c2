"""Fingerprints of the secrets that belong to the database, by which a host with others is refused."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "installation_secret",
        sa.Column("name", sa.String(40), nullable=False, comment="Name of the secret, as of its file"),
        sa.Column("salt", sa.LargeBinary(), nullable=False, comment="Random; no two fingerprints are alike"),
        sa.Column(
            "fingerprint",
            sa.LargeBinary(),
            nullable=False,
            comment="PBKDF2 of the secret: it recognises the secret and does not disclose it",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Time of the record",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation_secret")),
        comment="Fingerprints of the secrets that belong to this database; the owner writes them at an upgrade",
    )


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP FUNCTION IF EXISTS installation_secrets()")
    op.drop_table("installation_secret")
