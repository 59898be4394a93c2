"""Cases of incidents with their steps, photos and notices; promised days of categories."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLES = ("withdrawn_report", "case_notice", "incident_photo", "case_step", "incident_case")
FUNCTIONS = (
    "create_cases",
    "follow_incident_status",
    "is_open_case",
    "my_handled_cases",
    "my_case_actors",
    "case_actors",
    "my_office_name",
    "tell_about_case",
    "take_case_step",
    "withdraw_report",
    "add_incident_photo",
    "see_case_notices",
    "worker_in_charge",
    "hand_over_cases",
    "tell_overdue_cases",
)
STATES = ("received", "returned", "accepted", "assigned", "in_progress", "closed", "duplicate", "withdrawn")
ACTIONS = (
    *("accept", "begin", "answer", "assign", "send_back", "ask_reporter", "close", "settle", "reopen", "supervise"),
    *("instruct", "note", "link_duplicate", "unlink_duplicate", "withdraw", "hand_over", "hand_back"),
)
NOTICES = (
    *("assigned", "begun", "sent_back", "asked", "answered", "closed", "reopened", "supervised", "instructed"),
    *("handed_over", "taken_over", "handed_back", "overdue"),
)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the change; incidents that are stored get their cases."""
    op.execute("DROP FUNCTION IF EXISTS find_session(text)")  # it returns one column more
    op.add_column(
        "incident_category",
        sa.Column(
            "promised_days",
            sa.SmallInteger,
            server_default="7",
            nullable=False,
            comment="Calendar days within which a case is to be closed 承诺时限",
        ),
    )
    op.create_check_constraint(
        op.f("ck_incident_category_promised_days_in_range"), "incident_category", "promised_days BETWEEN 1 AND 366"
    )
    _create_cases()
    _create_steps()
    _create_photos()
    _create_notices()
    _create_withdrawn_reports()
    op.execute(
        "INSERT INTO incident_case (incident_id, subdistrict_id, state)"
        " SELECT id, subdistrict_id, CASE status WHEN 'closed' THEN 'closed' ELSE 'received' END FROM incident"
    )


def downgrade() -> None:
    """Take the change back; steps, photos and notices are lost."""
    op.execute("DROP FUNCTION IF EXISTS find_session(text)")
    for trigger in ("create_cases", "follow_incident_status"):
        op.execute(f"DROP TRIGGER IF EXISTS {trigger} ON incident")
    op.execute("DROP POLICY IF EXISTS app_select ON incident")
    for name in TABLES:
        op.execute(f"DROP TABLE {name} CASCADE")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {name} CASCADE")
    op.drop_column("incident_category", "promised_days")


def _keys(name: str, *, incident: bool = True, cascade: bool = False) -> list[sa.Column[object] | sa.Constraint]:
    """Return the key of a subdistrict and of an incident with their constraints."""
    columns: list[sa.Column[object] | sa.Constraint] = [
        sa.Column(
            "subdistrict_id",
            sa.BigInteger,
            nullable=False,
            comment="Subdistrict the row belongs to; decides who may see it",
        ),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f(f"fk_{name}_subdistrict_id")),
    ]
    if incident:
        columns.append(
            sa.ForeignKeyConstraint(
                ["incident_id", "subdistrict_id"],
                ["incident.id", "incident.subdistrict_id"],
                name=op.f(f"fk_{name}_incident_id_subdistrict_id"),
                ondelete="CASCADE" if cascade else None,
            )
        )
    return columns


def _number() -> sa.Column[object]:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False, comment="Number of the row")


def _known(name: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{name}_{column}_known"))


def _account(name: str, column: str = "account_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_{name}_{column}"))


def _handler(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["handler_id", "subdistrict_id"],
        ["worker.id", "worker.subdistrict_id"],
        name=op.f(f"fk_{name}_handler_id_subdistrict_id"),
    )


def _indexes(name: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _time(name: str, comment: str, *, given: bool = True) -> sa.Column[object]:
    default = sa.func.now() if given else None
    return sa.Column(name, TIME, server_default=default, nullable=not given, comment=comment)


def _create_cases() -> None:
    name = "incident_case"
    op.create_table(
        name,
        sa.Column("incident_id", sa.BigInteger, nullable=False, comment="Incident that is handled"),
        sa.Column("state", sa.String(20), nullable=False, comment="State of the case"),
        sa.Column(
            "version",
            sa.BigInteger,
            server_default="1",
            nullable=False,
            comment="Grows by each step: two at once are noticed",
        ),
        sa.Column(
            "owner_id",
            sa.BigInteger,
            comment="Account of the first receiver 首问负责, until another one accepts; empty before",
        ),
        sa.Column("owner_name", sa.String(100), comment="Name of the owner in office"),
        sa.Column("handler_id", sa.BigInteger, comment="Worker who has the case, or had it last"),
        sa.Column("basis", sa.String(20), comment="line A岗, grid B岗 or choice of the station"),
        sa.Column("due_on", sa.Date, comment="Promised day 承诺办结日; empty for a file's case until it is accepted"),
        sa.Column("duplicate_of", sa.BigInteger, comment="Incident that it repeats"),
        _time("supervised_at", "When a leader asked for speed 督办 last", given=False),
        _time("changed_at", "When the latest step was taken"),
        *_keys(name, cascade=True),
        _account(name, "owner_id"),
        _handler(name),
        *_case_constraints(name),
        comment="Case 工单: the handling of an incident; triggers and functions write it",
    )
    _indexes(name, "subdistrict_id", "owner_id", "handler_id", "duplicate_of")
    op.create_index(
        "ix_incident_case_open",
        name,
        ["subdistrict_id", "due_on"],
        postgresql_where=sa.text("state NOT IN ('closed', 'duplicate', 'withdrawn')"),
    )


def _case_constraints(name: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["duplicate_of", "subdistrict_id"],
            ["incident.id", "incident.subdistrict_id"],
            name=op.f(f"fk_{name}_duplicate_of_subdistrict_id"),
        ),
        _known(name, "state", STATES),
        _known(name, "basis", ("line", "grid", "choice")),
        sa.CheckConstraint(
            "(state IN ('assigned', 'in_progress')) <= (handler_id IS NOT NULL)", op.f(f"ck_{name}_handled_has_handler")
        ),
        sa.CheckConstraint("(handler_id IS NULL) = (basis IS NULL)", op.f(f"ck_{name}_handler_has_basis")),
        sa.CheckConstraint(
            "(state = 'duplicate') = (duplicate_of IS NOT NULL)", op.f(f"ck_{name}_duplicate_has_other")
        ),
        sa.CheckConstraint("duplicate_of <> incident_id", op.f(f"ck_{name}_duplicate_of_another")),
        sa.CheckConstraint("version >= 1", op.f(f"ck_{name}_version_in_range")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f(f"pk_{name}")),
    ]


