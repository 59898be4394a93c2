"""Categories of incidents with access classes, and keys of incidents by class."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SERVICE_LINES = (
    ("party", "党的建设", "Party building", "ordinary", None),
    ("population", "实有人口", "Population", "personal", "人口信息登记和服务"),
    ("order", "综治维稳", "Public order", "personal", "治安防范和矛盾调解"),
    ("family", "信用计生", "Credit and family planning", "sensitive", "生育和信用信息服务"),
    ("security", "社会保障", "Social security", "personal", "代办社会保障事项"),
    ("care", "关爱群体", "Care for people in need", "sensitive", "困难群体帮扶"),
    ("special", "特殊人群", "Special groups", "sensitive", "帮扶走访"),
    ("events", "品牌活动", "Community events", "ordinary", None),
    ("societies", "群团组织", "Mass organisations", "ordinary", None),
    ("property", "物业管理", "Property management", "ordinary", None),
)
"""Categories of former versions: the service lines, with the class of what they deal with."""
FUNCTIONS = (
    "next_incident_number(bigint, text)",
    "my_reports()",
    "find_my_report(text, text)",
    "buildings_of_incidents(bigint[])",
)
"""Functions that a downgrade drops."""
CLASSES = ("ordinary", "personal", "sensitive")


def upgrade() -> None:
    """Make the change."""
    op.execute("DROP FUNCTION IF EXISTS next_incident_number(bigint)")
    _incident_category()
    _fill_categories()
    _access_class()
    _keys_by_class()


def downgrade() -> None:
    """Take the change back; policies and functions go first, as they depend on the tables."""
    for table in ("incident", "incident_category"):
        op.execute(f"DROP POLICY IF EXISTS app_select ON {table}")
    op.execute("DROP POLICY IF EXISTS app_update ON incident")
    op.execute("DROP TRIGGER IF EXISTS set_incident_class ON incident")
    for function in ("set_incident_class()", *FUNCTIONS):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    for access_class in CLASSES:
        op.execute(f"DROP SEQUENCE incident_{access_class}_id_seq")
    op.execute("SELECT setval(pg_get_serial_sequence('incident', 'id'), max(id)) FROM incident")
    op.drop_constraint(op.f("fk_incident_subdistrict_id_category"), "incident")
    op.drop_column("incident", "access_class")
    op.drop_table("incident_category")
    op.alter_column("incident", "category", comment="Category, from the editable taxonomy")


def _incident_category() -> None:
    texts = (
        ("key", 80, False, "Key that incidents refer to"),
        ("main_category", 80, False, "Key of the main category 大类 in the catalogue"),
        ("name_zh", 80, False, "Name in Chinese"),
        ("name_en", 80, False, "Name in English"),
        ("access_class", 20, False, "Class of new incidents: who may see them"),
        ("purpose", 200, True, "Purpose of processing; empty for things and places"),
        ("legal_basis", 200, True, "Legal basis; without one, sensitive incidents cannot be reported"),
        ("line_of_work", 40, True, "Service line that deals with it"),
        ("standard_code", 20, True, "Code of GB/T 30428.2 部件 or 事件"),
        ("source", 200, False, "Catalogue, file or office that it comes from"),
    )
    known = "access_class IN ('ordinary', 'personal', 'sensitive')"
    named = "key <> '' AND name_zh <> '' AND name_en <> ''"
    op.create_table(
        "incident_category",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        *(
            sa.Column(name, sa.String(length=length), nullable=nullable, comment=comment)
            for name, length, nullable, comment in texts
        ),
        sa.Column(
            "added_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was added",
        ),
        sa.CheckConstraint(known, name=op.f("ck_incident_category_access_class_known")),
        sa.CheckConstraint(named, name=op.f("ck_incident_category_has_names")),
        sa.ForeignKeyConstraint(
            ["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_incident_category_subdistrict_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_category")),
        sa.UniqueConstraint("subdistrict_id", "key", name=op.f("uq_incident_category_subdistrict_id_key")),
        comment="Category 小类 of incidents that a subdistrict uses; functions write it",
    )
    op.create_index(op.f("ix_incident_category_subdistrict_id"), "incident_category", ["subdistrict_id"])


def _fill_categories() -> None:
    """Add the categories of stored incidents; a category that is no service line is personal."""
    lines = sa.values(*(sa.column(name, sa.Text) for name in ("key", "zh", "en", "class", "purpose")), name="lines")
    known = lines.data(list(SERVICE_LINES)).alias("lines")
    incident = sa.table("incident", sa.column("subdistrict_id"), sa.column("category"))
    used = sa.select(incident.c.subdistrict_id, incident.c.category).distinct().subquery()
    columns = [known.c[name] for name in ("zh", "en", "class")]
    zh, en, access_class = columns
    rows = (
        sa.select(
            used.c.subdistrict_id,
            used.c.category,
            sa.literal("former"),
            sa.func.coalesce(zh, used.c.category),
            sa.func.coalesce(en, used.c.category),
            sa.func.coalesce(access_class, "personal"),
            known.c.purpose,
            sa.case((known.c.purpose.isnot(None), "《个人信息保护法》第十三条第一款第三项")),
            known.c.key,
            sa.literal("category of a former version"),
        )
        .select_from(used)
        .outerjoin(known, known.c.key == used.c.category)
        .where(used.c.category != "")
    )
    names = "subdistrict_id key main_category name_zh name_en access_class purpose legal_basis line_of_work source"
    table = sa.table("incident_category", *(sa.column(name) for name in names.split()))
    op.execute(sa.insert(table).from_select(names.split(), rows))


def _access_class() -> None:
    comment = "Class of the category when it was entered; never changes"
    op.add_column("incident", sa.Column("access_class", sa.String(length=20), nullable=True, comment=comment))
    op.execute(
        "UPDATE incident i SET access_class = c.access_class FROM incident_category c"
        " WHERE c.subdistrict_id = i.subdistrict_id AND c.key = i.category"
    )
    op.alter_column("incident", "access_class", nullable=False)
    known = "access_class IN ('ordinary', 'personal', 'sensitive')"
    op.create_check_constraint(op.f("ck_incident_access_class_known"), "incident", known)
    op.create_foreign_key(
        op.f("fk_incident_subdistrict_id_category"),
        "incident",
        "incident_category",
        ["subdistrict_id", "category"],
        ["subdistrict_id", "key"],
    )
    op.alter_column("incident", "category", comment="Category of the subdistrict")


def _keys_by_class() -> None:
    """Number the incidents of each class by themselves: gaps between keys would tell how many others there are."""
    for position, access_class in enumerate(CLASSES):
        name = f"incident_{access_class}_id_seq"
        op.execute(f"CREATE SEQUENCE {name} INCREMENT {len(CLASSES)} OWNED BY incident.id")
        op.execute(f"SELECT setval('{name}', 3 * (coalesce(max(id), 0) / 3 + 1) + {position}, false) FROM incident")
