"""The first schema."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("name", sa.String(length=80), nullable=False, comment="Name to sign in with, lower case"),
        sa.Column("display_name", sa.String(length=100), nullable=False, comment="Name shown on pages"),
        sa.Column("role", sa.String(length=20), nullable=False, comment="planner, worker, leader, station or admin"),
        sa.Column("language", sa.String(length=10), nullable=True, comment="Language chosen"),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="May sign in"),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was made",
        ),
        sa.CheckConstraint("name = lower(name) AND name <> ''", name=op.f("ck_account_name_lower_case")),
        sa.CheckConstraint(
            "role IN ('planner', 'worker', 'leader', 'station', 'admin')", name=op.f("ck_account_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        comment="Account of one person, with one role",
    )
    op.create_table(
        "subdistrict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column("code", sa.String(length=40), nullable=False, comment="Statistical code (9 digits) or own code"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name as people write it"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Outline; of its communities where nobody gave one (WGS 84)",
        ),
        sa.Column(
            "supervision_phone", sa.String(length=40), nullable=True, comment="Office phone for complaints, public"
        ),
        sa.Column("source", sa.String(length=400), nullable=False, comment="File or office the outline came from"),
        sa.CheckConstraint("code <> ''", name=op.f("ck_subdistrict_code_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subdistrict")),
        sa.UniqueConstraint("code", name=op.f("uq_subdistrict_code")),
        comment="Subdistrict 街道: the office above the communities",
    )
    op.create_index("ix_subdistrict_geometry", "subdistrict", ["geometry"], unique=False, postgresql_using="gist")
    op.create_table(
        "data_version",
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column(
            "version",
            sa.UUID(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Another one after every change; random, so that no state before a restore is taken for one after it",
        ),
        sa.ForeignKeyConstraint(
            ["subdistrict_id"],
            ["subdistrict.id"],
            name=op.f("fk_data_version_subdistrict_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subdistrict_id", name=op.f("pk_data_version")),
        comment="The state of what is drawn of a subdistrict; triggers write it",
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id", sa.BigInteger(), nullable=True, comment="Subdistrict concerned; empty before sign-in"
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment="Who; empty before sign-in"),
        sa.Column(
            "action",
            sa.String(length=40),
            nullable=False,
            comment="What was done, for example reveal or sign_in_failed",
        ),
        sa.Column("subject", sa.String(length=40), nullable=True, comment="Table of what it was done to"),
        sa.Column("subject_id", sa.BigInteger(), nullable=True, comment="Row of what it was done to"),
        sa.Column("reason", sa.String(length=400), nullable=True, comment="Reason the person gave"),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="What else is needed; never personal data",
        ),
        sa.Column("address", postgresql.INET(), nullable=True, comment="Address it came from"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_account_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_audit_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        comment="Audit: every sign-in, reveal, export and change of rights; rows are only ever added",
    )
    op.create_index(op.f("ix_audit_account_id"), "audit", ["account_id"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_subdistrict_id"), "audit", ["subdistrict_id"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject", "subject_id"], unique=False)
    op.create_table(
        "barrier",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="rail, water, motorway or wall"),
        sa.Column(
            "geometry",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Line or area (WGS 84)",
        ),
        sa.CheckConstraint("kind IN ('rail', 'water', 'motorway', 'wall')", name=op.f("ck_barrier_kind_known")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_barrier_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barrier")),
        comment="Barrier 分界线: rail, water or wall that grids should not cross",
    )
    op.create_index("ix_barrier_geometry", "barrier", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_barrier_subdistrict_id"), "barrier", ["subdistrict_id"], unique=False)
    op.create_table(
        "community",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("code", sa.String(length=40), nullable=False, comment="Statistical code (12 digits) or own code"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name as people write it"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Boundary; neighbours share edges and never area (WGS 84)",
        ),
        sa.Column(
            "station_phone",
            sa.String(length=40),
            nullable=True,
            comment="Office phone of its grid workstation, public",
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_community_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_community_id_subdistrict_id")),
        sa.UniqueConstraint("subdistrict_id", "code", name=op.f("uq_community_subdistrict_id_code")),
        comment="Community 社区: the territory that is divided into grids",
    )
    op.create_index("ix_community_geometry", "community", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_community_subdistrict_id"), "community", ["subdistrict_id"], unique=False)
    op.create_table(
        "credential",
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account"),
        sa.Column("password", sa.String(length=400), nullable=False, comment="argon2id hash"),
        sa.Column(
            "must_change",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Set by somebody else: to be changed at the next sign-in",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the password was set",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_credential_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_credential")),
        comment="Password of an account; the application reaches it through functions only",
    )
    op.create_table(
        "dedicated_land",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="POLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Extent (WGS 84)",
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_dedicated_land_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dedicated_land")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_dedicated_land_id_subdistrict_id")),
        comment="Park, school, market or the like that gets a dedicated grid 专属网格",
    )
    op.create_index("ix_dedicated_land_geometry", "dedicated_land", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_dedicated_land_subdistrict_id"), "dedicated_land", ["subdistrict_id"], unique=False)
    op.create_table(
        "street",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("name", sa.String(length=200), nullable=True, comment="Name"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="motorway, arterial, local or lane"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="LINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Middle line (WGS 84)",
        ),
        sa.CheckConstraint("kind IN ('motorway', 'arterial', 'local', 'lane')", name=op.f("ck_street_kind_known")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_street_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street")),
        comment="Street 道路: a line people walk and drive on",
    )
    op.create_index("ix_street_geometry", "street", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_street_subdistrict_id"), "street", ["subdistrict_id"], unique=False)
    op.create_table(
        "sign_in_brake",
        sa.Column("mark", sa.LargeBinary(), nullable=False, comment="SHA-256 of what was tried: a name, or an address"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="Attempts since the last success"),
        sa.Column(
            "tried_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Last attempt; a day later all is forgotten",
        ),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True, comment="No attempt is heard before"),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sign_in_brake")),
        comment="Failed sign-ins that are not forgotten yet, by name (of an account or not) and by address",
    )
    op.create_table(
        "web_session",
        sa.Column("token", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token in the cookie"),
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account"),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was opened",
        ),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="Last use"
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="End, whatever the use"),
        sa.Column("address", postgresql.INET(), nullable=True, comment="Address it was opened from"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_web_session_account_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_web_session")),
        comment="A signed-in browser; the cookie's token is kept as a hash",
    )
    op.create_index(op.f("ix_web_session_account_id"), "web_session", ["account_id"], unique=False)
    op.create_table(
        "estate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name"),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_estate_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_estate_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estate")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_estate_community_id_name")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_estate_id_subdistrict_id")),
        comment="Estate 小区: may be divided between courtyards and buildings",
    )
    op.create_index(op.f("ix_estate_subdistrict_id"), "estate", ["subdistrict_id"], unique=False)
    op.create_table(
        "grid",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it is part of"),
        sa.Column(
            "code", sa.String(length=60), nullable=False, comment="Community code and three digits (DB11/T 2157)"
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_grid_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_grid_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_grid_community_id_code")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_grid_id_subdistrict_id")),
        comment="Grid 网格: what keeps its code and its worker while revisions change its extent",
    )
    op.create_index(op.f("ix_grid_subdistrict_id"), "grid", ["subdistrict_id"], unique=False)
    op.create_table(
        "land",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community whose land it is"),
        sa.Column(
            "crs",
            sa.Text(),
            nullable=False,
            comment="Metric CRS the cells were made in: authority and code, or WKT",
        ),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was made",
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_land_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_land_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_land")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_land_id_subdistrict_id")),
        comment="One making of the cells of a community, from its streets and buildings as they then were",
    )
    op.create_index(op.f("ix_land_community_id"), "land", ["community_id"], unique=False)
    op.create_index(op.f("ix_land_subdistrict_id"), "land", ["subdistrict_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community that is divided"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name the planner gave"),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was begun",
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=True, comment="Who began it; empty for a command"),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_plan_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_plan_made_by")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_plan_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_plan_id_subdistrict_id")),
        comment="Plan 方案: a way to divide a community, kept through its revisions",
    )
    op.create_index(op.f("ix_plan_community_id"), "plan", ["community_id"], unique=False)
    op.create_index(op.f("ix_plan_subdistrict_id"), "plan", ["subdistrict_id"], unique=False)
    op.create_table(
        "resident_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name, for example 第三居民小组"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="Extent (WGS 84)",
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_resident_group_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_resident_group_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_group")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_resident_group_community_id_name")),
        comment="Resident group 居民小组: an older layer within a community",
    )
    op.create_index("ix_resident_group_geometry", "resident_group", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_resident_group_subdistrict_id"), "resident_group", ["subdistrict_id"], unique=False)
    op.create_table(
        "worker",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community they work for"),
        sa.Column("name", sa.String(length=100), nullable=False, comment="Name, public by office"),
        sa.Column(
            "office_phone", sa.String(length=40), nullable=True, comment="Office phone, public; never a private one"
        ),
        sa.Column("full_time", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="专职, not 兼职"),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment="Account they sign in with"),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days in office",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_worker_valid_lasts")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_worker_account_id")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_worker_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_worker_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_worker_id_subdistrict_id")),
        comment="Worker 网格员, or another person on the roster of a grid",
    )
    op.create_index(op.f("ix_worker_account_id"), "worker", ["account_id"], unique=False)
    op.create_index(op.f("ix_worker_community_id"), "worker", ["community_id"], unique=False)
    op.create_index(op.f("ix_worker_subdistrict_id"), "worker", ["subdistrict_id"], unique=False)
    op.create_table(
        "account_scope",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account"),
        sa.Column("community_id", sa.BigInteger(), nullable=True, comment="Only this community; all where empty"),
        sa.Column("grid_id", sa.BigInteger(), nullable=True, comment="Only this grid; all where empty"),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it holds; a substitute's access ends by itself",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_account_scope_valid_lasts")),
        sa.CheckConstraint(
            "grid_id IS NULL OR community_id IS NOT NULL", name=op.f("ck_account_scope_grid_in_community")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_scope_account_id")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_account_scope_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["grid_id", "subdistrict_id"],
            ["grid.id", "grid.subdistrict_id"],
            name=op.f("fk_account_scope_grid_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_account_scope_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_scope")),
        comment="Where an account's role holds: a subdistrict, one community of it, or one grid; for a time",
    )
    op.create_index(op.f("ix_account_scope_account_id"), "account_scope", ["account_id"], unique=False)
    op.create_index(op.f("ix_account_scope_subdistrict_id"), "account_scope", ["subdistrict_id"], unique=False)
    op.create_index(
        "uq_account_scope",
        "account_scope",
        ["account_id", "subdistrict_id", "community_id", "grid_id", "valid"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "cell",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("land_id", sa.BigInteger(), nullable=False, comment="Making it belongs to"),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        sa.Column("number", sa.Integer(), nullable=False, comment="Place in the coverage, from 0"),
        sa.Column("dedicated_id", sa.BigInteger(), nullable=True, comment="Dedicated land it belongs to"),
        sa.Column("water", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="Open water"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="POLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Extent; cells share edges and never area (WGS 84)",
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_cell_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["dedicated_id", "subdistrict_id"],
            ["dedicated_land.id", "dedicated_land.subdistrict_id"],
            name=op.f("fk_cell_dedicated_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["land_id", "subdistrict_id"],
            ["land.id", "land.subdistrict_id"],
            name=op.f("fk_cell_land_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_cell_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_cell_id_subdistrict_id")),
        sa.UniqueConstraint("land_id", "number", name=op.f("uq_cell_land_id_number")),
        comment="Cell 楼栋地块: one polygon of the land's exact coverage; a building with its land, or open land",
    )
    op.create_index(op.f("ix_cell_community_id"), "cell", ["community_id"], unique=False)
    op.create_index("ix_cell_geometry", "cell", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_cell_subdistrict_id"), "cell", ["subdistrict_id"], unique=False)
    op.create_table(
        "courtyard",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community it lies in"),
        sa.Column("estate_id", sa.BigInteger(), nullable=True, comment="Estate it is part of"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name"),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_courtyard_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["estate_id", "subdistrict_id"],
            ["estate.id", "estate.subdistrict_id"],
            name=op.f("fk_courtyard_estate_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_courtyard_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courtyard")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_courtyard_community_id_name")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_courtyard_id_subdistrict_id")),
        comment="Courtyard 楼院: stays whole in every plan",
    )
    op.create_index(op.f("ix_courtyard_subdistrict_id"), "courtyard", ["subdistrict_id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("worker_id", sa.BigInteger(), nullable=False, comment="Worker"),
        sa.Column("line", sa.String(length=20), nullable=False, comment="own_grid B岗 or field A岗"),
        sa.Column("grid_id", sa.BigInteger(), nullable=True, comment="Grid of a B line"),
        sa.Column("subject", sa.String(length=80), nullable=True, comment="Line of work of an A line"),
        sa.Column(
            "in_charge", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="网格长: one a grid"
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on duty",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("worker_id"), "="),
            (sa.column("line"), "="),
            (sa.column("grid_id"), "="),
            (sa.column("subject"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_duty_worker_id_line_grid_id_subject_valid",
        ),
        sa.CheckConstraint("(line = 'own_grid') = (grid_id IS NOT NULL)", name=op.f("ck_duty_own_grid_has_grid")),
        sa.CheckConstraint("in_charge = false OR line = 'own_grid'", name=op.f("ck_duty_in_charge_of_a_grid")),
        sa.CheckConstraint("line IN ('own_grid', 'field')", name=op.f("ck_duty_line_known")),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_duty_valid_lasts")),
        sa.ForeignKeyConstraint(
            ["grid_id", "subdistrict_id"],
            ["grid.id", "grid.subdistrict_id"],
            name=op.f("fk_duty_grid_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_duty_subdistrict_id")),
        sa.ForeignKeyConstraint(
            ["worker_id", "subdistrict_id"],
            ["worker.id", "worker.subdistrict_id"],
            name=op.f("fk_duty_worker_id_subdistrict_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        comment="Roster: who answers for which grid (B岗) or line of work (A岗), and when",
    )
    op.create_index(op.f("ix_duty_grid_id"), "duty", ["grid_id"], unique=False)
    op.create_index(op.f("ix_duty_subdistrict_id"), "duty", ["subdistrict_id"], unique=False)
    op.create_table(
        "revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("plan_id", sa.BigInteger(), nullable=False, comment="Plan"),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community that is divided"),
        sa.Column("land_id", sa.BigInteger(), nullable=False, comment="Making of the land whose cells it assigns"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, 3 within the plan"),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="Revision it was changed from"),
        sa.Column("minimum", sa.Integer(), nullable=False, comment="Fewest households of a grid asked for"),
        sa.Column("maximum", sa.Integer(), nullable=False, comment="Most households of a grid asked for"),
        sa.Column("note", sa.String(length=2000), nullable=True, comment="What was changed and why"),
        sa.Column(
            "reasons",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="Exceptions that concern no single grid",
        ),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was saved",
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=True, comment="Who saved it; empty for a command"),
        sa.CheckConstraint("minimum <= maximum", name=op.f("ck_revision_range_ordered")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_revision_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["land_id", "subdistrict_id"],
            ["land.id", "land.subdistrict_id"],
            name=op.f("fk_revision_land_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_revision_made_by")),
        sa.ForeignKeyConstraint(["parent_id"], ["revision.id"], name=op.f("fk_revision_parent_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "subdistrict_id"],
            ["plan.id", "plan.subdistrict_id"],
            name=op.f("fk_revision_plan_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_revision_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("id", "community_id", name=op.f("uq_revision_id_community_id")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_revision_id_subdistrict_id")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_revision_plan_id_number")),
        comment="Revision 版本 of a plan: never changed once saved",
    )
    op.create_index(op.f("ix_revision_community_id"), "revision", ["community_id"], unique=False)
    op.create_index(op.f("ix_revision_land_id"), "revision", ["land_id"], unique=False)
    op.create_index(op.f("ix_revision_subdistrict_id"), "revision", ["subdistrict_id"], unique=False)
    op.create_table(
        "adoption",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community"),
        sa.Column("revision_id", sa.BigInteger(), nullable=False, comment="Revision that holds"),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="From the effective date 生效日期 to the day before the next plan's",
        ),
        sa.Column("note", sa.String(length=2000), nullable=True, comment="Decision it rests on"),
        sa.Column(
            "adopted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was approved",
        ),
        sa.Column("adopted_by", sa.BigInteger(), nullable=True, comment="Who approved it; empty for a command"),
        postgresql.ExcludeConstraint(
            (sa.column("community_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_adoption_community_id_valid",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_adoption_valid_lasts")),
        sa.ForeignKeyConstraint(["adopted_by"], ["account.id"], name=op.f("fk_adoption_adopted_by")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_adoption_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f("fk_adoption_revision_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_adoption_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
        comment="The revision in force 执行中 in a community, by date: at most one on any day",
    )
    op.create_index(op.f("ix_adoption_revision_id"), "adoption", ["revision_id"], unique=False)
    op.create_index(op.f("ix_adoption_subdistrict_id"), "adoption", ["subdistrict_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("revision_id", sa.BigInteger(), nullable=False, comment="Revision"),
        sa.Column("cell_id", sa.BigInteger(), nullable=False, comment="Cell"),
        sa.Column("grid_id", sa.BigInteger(), nullable=False, comment="Grid it belongs to"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_assignment_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["grid_id", "subdistrict_id"],
            ["grid.id", "grid.subdistrict_id"],
            name=op.f("fk_assignment_grid_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f("fk_assignment_revision_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_assignment_subdistrict_id")),
        sa.PrimaryKeyConstraint("revision_id", "cell_id", name=op.f("pk_assignment")),
        comment="Which grid each cell belongs to in a revision",
    )
    op.create_index(op.f("ix_assignment_cell_id"), "assignment", ["cell_id"], unique=False)
    op.create_index(op.f("ix_assignment_grid_id"), "assignment", ["grid_id"], unique=False)
    op.create_index(op.f("ix_assignment_subdistrict_id"), "assignment", ["subdistrict_id"], unique=False)
    op.create_table(
        "building",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("community_id", sa.BigInteger(), nullable=False, comment="Community that holds most of it"),
        sa.Column("courtyard_id", sa.BigInteger(), nullable=True, comment="Courtyard it belongs to"),
        sa.Column("estate_id", sa.BigInteger(), nullable=True, comment="Estate it belongs to"),
        sa.Column("code", sa.String(length=80), nullable=False, comment="building_id of the file it came with"),
        sa.Column("name", sa.String(length=200), nullable=True, comment="Name or number people use"),
        sa.Column("address", sa.String(length=400), nullable=True, comment="Address"),
        sa.Column("use", sa.String(length=80), nullable=True, comment="Use, in the words of the source"),
        sa.Column("levels", sa.Float(), nullable=True, comment="Storeys above ground"),
        sa.Column(
            "geometry",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Footprint, lot or point (WGS 84)",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it stood",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("subdistrict_id"), "="),
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_building_subdistrict_id_code_valid",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_building_valid_lasts")),
        sa.CheckConstraint("levels > 0", name=op.f("ck_building_levels_positive")),
        sa.ForeignKeyConstraint(
            ["community_id", "subdistrict_id"],
            ["community.id", "community.subdistrict_id"],
            name=op.f("fk_building_community_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["courtyard_id", "subdistrict_id"],
            ["courtyard.id", "courtyard.subdistrict_id"],
            name=op.f("fk_building_courtyard_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["estate_id", "subdistrict_id"],
            ["estate.id", "estate.subdistrict_id"],
            name=op.f("fk_building_estate_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_building_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_building_id_subdistrict_id")),
        comment="Building 楼栋, with or without dwellings",
    )
    op.create_index(op.f("ix_building_community_id"), "building", ["community_id"], unique=False)
    op.create_index("ix_building_geometry", "building", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_building_subdistrict_id"), "building", ["subdistrict_id"], unique=False)
    op.create_table(
        "micro_grid",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("revision_id", sa.BigInteger(), nullable=False, comment="Revision"),
        sa.Column("grid_id", sa.BigInteger(), nullable=False, comment="Grid it is part of"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, 3 within the grid"),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households when the revision was saved"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Extent (WGS 84)",
        ),
        sa.ForeignKeyConstraint(
            ["grid_id", "subdistrict_id"],
            ["grid.id", "grid.subdistrict_id"],
            name=op.f("fk_micro_grid_grid_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f("fk_micro_grid_revision_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_micro_grid_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_micro_grid")),
        sa.UniqueConstraint("revision_id", "grid_id", "number", name=op.f("uq_micro_grid_revision_id_grid_id_number")),
        comment="Micro-grid 微网格: a part of a grid of about 100 households",
    )
    op.create_index("ix_micro_grid_geometry", "micro_grid", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_micro_grid_subdistrict_id"), "micro_grid", ["subdistrict_id"], unique=False)
    op.create_table(
        "revision_grid",
        sa.Column("revision_id", sa.BigInteger(), nullable=False, comment="Revision"),
        sa.Column("grid_id", sa.BigInteger(), nullable=False, comment="Grid"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("name", sa.String(length=200), nullable=True, comment="Name, for example 第一网格"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="household 基础网格 or dedicated 专属网格"),
        sa.Column(
            "status", sa.String(length=20), nullable=True, comment="under, in_range or over; empty for dedicated grids"
        ),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households when the revision was saved"),
        sa.Column("buildings", sa.Integer(), nullable=False, comment="Buildings when the revision was saved"),
        sa.Column(
            "area_m2", sa.Float(), nullable=False, comment="Area in square metres, measured in the town's metric CRS"
        ),
        sa.Column(
            "reason",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Why it is out of range: message",
        ),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Extent; grids of a revision share edges and never area (WGS 84)",
        ),
        sa.CheckConstraint("kind IN ('household', 'dedicated')", name=op.f("ck_revision_grid_kind_known")),
        sa.CheckConstraint("status IN ('under', 'in_range', 'over')", name=op.f("ck_revision_grid_status_known")),
        sa.ForeignKeyConstraint(
            ["grid_id", "subdistrict_id"],
            ["grid.id", "grid.subdistrict_id"],
            name=op.f("fk_revision_grid_grid_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id", "subdistrict_id"],
            ["revision.id", "revision.subdistrict_id"],
            name=op.f("fk_revision_grid_revision_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_revision_grid_subdistrict_id")),
        sa.PrimaryKeyConstraint("revision_id", "grid_id", name=op.f("pk_revision_grid")),
        comment="A grid as one revision has it: extent, name and figures",
    )
    op.create_index("ix_revision_grid_geometry", "revision_grid", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_revision_grid_grid_id"), "revision_grid", ["grid_id"], unique=False)
    op.create_index(op.f("ix_revision_grid_subdistrict_id"), "revision_grid", ["subdistrict_id"], unique=False)
    op.create_table(
        "building_cell",
        sa.Column("land_id", sa.BigInteger(), nullable=False, comment="Making of the land"),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("cell_id", sa.BigInteger(), nullable=False, comment="Cell it stands on, or most of it"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_building_cell_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_building_cell_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["land_id", "subdistrict_id"],
            ["land.id", "land.subdistrict_id"],
            name=op.f("fk_building_cell_land_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_building_cell_subdistrict_id")),
        sa.PrimaryKeyConstraint("land_id", "building_id", name=op.f("pk_building_cell")),
        comment="The cell a building stands on in one making of the land",
    )
    op.create_index(op.f("ix_building_cell_building_id"), "building_cell", ["building_id"], unique=False)
    op.create_index(op.f("ix_building_cell_cell_id"), "building_cell", ["cell_id"], unique=False)
    op.create_index(op.f("ix_building_cell_subdistrict_id"), "building_cell", ["subdistrict_id"], unique=False)
    op.create_table(
        "facility",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("kind", sa.String(length=80), nullable=False, comment="Kind, from the editable catalogue"),
        sa.Column("name", sa.String(length=200), nullable=True, comment="Name"),
        sa.Column("building_id", sa.BigInteger(), nullable=True, comment="Building it is in"),
        sa.Column("cell_id", sa.BigInteger(), nullable=True, comment="Cell it stands on"),
        sa.Column("area_m2", sa.Float(), nullable=True, comment="Floor area in square metres"),
        sa.Column(
            "tenure",
            sa.String(length=20),
            server_default="unknown",
            nullable=False,
            comment="owned, rented, lent or unknown",
        ),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Place (WGS 84)",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it served",
        ),
        sa.CheckConstraint("tenure IN ('owned', 'rented', 'lent', 'unknown')", name=op.f("ck_facility_tenure_known")),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_facility_valid_lasts")),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_facility_area_positive")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_facility_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_facility_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_facility_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_facility_id_subdistrict_id")),
        comment="Facility 设施: what serves people, from a health station to a street lamp",
    )
    op.create_index(op.f("ix_facility_cell_id"), "facility", ["cell_id"], unique=False)
    op.create_index("ix_facility_geometry", "facility", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_facility_kind"), "facility", ["kind"], unique=False)
    op.create_index(op.f("ix_facility_subdistrict_id"), "facility", ["subdistrict_id"], unique=False)
    op.create_table(
        "household_count",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column(
            "kind",
            sa.String(length=20),
            nullable=False,
            comment="resident 常住户, registered 户籍户 or dwelling 房屋套数",
        ),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households"),
        sa.Column(
            "low", sa.Float(), nullable=False, comment="Lower end of an estimate; the count itself where counted"
        ),
        sa.Column(
            "high", sa.Float(), nullable=False, comment="Upper end of an estimate; the count itself where counted"
        ),
        sa.Column(
            "estimated", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="Nobody counted them"
        ),
        sa.Column("source", sa.String(length=400), nullable=False, comment="File, register or method"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day the count speaks of"),
        sa.CheckConstraint(
            "kind IN ('resident', 'registered', 'dwelling')", name=op.f("ck_household_count_kind_known")
        ),
        sa.CheckConstraint("households >= 0", name=op.f("ck_household_count_households_not_negative")),
        sa.CheckConstraint("low <= households AND households <= high", name=op.f("ck_household_count_range_holds")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_household_count_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_household_count_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_count")),
        sa.UniqueConstraint("building_id", "kind", "as_of", name=op.f("uq_household_count_building_id_kind_as_of")),
        comment="Households of a building: counted or estimated, of one kind, from one source, on one day",
    )
    op.create_index(op.f("ix_household_count_subdistrict_id"), "household_count", ["subdistrict_id"], unique=False)
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
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
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
    op.create_index(op.f("ix_incident_building_id"), "incident", ["building_id"], unique=False)
    op.create_index(op.f("ix_incident_category"), "incident", ["category"], unique=False)
    op.create_index(op.f("ix_incident_cell_id"), "incident", ["cell_id"], unique=False)
    op.create_index("ix_incident_geometry", "incident", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_incident_subdistrict_id"), "incident", ["subdistrict_id"], unique=False)
    op.create_index(
        "ix_incident_subdistrict_id_occurred_at", "incident", ["subdistrict_id", "occurred_at"], unique=False
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("kind", sa.String(length=80), nullable=False, comment="Kind, for example volunteers"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name"),
        sa.Column("building_id", sa.BigInteger(), nullable=True, comment="Building it is in"),
        sa.Column("cell_id", sa.BigInteger(), nullable=True, comment="Cell it stands on"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Place (WGS 84)",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it was here",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_organisation_valid_lasts")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_organisation_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_organisation_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_organisation_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_organisation_id_subdistrict_id")),
        comment="Organisation 驻区单位, 群团组织 or 志愿者组织 that has its seat here",
    )
    op.create_index(op.f("ix_organisation_cell_id"), "organisation", ["cell_id"], unique=False)
    op.create_index("ix_organisation_geometry", "organisation", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_organisation_subdistrict_id"), "organisation", ["subdistrict_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("name", sa.String(length=80), nullable=False, comment="Number or name, for example 2单元"),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_unit_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_unit_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("building_id", "name", name=op.f("uq_unit_building_id_name")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_unit_id_subdistrict_id")),
        comment="Unit 单元: a stair of a building",
    )
    op.create_index(op.f("ix_unit_subdistrict_id"), "unit", ["subdistrict_id"], unique=False)
    op.create_table(
        "dwelling",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("unit_id", sa.BigInteger(), nullable=True, comment="Unit, where the building has several"),
        sa.Column("number", sa.String(length=40), nullable=False, comment="Number on the door"),
        sa.Column("floor", sa.Integer(), nullable=True, comment="Storey, 1 at the ground"),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_dwelling_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_dwelling_subdistrict_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "subdistrict_id"],
            ["unit.id", "unit.subdistrict_id"],
            name=op.f("fk_dwelling_unit_id_subdistrict_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dwelling")),
        sa.UniqueConstraint(
            "building_id",
            "unit_id",
            "number",
            name=op.f("uq_dwelling_building_id_unit_id_number"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_dwelling_id_subdistrict_id")),
        comment="Dwelling 房屋: one door",
    )
    op.create_index(op.f("ix_dwelling_subdistrict_id"), "dwelling", ["subdistrict_id"], unique=False)
    op.create_table(
        "shop",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Name on the sign"),
        sa.Column("address", sa.String(length=400), nullable=True, comment="Address"),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True, comment="Organisation it belongs to"),
        sa.Column("building_id", sa.BigInteger(), nullable=True, comment="Building it is in"),
        sa.Column("cell_id", sa.BigInteger(), nullable=True, comment="Cell it stands on"),
        sa.Column("weight", sa.Float(), server_default="1", nullable=False, comment="Households it counts for"),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Place (WGS 84)",
        ),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it traded",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_shop_valid_lasts")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_shop_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_shop_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cell_id", "subdistrict_id"],
            ["cell.id", "cell.subdistrict_id"],
            name=op.f("fk_shop_cell_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "subdistrict_id"],
            ["organisation.id", "organisation.subdistrict_id"],
            name=op.f("fk_shop_organisation_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_shop_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        comment="Shop 商户: counts like a household where a profile says so",
    )
    op.create_index(op.f("ix_shop_cell_id"), "shop", ["cell_id"], unique=False)
    op.create_index("ix_shop_geometry", "shop", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_shop_subdistrict_id"), "shop", ["subdistrict_id"], unique=False)
    op.create_table(
        "household",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building they live in"),
        sa.Column("dwelling_id", sa.BigInteger(), nullable=True, comment="Dwelling, where it is known"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="resident 常住户 or registered 户籍户"),
        sa.Column("source", sa.String(length=400), nullable=False, comment="File or register it came from"),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which it lived there",
        ),
        sa.CheckConstraint("kind IN ('resident', 'registered', 'dwelling')", name=op.f("ck_household_kind_known")),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_household_valid_lasts")),
        sa.ForeignKeyConstraint(
            ["building_id", "subdistrict_id"],
            ["building.id", "building.subdistrict_id"],
            name=op.f("fk_household_building_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(
            ["dwelling_id", "subdistrict_id"],
            ["dwelling.id", "dwelling.subdistrict_id"],
            name=op.f("fk_household_dwelling_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_household_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_household_id_subdistrict_id")),
        comment="Household 户 of a kind: people who live, or are registered, behind one door",
    )
    op.create_index(op.f("ix_household_building_id"), "household", ["building_id"], unique=False)
    op.create_index(op.f("ix_household_dwelling_id"), "household", ["dwelling_id"], unique=False)
    op.create_index(op.f("ix_household_subdistrict_id"), "household", ["subdistrict_id"], unique=False)
    op.create_table(
        "resident",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row"),
        sa.Column(
            "subdistrict_id",
            sa.BigInteger(),
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.Column("household_id", sa.BigInteger(), nullable=False, comment="Household"),
        sa.Column("name", sa.String(length=100), nullable=False, comment="Name; shown masked"),
        sa.Column("birth_year", sa.Integer(), nullable=True, comment="Year of birth, for counts by age"),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=True, comment="Identity number, encrypted"),
        sa.Column(
            "id_number_mark",
            sa.LargeBinary(),
            nullable=True,
            comment="Keyed hash of the identity number, to find it by exact value",
        ),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True, comment="Phone, encrypted"),
        sa.Column(
            "phone_mark", sa.LargeBinary(), nullable=True, comment="Keyed hash of the phone, to find it by exact value"
        ),
        sa.Column("source", sa.String(length=400), nullable=False, comment="File or register it came from"),
        sa.Column(
            "valid",
            postgresql.DATERANGE(),
            server_default=sa.text("daterange(CURRENT_DATE, NULL)"),
            nullable=False,
            comment="Days on which the person belonged to the household",
        ),
        sa.CheckConstraint(
            "(id_number_sealed IS NULL) = (id_number_mark IS NULL)", name=op.f("ck_resident_id_number_marked")
        ),
        sa.CheckConstraint("(phone_sealed IS NULL) = (phone_mark IS NULL)", name=op.f("ck_resident_phone_marked")),
        sa.CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name=op.f("ck_resident_valid_lasts")),
        sa.ForeignKeyConstraint(
            ["household_id", "subdistrict_id"],
            ["household.id", "household.subdistrict_id"],
            name=op.f("fk_resident_household_id_subdistrict_id"),
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_resident_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
        sa.UniqueConstraint("id", "subdistrict_id", name=op.f("uq_resident_id_subdistrict_id")),
        comment="Resident 居民: the least that is needed; numbers are sealed with a key outside the database",
    )
    op.create_index(op.f("ix_resident_household_id"), "resident", ["household_id"], unique=False)
    op.create_index(op.f("ix_resident_id_number_mark"), "resident", ["id_number_mark"], unique=False)
    op.create_index(op.f("ix_resident_phone_mark"), "resident", ["phone_mark"], unique=False)
    op.create_index(op.f("ix_resident_subdistrict_id"), "resident", ["subdistrict_id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_resident_subdistrict_id"), table_name="resident")
    op.drop_index(op.f("ix_resident_phone_mark"), table_name="resident")
    op.drop_index(op.f("ix_resident_id_number_mark"), table_name="resident")
    op.drop_index(op.f("ix_resident_household_id"), table_name="resident")
    op.drop_table("resident")
    op.drop_index(op.f("ix_household_subdistrict_id"), table_name="household")
    op.drop_index(op.f("ix_household_dwelling_id"), table_name="household")
    op.drop_index(op.f("ix_household_building_id"), table_name="household")
    op.drop_table("household")
    op.drop_index(op.f("ix_shop_subdistrict_id"), table_name="shop")
    op.drop_index("ix_shop_geometry", table_name="shop", postgresql_using="gist")
    op.drop_index(op.f("ix_shop_cell_id"), table_name="shop")
    op.drop_table("shop")
    op.drop_index(op.f("ix_dwelling_subdistrict_id"), table_name="dwelling")
    op.drop_table("dwelling")
    op.drop_index(op.f("ix_unit_subdistrict_id"), table_name="unit")
    op.drop_table("unit")
    op.drop_index(op.f("ix_organisation_subdistrict_id"), table_name="organisation")
    op.drop_index("ix_organisation_geometry", table_name="organisation", postgresql_using="gist")
    op.drop_index(op.f("ix_organisation_cell_id"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_index("ix_incident_subdistrict_id_occurred_at", table_name="incident")
    op.drop_index(op.f("ix_incident_subdistrict_id"), table_name="incident")
    op.drop_index("ix_incident_geometry", table_name="incident", postgresql_using="gist")
    op.drop_index(op.f("ix_incident_cell_id"), table_name="incident")
    op.drop_index(op.f("ix_incident_category"), table_name="incident")
    op.drop_index(op.f("ix_incident_building_id"), table_name="incident")
    op.drop_table("incident")
    op.drop_index(op.f("ix_household_count_subdistrict_id"), table_name="household_count")
    op.drop_table("household_count")
    op.drop_index(op.f("ix_facility_subdistrict_id"), table_name="facility")
    op.drop_index(op.f("ix_facility_kind"), table_name="facility")
    op.drop_index("ix_facility_geometry", table_name="facility", postgresql_using="gist")
    op.drop_index(op.f("ix_facility_cell_id"), table_name="facility")
    op.drop_table("facility")
    op.drop_index(op.f("ix_building_cell_subdistrict_id"), table_name="building_cell")
    op.drop_index(op.f("ix_building_cell_cell_id"), table_name="building_cell")
    op.drop_index(op.f("ix_building_cell_building_id"), table_name="building_cell")
    op.drop_table("building_cell")
    op.drop_index(op.f("ix_revision_grid_subdistrict_id"), table_name="revision_grid")
    op.drop_index(op.f("ix_revision_grid_grid_id"), table_name="revision_grid")
    op.drop_index("ix_revision_grid_geometry", table_name="revision_grid", postgresql_using="gist")
    op.drop_table("revision_grid")
    op.drop_index(op.f("ix_micro_grid_subdistrict_id"), table_name="micro_grid")
    op.drop_index("ix_micro_grid_geometry", table_name="micro_grid", postgresql_using="gist")
    op.drop_table("micro_grid")
    op.drop_index(op.f("ix_building_subdistrict_id"), table_name="building")
    op.drop_index("ix_building_geometry", table_name="building", postgresql_using="gist")
    op.drop_index(op.f("ix_building_community_id"), table_name="building")
    op.drop_table("building")
    op.drop_index(op.f("ix_assignment_subdistrict_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_grid_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_cell_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(op.f("ix_adoption_subdistrict_id"), table_name="adoption")
    op.drop_index(op.f("ix_adoption_revision_id"), table_name="adoption")
    op.drop_table("adoption")
    op.drop_index(op.f("ix_revision_subdistrict_id"), table_name="revision")
    op.drop_index(op.f("ix_revision_land_id"), table_name="revision")
    op.drop_index(op.f("ix_revision_community_id"), table_name="revision")
    op.drop_table("revision")
    op.drop_index(op.f("ix_duty_subdistrict_id"), table_name="duty")
    op.drop_index(op.f("ix_duty_grid_id"), table_name="duty")
    op.drop_table("duty")
    op.drop_index(op.f("ix_courtyard_subdistrict_id"), table_name="courtyard")
    op.drop_table("courtyard")
    op.drop_index(op.f("ix_cell_subdistrict_id"), table_name="cell")
    op.drop_index("ix_cell_geometry", table_name="cell", postgresql_using="gist")
    op.drop_index(op.f("ix_cell_community_id"), table_name="cell")
    op.drop_table("cell")
    op.drop_index("uq_account_scope", table_name="account_scope", postgresql_nulls_not_distinct=True)
    op.drop_index(op.f("ix_account_scope_subdistrict_id"), table_name="account_scope")
    op.drop_index(op.f("ix_account_scope_account_id"), table_name="account_scope")
    op.drop_table("account_scope")
    op.drop_index(op.f("ix_worker_subdistrict_id"), table_name="worker")
    op.drop_index(op.f("ix_worker_community_id"), table_name="worker")
    op.drop_index(op.f("ix_worker_account_id"), table_name="worker")
    op.drop_table("worker")
    op.drop_index(op.f("ix_resident_group_subdistrict_id"), table_name="resident_group")
    op.drop_index("ix_resident_group_geometry", table_name="resident_group", postgresql_using="gist")
    op.drop_table("resident_group")
    op.drop_index(op.f("ix_plan_subdistrict_id"), table_name="plan")
    op.drop_index(op.f("ix_plan_community_id"), table_name="plan")
    op.drop_table("plan")
    op.drop_index(op.f("ix_land_subdistrict_id"), table_name="land")
    op.drop_index(op.f("ix_land_community_id"), table_name="land")
    op.drop_table("land")
    op.drop_index(op.f("ix_grid_subdistrict_id"), table_name="grid")
    op.drop_table("grid")
    op.drop_index(op.f("ix_estate_subdistrict_id"), table_name="estate")
    op.drop_table("estate")
    op.drop_index(op.f("ix_web_session_account_id"), table_name="web_session")
    op.drop_table("web_session")
    op.drop_table("sign_in_brake")
    op.drop_index(op.f("ix_street_subdistrict_id"), table_name="street")
    op.drop_index("ix_street_geometry", table_name="street", postgresql_using="gist")
    op.drop_table("street")
    op.drop_index(op.f("ix_dedicated_land_subdistrict_id"), table_name="dedicated_land")
    op.drop_index("ix_dedicated_land_geometry", table_name="dedicated_land", postgresql_using="gist")
    op.drop_table("dedicated_land")
    op.drop_table("credential")
    op.drop_index(op.f("ix_community_subdistrict_id"), table_name="community")
    op.drop_index("ix_community_geometry", table_name="community", postgresql_using="gist")
    op.drop_table("community")
    op.drop_index(op.f("ix_barrier_subdistrict_id"), table_name="barrier")
    op.drop_index("ix_barrier_geometry", table_name="barrier", postgresql_using="gist")
    op.drop_table("barrier")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index(op.f("ix_audit_subdistrict_id"), table_name="audit")
    op.drop_index(op.f("ix_audit_at"), table_name="audit")
    op.drop_index(op.f("ix_audit_account_id"), table_name="audit")
    op.drop_table("audit")
    op.drop_table("data_version")
    op.drop_index("ix_subdistrict_geometry", table_name="subdistrict", postgresql_using="gist")
    op.drop_table("subdistrict")
    op.drop_table("account")
