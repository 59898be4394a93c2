"""Published counts of closed periods, and changes of the class of a category by two administrators."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "publish_closed_counts(bigint)",
    "pooled_incident_counts(bigint, text, date, date, text)",
    "save_incident_category(bigint, text, text[])",
    "propose_category_class(bigint, text, text[])",
    "decide_category_class(bigint, boolean)",
)


def upgrade() -> None:
    """Make the change."""
    _published_count()
    _category_class_change()
    columns = ["subdistrict_id", "access_class", "reported_at"]  # of the first incident, and of those of a period
    op.create_index("ix_incident_class_and_entry", "incident", columns)


def downgrade() -> None:
    """Take the change back; policies and functions go first, as they depend on the tables."""
    for table in ("published_count", "category_class_change"):
        op.execute(f"DROP POLICY IF EXISTS app_select ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_index("ix_incident_class_and_entry", "incident")
    op.drop_table("category_class_change")
    op.drop_table("published_count")


def _shared_columns() -> list[sa.Column[int]]:
    subdistrict = "Subdistrict the row belongs to; decides who may see it"
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=subdistrict),
    ]


def _time_column(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment=comment)


def _shared_constraints(table: str) -> list[sa.Constraint]:
    link = op.f(f"fk_{table}_subdistrict_id")
    return [
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=link),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _published_count() -> None:
    name = "published_count"
    places = [
        sa.ForeignKeyConstraint(
            [f"{place}_id", "subdistrict_id"],
            [f"{place}.id", f"{place}.subdistrict_id"],
            name=op.f(f"fk_{name}_{place}_id_subdistrict_id"),
        )
        for place in ("community", "grid")
    ]
    checks = {
        "access_class_known": "access_class IN ('personal', 'sensitive')",
        "no_small_count": "incidents = 0 OR incidents >= 5",
        "period_lasts": "first_day <= last_day",
        "grid_has_community": "grid_id IS NULL OR community_id IS NOT NULL",
    }
    op.create_table(
        name,
        *_shared_columns(),
        sa.Column(
            "access_class", sa.String(length=20), nullable=False, comment="personal, by month, or sensitive, by quarter"
        ),
        sa.Column("first_day", sa.Date(), nullable=False, comment="First day of the period"),
        sa.Column(
            "last_day", sa.Date(), nullable=False, comment="Last day of the period; the grids are those in force on it"
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=True, comment="Community; empty for places in none"),
        sa.Column(
            "grid_id",
            sa.BigInteger(),
            nullable=True,
            comment="Grid; empty for the sum of the other places of the community",
        ),
        sa.Column("incidents", sa.Integer(), nullable=True, comment="Incidents entered; empty for one to four"),
        _time_column("published_at", "When it was written"),
        *(sa.CheckConstraint(check, name=op.f(f"ck_{name}_{each}")) for each, check in checks.items()),
        *places,
        *_shared_constraints(name),
        sa.UniqueConstraint(
            "subdistrict_id",
            "access_class",
            "first_day",
            "community_id",
            "grid_id",
            name="uq_published_count_place_and_period",
            postgresql_nulls_not_distinct=True,
        ),
        comment="Published count 定期公布数 of incidents entered in a closed period: written once, never changed",
    )
    op.create_index(op.f(f"ix_{name}_subdistrict_id"), name, ["subdistrict_id"])


def _category_class_change() -> None:
    name = "category_class_change"
    checks = {
        "access_class_known": "access_class IN ('ordinary', 'personal', 'sensitive')",
        "decided_by_another": "decided_by <> proposed_by",
        "decided_by_somebody": "(decided_at IS NULL) = (decided_by IS NULL)",
        "decided_somehow": "(decided_at IS NULL) = (confirmed IS NULL)",
    }
    op.create_table(
        name,
        *_shared_columns(),
        sa.Column("category", sa.String(length=80), nullable=False, comment="Key of the category"),
        sa.Column(
            "access_class", sa.String(length=20), nullable=False, comment="Class of new incidents from the decision on"
        ),
        sa.Column("purpose", sa.String(length=200), nullable=True, comment="Purpose of processing from then on"),
        sa.Column("legal_basis", sa.String(length=200), nullable=True, comment="Legal basis from then on"),
        sa.Column("reason", sa.String(length=400), nullable=False, comment="Reason of the proposal"),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False, comment="Admin who proposed it"),
        _time_column("proposed_at", "When it was proposed"),
        sa.Column("decided_by", sa.BigInteger(), nullable=True, comment="Admin who decided it"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True, comment="When it was decided"),
        sa.Column("confirmed", sa.Boolean(), nullable=True, comment="Whether it was confirmed; empty while undecided"),
        *(sa.CheckConstraint(check, name=op.f(f"ck_{name}_{each}")) for each, check in checks.items()),
        sa.ForeignKeyConstraint(
            ["subdistrict_id", "category"],
            ["incident_category.subdistrict_id", "incident_category.key"],
            name=op.f(f"fk_{name}_subdistrict_id_category"),
        ),
        *(
            sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_{name}_{column}"))
            for column in ("proposed_by", "decided_by")
        ),
        *_shared_constraints(name),
        comment="Change of the class of a category: proposed by one administrator, decided by another one",
    )
    op.create_index(op.f(f"ix_{name}_subdistrict_id"), name, ["subdistrict_id"])
