"""Scopes by account and day: a session is found together with all scopes of its account."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

REPLACED_FUNCTIONS = "find_session(text)", "my_scopes()"
"""Functions that return other columns, or are called otherwise, since this version."""
NEW_FUNCTIONS = (
    "find_session(text)",
    "scopes_of(bigint, date)",
    "whole_subdistricts_of(bigint, date)",
    "grids_of(bigint, date)",
    "communities_of(bigint, date)",
)


def upgrade() -> None:
    """Make the change."""
    _drop(REPLACED_FUNCTIONS)


def downgrade() -> None:
    """Take the change back."""
    _drop(NEW_FUNCTIONS)


def _drop(functions: tuple[str, ...]) -> None:
    for function in functions:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
