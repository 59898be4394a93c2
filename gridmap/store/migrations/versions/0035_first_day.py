"""The first day: pictures, drafts traced on them, and buildings whose place is schematic."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SUBDISTRICT = "Subdistrict the row belongs to; decides who may see it"
DRAWN = "bigint, geometry, text, bigint[], geometry[], integer, inet"


def upgrade() -> None:
    """Make the change; the places of stored buildings came from files, and are not schematic."""
    op.add_column(
        "building",
        sa.Column(
            "schematic",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Place 位置示意: in order within the outline of its estate, not surveyed",
        ),
    )
    _picture()
    _tracing()


def downgrade() -> None:
    """Take the change back: policies of the first day go with their function."""
    op.execute("DROP FUNCTION IF EXISTS my_unbuilt_subdistricts() CASCADE")
    op.execute(f"DROP FUNCTION IF EXISTS draw_first_boundaries({DRAWN})")
    op.execute("DROP POLICY IF EXISTS reader_restore ON subdistrict")
    op.drop_table("tracing")
    op.drop_table("picture")
    op.drop_column("building", "schematic")


def _picture() -> None:
    op.create_table(
        "picture",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=SUBDISTRICT),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name of the file it came from"),
        sa.Column("width", sa.Integer(), nullable=False, comment="Pixels"),
        sa.Column("height", sa.Integer(), nullable=False, comment="Pixels"),
        sa.Column("content", sa.LargeBinary(), nullable=True, comment="WebP without metadata; NULL when removed"),
        sa.Column("points", JSONB(), nullable=False, comment="Control points: pixels with longitude and latitude"),
        sa.Column("method", sa.String(length=20), nullable=True, comment="similarity, affine, scale or file"),
        sa.Column("placement", JSONB(), nullable=True, comment="Six numbers from pixels to Web Mercator metres"),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=True, comment="Account that uploaded it"),
        sa.Column(
            "uploaded_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When it was uploaded",
        ),
        sa.CheckConstraint("method IN ('similarity', 'affine', 'scale', 'file')", name=op.f("ck_picture_method_known")),
        sa.CheckConstraint("(method IS NULL) = (placement IS NULL)", name=op.f("ck_picture_placed_by_a_method")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_picture_size_positive")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_picture_subdistrict_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_picture_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        comment="Picture 底图 that planners trace on: a slide, a scan or an aerial image; re-encoded by gridmap",
    )
    op.create_index("ix_picture_subdistrict_id", "picture", ["subdistrict_id"])


def _tracing() -> None:
    op.create_table(
        "tracing",
        sa.Column("subdistrict_id", sa.BigInteger(), autoincrement=False, nullable=False, comment=SUBDISTRICT),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="Counts the saves; a save names the one it began from"
        ),
        sa.Column("content", JSONB(), nullable=False, comment="Shapes in degrees, and buildings of the list"),
        sa.Column("saved_by", sa.BigInteger(), nullable=True, comment="Account that saved it last"),
        sa.Column(
            "saved_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When it was saved last",
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_tracing_version_positive")),
        sa.ForeignKeyConstraint(["saved_by"], ["account.id"], name=op.f("fk_tracing_saved_by")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_tracing_subdistrict_id")),
        sa.PrimaryKeyConstraint("subdistrict_id", name=op.f("pk_tracing")),
        comment="Draft of a subdistrict's first day: traced shapes and the list of buildings, one a subdistrict",
    )