def _create_steps() -> None:
    name = "case_step"
    op.create_table(
        name,
        _number(),
        sa.Column("incident_id", sa.BigInteger, nullable=False, comment="Incident of the case"),
        sa.Column("action", sa.String(20), nullable=False, comment="Action that was taken"),
        sa.Column("source_state", sa.String(20), nullable=False, comment="State before"),
        sa.Column("target_state", sa.String(20), nullable=False, comment="State after"),
        _time("taken_at", "When it was taken"),
        sa.Column("account_id", sa.BigInteger, comment="Account that took it; empty for gridmap itself"),
        sa.Column("actor_name", sa.String(100), comment="Name of the account in office, of then"),
        sa.Column("handler_id", sa.BigInteger, comment="Worker who has the case after it"),
        sa.Column("handler_name", sa.String(100), comment="Name of this worker, of then"),
        sa.Column("text", sa.String(2000), comment="Reason, answer, result or note, without anybody's numbers"),
        *_keys(name),
        _account(name),
        _handler(name),
        _known(name, "action", ACTIONS),
        _known(name, "source_state", STATES),
        _known(name, "target_state", STATES),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        comment="Step of a case: who did what, when and why; never changed",
    )
    _indexes(name, "subdistrict_id", "incident_id")


def _create_photos() -> None:
    name = "incident_photo"
    op.create_table(
        name,
        sa.Column(
            "id",
            postgresql.UUID(as_uuid=True),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Random, so that no number of photos can be read from it",
        ),
        sa.Column("incident_id", sa.BigInteger, nullable=False, comment="Incident"),
        sa.Column("case_step_id", sa.BigInteger, comment="Step that it belongs to; empty for the report itself"),
        sa.Column("content", sa.LargeBinary, nullable=False, comment="JPEG"),
        sa.Column("width", sa.SmallInteger, nullable=False, comment="Pixels"),
        sa.Column("height", sa.SmallInteger, nullable=False, comment="Pixels"),
        _time("added_at", "When it was stored"),
        *_keys(name, cascade=True),
        sa.ForeignKeyConstraint(["case_step_id"], ["case_step.id"], name=op.f(f"fk_{name}_case_step_id")),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 1000000", op.f(f"ck_{name}_content_in_range")),
        sa.CheckConstraint("width > 0 AND height > 0", op.f(f"ck_{name}_size_in_range")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        comment="Photo of an incident or of a step, upright, without metadata",
    )
    _indexes(name, "subdistrict_id", "incident_id")


def _create_notices() -> None:
    name = "case_notice"
    op.create_table(
        name,
        _number(),
        sa.Column("incident_id", sa.BigInteger, nullable=False, comment="Incident of the case"),
        sa.Column("account_id", sa.BigInteger, nullable=False, comment="Account that is told"),
        sa.Column("kind", sa.String(20), nullable=False, comment="What happened"),
        sa.Column(
            "number", sa.Text, nullable=False, comment="Number of the incident, for who may not open it any more"
        ),
        _time("created_at", "When it happened"),
        _time("seen_at", "When the account opened the case or the list", given=False),
        *_keys(name, cascade=True),
        _account(name),
        _known(name, "kind", NOTICES),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        comment="Note to an account that something happened to a case; nothing personal is in it",
    )
    _indexes(name, "subdistrict_id", "incident_id", "account_id")
    op.create_index("ix_case_notice_unseen", name, ["account_id"], postgresql_where=sa.text("seen_at IS NULL"))


def _create_withdrawn_reports() -> None:
    name = "withdrawn_report"
    op.create_table(
        name,
        _number(),
        sa.Column("number", sa.Text, nullable=False, comment="Number of the incident"),
        sa.Column("account_id", sa.BigInteger, nullable=False, comment="Account that reported and withdrew it"),
        sa.Column("reported_at", TIME, nullable=False, comment="When it was reported"),
        _time("withdrawn_at", "When it was withdrawn"),
        *_keys(name, incident=False),
        _account(name),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        comment="Report that was withdrawn before anyone accepted it: its number and times only",
    )
    _indexes(name, "subdistrict_id", "account_id")
