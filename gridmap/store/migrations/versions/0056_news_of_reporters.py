"""Reporters are told when their case is taken in, and when a worker is given it."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

FORMER = (
    *("assigned", "begun", "sent_back", "asked", "answered", "closed", "reopened", "supervised", "instructed"),
    *("handed_over", "taken_over", "handed_back", "overdue"),
)
ADDED = ("accepted", "passed_on")


def upgrade() -> None:
    """Make the change."""
    _allow(*FORMER, *ADDED)


def downgrade() -> None:
    """Take the change back; the news of the new kinds are lost."""
    op.execute(f"DELETE FROM case_notice WHERE kind IN ({_listed(ADDED)})")
    _allow(*FORMER)


def _allow(*kinds: str) -> None:
    name = op.f("ck_case_notice_kind_known")
    op.drop_constraint(name, "case_notice", type_="check")
    op.create_check_constraint(name, "case_notice", f"kind IN ({_listed(kinds)})")


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)
