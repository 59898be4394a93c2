"""Service lines of a subdistrict, lines that leaders have, and purposes of looking at their incidents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SERVICE_LINES = (
    ("party", "党的建设", "Party building"),
    ("population", "实有人口", "Population"),
    ("order", "综治维稳", "Public order"),
    ("family", "信用计生", "Credit and family planning"),
    ("security", "社会保障", "Social security"),
    ("care", "关爱群体", "Care for people in need"),
    ("special", "特殊人群", "Special groups"),
    ("events", "品牌活动", "Community events"),
    ("societies", "群团组织", "Mass organisations"),
    ("property", "物业管理", "Property management"),
)
"""Lines that categories could have so far; an administrator changes them from now on."""
FUNCTIONS = (
    "my_line_categories",
    "my_line_viewing",
    "my_lines",
    "lines_of",
    "count_line_incidents",
    "open_line_viewing",
    "end_line_viewing",
    "record_line_view",
    "open_line_incident",
    "grant_line",
    "end_line",
    "save_service_line",
)
"""Functions that a downgrade drops; each name has one signature."""
GROUNDS = (
    "sensitive_categories = '{}' OR legal_basis IS NOT NULL AND length(btrim(legal_basis)) >= 4"
    " AND NOT upper_inf(valid) AND upper(valid) - lower(valid) <= 366"
)


def upgrade() -> None:
    """Make the change."""
    _service_line()
    _fill_lines()
    _line_of_category()
    _account_scope_line()
    _line_viewing()


def downgrade() -> None:
    """Take the change back; policies and functions go first, as they depend on the tables."""
    for table in ("incident", "service_line", "account_scope_line"):
        op.execute(f"DROP POLICY IF EXISTS app_select ON {table}")
    op.execute("DROP POLICY IF EXISTS app_update ON incident")
    op.execute("DROP TRIGGER IF EXISTS check_line_grant ON account_scope_line")
    for function in (*FUNCTIONS, "check_line_grant"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_table("line_viewing")
    op.drop_table("account_scope_line")
    op.drop_constraint(op.f("uq_account_scope_id_subdistrict_id"), "account_scope")
    op.drop_constraint(op.f("fk_incident_category_subdistrict_id_line_of_work"), "incident_category")
    op.alter_column("incident_category", "line_of_work", comment="Service line that deals with it")
    op.drop_table("service_line")


def _shared_columns() -> list[sa.Column[int]]:
    subdistrict = "Subdistrict the row belongs to; decides who may see it"
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("subdistrict_id", sa.BigInteger(), nullable=False, comment=subdistrict),
    ]


def _shared_constraints(table: str) -> list[sa.Constraint]:
    link = op.f(f"fk_{table}_subdistrict_id")
    return [
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=link),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _time_column(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment=comment)


def _service_line() -> None:
    name = "service_line"
    op.create_table(
        name,
        *_shared_columns(),
        sa.Column("key", sa.String(length=40), nullable=False, comment="Key that categories refer to"),
        sa.Column("name_zh", sa.String(length=80), nullable=False, comment="Name in Chinese"),
        sa.Column("name_en", sa.String(length=80), nullable=False, comment="Name in English"),
        _time_column("added_at", "When it was added"),
        sa.CheckConstraint("key <> '' AND name_zh <> '' AND name_en <> ''", name=op.f(f"ck_{name}_has_names")),
        *_shared_constraints(name),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f(f"uq_{name}_id_subdistrict_id")),
        sa.UniqueConstraint("subdistrict_id", "key", name=op.f(f"uq_{name}_subdistrict_id_key")),
        comment="Service line 条线 that deals with incidents of some categories; functions write it",
    )
    op.create_index(op.f(f"ix_{name}_subdistrict_id"), name, ["subdistrict_id"])


def _fill_lines() -> None:
    """Give every subdistrict the lines that categories could have, and those that its categories do have."""
    lines = sa.values(*(sa.column(each, sa.Text) for each in ("key", "zh", "en")), name="lines")
    known = lines.data(list(SERVICE_LINES)).alias("lines")
    subdistrict = sa.table("subdistrict", sa.column("id"))
    rows = sa.select(subdistrict.c.id, known.c.key, known.c.zh, known.c.en).select_from(
        subdistrict.join(known, sa.true())
    )
    table = sa.table("service_line", *map(sa.column, ("subdistrict_id", "key", "name_zh", "name_en")))
    op.execute(sa.insert(table).from_select(["subdistrict_id", "key", "name_zh", "name_en"], rows))
    op.execute(
        "INSERT INTO service_line (subdistrict_id, key, name_zh, name_en)"
        " SELECT DISTINCT subdistrict_id, line_of_work, line_of_work, line_of_work FROM incident_category"
        " WHERE line_of_work <> '' ON CONFLICT DO NOTHING"
    )


def _line_of_category() -> None:
    op.execute("UPDATE incident_category SET line_of_work = NULL WHERE line_of_work = ''")
    op.create_foreign_key(
        op.f("fk_incident_category_subdistrict_id_line_of_work"),
        "incident_category",
        "service_line",
        ["subdistrict_id", "line_of_work"],
        ["subdistrict_id", "key"],
    )
    op.alter_column("incident_category", "line_of_work", comment="Key of the service line that deals with it")


def _account_scope_line() -> None:
    op.create_unique_constraint(op.f("uq_account_scope_id_subdistrict_id"), "account_scope", ["id", "subdistrict_id"])
    name = "account_scope_line"
    lasts = "NOT isempty(valid) AND NOT lower_inf(valid)"
    op.create_table(
        name,
        *_shared_columns(),
        sa.Column("account_scope_id", sa.BigInteger(), nullable=False, comment="Scope of the leader that it holds in"),
        sa.Column("service_line_id", sa.BigInteger(), nullable=False, comment="Service line"),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it holds; a year at most where a category is sensitive",
        ),
        sa.Column(
            "legal_basis",
            sa.String(length=200),
            nullable=True,
            comment="Legal basis; needed where a category is sensitive",
        ),
        sa.Column(
            "sensitive_categories",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Sensitive categories of the line when it was given; it covers no others",
        ),
        sa.Column(
            "granted_by",
            sa.BigInteger(),
            nullable=True,
            comment="Admin who gave it; empty for the owner's commands",
        ),
        _time_column("granted_at", "When it was given"),
        sa.CheckConstraint(GROUNDS, name=op.f(f"ck_{name}_sensitive_has_grounds")),
        sa.CheckConstraint(lasts, name=op.f(f"ck_{name}_valid_lasts")),
        *_links_of_grant(name),
        *_shared_constraints(name),
        comment="Service line that a leader has within a scope: sees its incidents there live, for a purpose",
    )
    for column in ("subdistrict_id", "account_scope_id", "service_line_id"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _links_of_grant(name: str) -> list[sa.Constraint]:
    links = [
        sa.ForeignKeyConstraint(
            [f"{table}_id", "subdistrict_id"],
            [f"{table}.id", f"{table}.subdistrict_id"],
            name=op.f(f"fk_{name}_{table}_id_subdistrict_id"),
            ondelete="CASCADE" if table == "account_scope" else None,
        )
        for table in ("account_scope", "service_line")
    ]
    return [
        *links,
        sa.ForeignKeyConstraint(["granted_by"], ["account.id"], name=op.f(f"fk_{name}_granted_by")),
        postgresql.ExcludeConstraint(
            (sa.column("account_scope_id"), "="),
            (sa.column("service_line_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name=f"ex_{name}_account_scope_id_service_line_id_valid",
        ),
    ]


def _line_viewing() -> None:
    name = "line_viewing"
    purposes = "purpose IN ('analysis', 'coordination', 'supervision', 'matter')"
    numbered = "purpose <> 'matter' OR matter_number IS NOT NULL"
    op.create_table(
        name,
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="Session; with it the purpose ends"),
        sa.Column("purpose", sa.String(length=20), nullable=False, comment="Purpose, of a fixed list"),
        sa.Column("matter_number", sa.String(length=80), nullable=True, comment="Number of the matter 办理事项"),
        _time_column("opened_at", "When it was chosen; it ends 8 hours later"),
        sa.CheckConstraint(purposes, name=op.f(f"ck_{name}_purpose_known")),
        sa.CheckConstraint(numbered, name=op.f(f"ck_{name}_matter_has_number")),
        sa.ForeignKeyConstraint(
            ["token_hash"], ["web_session.token_hash"], name=op.f(f"fk_{name}_token_hash"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f(f"pk_{name}")),
        comment="Purpose for which a session sees incidents of service lines, for 8 hours; without one, none",
    )
