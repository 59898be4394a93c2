"""Service groups, the residents in them, and published counts of their members."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

HAS_GROUNDS = (
    "NOT in_use OR (purpose IS NOT NULL AND btrim(purpose) <> ''"
    " AND (access_class <> 'sensitive' OR (legal_basis IS NOT NULL AND length(btrim(legal_basis)) >= 4)))"
)
TIME = sa.DateTime(timezone=True)
PLACE_AND_PERIOD = ("service_group_id", "first_day", "community_id", "grid_id")


def upgrade() -> None:
    """Make the change."""
    _create_groups()
    _create_members()
    _create_counts()


def _create_groups() -> None:
    op.create_table(
        "service_group",
        *_keys(),
        sa.Column("key", sa.String(40), nullable=False, comment="Key in the catalogue, or made of the English name"),
        sa.Column("name_zh", sa.String(80), nullable=False, comment="Name in Chinese"),
        sa.Column("name_en", sa.String(80), nullable=False, comment="Name in English"),
        sa.Column("access_class", sa.String(20), nullable=False, comment="personal or sensitive; it never changes"),
        sa.Column("purpose", sa.String(200), comment="Purpose of processing"),
        sa.Column("legal_basis", sa.String(200), comment="Legal basis; without one, a sensitive group is off"),
        sa.Column(
            "in_use",
            sa.Boolean,
            server_default=sa.text("false"),
            nullable=False,
            comment="Residents are recorded in it; otherwise members are unreadable",
        ),
        sa.Column(
            "version", sa.Integer, server_default=sa.text("1"), nullable=False, comment="Number of the latest change"
        ),
        sa.Column("source", sa.String(200), nullable=False, comment="Catalogue or office that it comes from"),
        sa.Column("changed_at", TIME, server_default=sa.func.now(), nullable=False, comment="When it was changed last"),
        sa.CheckConstraint("access_class IN ('personal', 'sensitive')", op.f("ck_service_group_access_class_known")),
        sa.CheckConstraint("key <> '' AND name_zh <> '' AND name_en <> ''", op.f("ck_service_group_has_names")),
        sa.CheckConstraint(HAS_GROUNDS, op.f("ck_service_group_used_with_grounds")),
        *_key_constraints("service_group"),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_service_group_id_subdistrict_id")),
        sa.UniqueConstraint("subdistrict_id", "key", name=op.f("uq_service_group_subdistrict_id_key")),
        comment="Service group 服务类别 of residents; off without purpose, and sensitive ones without legal basis",
    )
    op.create_index(op.f("ix_service_group_subdistrict_id"), "service_group", ["subdistrict_id"])


def _create_members() -> None:
    op.create_table(
        "service_group_member",
        *_keys(),
        sa.Column("resident_id", sa.BigInteger, nullable=False, comment="Resident"),
        sa.Column(
            "service_group_id", sa.BigInteger, nullable=False, comment="Service group; a trigger requires it in use"
        ),
        sa.Column("source", sa.String(400), nullable=False, comment="File or register it came from"),
        sa.Column(
            "valid",
            postgresql.DATERANGE,
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which the person belonged to the group",
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_service_group_member_valid_lasts")
        ),
        postgresql.ExcludeConstraint(
            ("resident_id", "="),
            ("service_group_id", "="),
            ("valid", "&&"),
            name="ex_service_group_member_resident_id_service_group_id_valid",
            using="gist",
        ),
        *_key_constraints("service_group_member", "resident", "service_group"),
        comment="Resident in a service group; readable while the group is in use, sensitive ones for stations",
    )
    for column in ("subdistrict_id", "resident_id", "service_group_id"):
        op.create_index(op.f(f"ix_service_group_member_{column}"), "service_group_member", [column])


def _create_counts() -> None:
    op.create_table(
        "published_group_count",
        *_keys(),
        sa.Column("service_group_id", sa.BigInteger, nullable=False, comment="Service group"),
        sa.Column(
            "first_day",
            sa.Date,
            nullable=False,
            comment="First day of the month; of the quarter for a sensitive group",
        ),
        sa.Column("community_id", sa.BigInteger, nullable=False, comment="Community"),
        sa.Column("grid_id", sa.BigInteger, comment="Grid; empty for the sum of grids with small counts"),
        sa.Column("members", sa.Integer, comment="Members; empty for a sum that is too small"),
        sa.Column("published_at", TIME, server_default=sa.func.now(), nullable=False, comment="When it was written"),
        sa.CheckConstraint("members = 0 OR members >= 5", name=op.f("ck_published_group_count_no_small_count")),
        *_key_constraints("published_group_count", "service_group", "community", "grid"),
        sa.UniqueConstraint(
            *PLACE_AND_PERIOD,
            name="uq_published_group_count_place_and_period",
            postgresql_nulls_not_distinct=True,
        ),
        comment="Members of a service group by grid: written once a month or quarter, never changed",
    )
    op.create_index(op.f("ix_published_group_count_subdistrict_id"), "published_group_count", ["subdistrict_id"])


def _keys() -> list[sa.Column[int]]:
    return [
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger,
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
    ]


def _key_constraints(table: str, *parents: str) -> list[sa.Constraint]:
    """Return the primary key, and references to the subdistrict and to rows of the same subdistrict."""
    links = [
        sa.ForeignKeyConstraint(
            [f"{parent}_id", "subdistrict_id"],
            [f"{parent}.id", f"{parent}.subdistrict_id"],
            name=op.f(f"fk_{table}_{parent}_id_subdistrict_id"),
        )
        for parent in parents
    ]
    of_subdistrict = sa.ForeignKeyConstraint(
        ["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{table}_subdistrict_id")
    )
    return [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")), of_subdistrict, *links]


def downgrade() -> None:
    """Take the change back: triggers first, then the functions that they call, and the tables."""
    op.execute("DROP TRIGGER IF EXISTS check_service_group_member ON service_group_member")
    op.execute("DROP TRIGGER IF EXISTS check_service_group_class ON service_group")
    for function in (
        "check_service_group_member()",
        "check_service_group_class()",
        "service_group_values(service_group)",
        "save_service_group(bigint, text, text[], boolean, integer)",
        "service_group_counts(bigint, date)",
        "publish_group_counts(bigint)",
        "pooled_group_counts(bigint, bigint, date, integer)",
        "exact_group_counts(bigint, date)",
    ):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    for table in ("published_group_count", "service_group_member", "service_group"):
        op.drop_table(table)
