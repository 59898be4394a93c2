"""Workers and their duties, households and residents; who may see what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    _worker()
    _account_scope()
    _duty()
    _duty_indexes()
    _household()
    _resident()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("resident")
    op.drop_table("household")
    op.drop_table("duty")
    op.drop_table("account_scope")
    op.drop_table("worker")


def _worker() -> None:
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


def _account_scope() -> None:
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


def _duty() -> None:
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


def _duty_indexes() -> None:
    op.create_index(op.f("ix_duty_grid_id"), "duty", ["grid_id"], unique=False)
    op.create_index(op.f("ix_duty_subdistrict_id"), "duty", ["subdistrict_id"], unique=False)


def _household() -> None:
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


def _resident() -> None:
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
