"""Drafts of imports: sheets that were uploaded and are not imported yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

NAME = "import_draft"
LINKS = {
    "subdistrict_id": ("subdistrict", None),
    "account_id": ("account", None),
    "upload_id": ("stored_file", "SET NULL"),
    "preview_id": ("stored_file", "SET NULL"),
    "marked_id": ("stored_file", "SET NULL"),
    "job_id": ("job", "SET NULL"),
    "import_run_id": ("import_run", None),
}
"""Tables that the columns refer to, and what becomes of the column when the row is deleted."""
KEYS = {
    "subdistrict_id": ("Subdistrict the row belongs to; decides who may see it", False),
    "account_id": ("Account that has uploaded it; nobody else reads it", False),
    "upload_id": ("The file, until it is imported", True),
    "preview_id": ("Effect of the import, written by the job that read the file", True),
    "marked_id": ("The sheet with the reason in each faulty row", True),
    "job_id": ("Latest job that works on it", True),
    "import_run_id": ("Import that was made of it", True),
}


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        NAME,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        *(sa.Column(name, sa.BigInteger(), nullable=empty, comment=text) for name, (text, empty) in KEYS.items()),
        *_columns(),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{NAME}_{column}"), ondelete=ondelete)
            for column, (table, ondelete) in LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("account_id", "request_key", name=op.f(f"uq_{NAME}_account_id_request_key")),
        sa.CheckConstraint("version >= 1", name=op.f(f"ck_{NAME}_version_in_range")),
        sa.CheckConstraint("expires_at > created_at", name=op.f(f"ck_{NAME}_expires_later")),
        comment="Sheet that an account has uploaded, with what was recognised and decided; deleted after 7 days",
    )
    for column in ("subdistrict_id", "expires_at"):
        op.create_index(op.f(f"ix_{NAME}_{column}"), NAME, [column])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table(NAME)


def _columns() -> list[sa.Column[object]]:
    time = sa.DateTime(timezone=True)
    return [
        _text("kind", 40, "Kind of sheets"),
        _text("source", 400, "Register or office"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day that the sheet describes"),
        _text("file_name", 200, "Name of the file"),
        _json("headers", "Headers chosen for fields"),
        _text("sheet", 200, "Sheet of the workbook, where chosen", nullable=True),
        _text("encoding", 40, "Encoding of the texts, where chosen", nullable=True),
        _json("decisions", "Rows by their key whose contradictions are decided: take or keep"),
        _text("fingerprint", 64, "Hash of the differences that were shown", nullable=True),
        sa.Column(
            "version",
            sa.BigInteger(),
            server_default="1",
            nullable=False,
            comment="Grows by each change of the draft",
        ),
        _text("request_key", 64, "Random key of the form: it is sent once"),
        sa.Column("created_at", time, server_default=sa.text("now()"), nullable=False, comment="When it was uploaded"),
        sa.Column("expires_at", time, nullable=False, comment="When it is deleted"),
    ]


def _text(name: str, length: int, comment: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), nullable=nullable, comment=comment)


def _json(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), server_default="{}", nullable=False, comment=comment)
