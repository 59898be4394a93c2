"""Sentences of stored messages as they are worded since version 9 of the schema.

Reasons of grids and revisions are stored as messages, whose English template is the key of the catalogue. Sentences
that were reworded are rewritten, so that reasons stored before are translated like new ones.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STORED_MESSAGES = (("revision_grid", "reason"), ("revision", "reasons"))
REWORDED = (
    (
        "a building, courtyard or overlapping buildings alone have {largest} households",
        "a single building, courtyard or group of overlapping buildings has {largest} households",
    ),
    (
        "no division of its surroundings within {minimum} to {maximum} was found",
        "no partition of the land around it into grids of {minimum} to {maximum} households was found",
    ),
    (
        "{total} households fit no number of grids of {minimum} to {maximum}",
        "{total} households do not fit any number of grids of {minimum} to {maximum}",
    ),
    (
        "takes in a part that no street leads to, since that part is too small for a grid of its own",
        "includes a part that no street leads to, because that part is too small for a grid of its own",
    ),
    (
        "{name} shares a building with so many others that it must be divided",
        "{name} shares buildings with too many others to stay whole, so it is divided",
    ),
    (
        "{name} lies in pieces that no way joins within one grid: it is divided",
        "{name} is in parts that cannot be connected within one grid, so it is divided",
    ),
)
"""Old and new template."""


def upgrade() -> None:
    """Make the change."""
    _replace_sentences(REWORDED)


def downgrade() -> None:
    """Take the change back."""
    _replace_sentences((new, old) for old, new in REWORDED)


def _replace_sentences(pairs: Iterable[tuple[str, str]]) -> None:
    """Replace whole templates in the JSON of all stored messages; revisions are immutable to everybody else."""
    replacements = list(pairs)
    for table, column in STORED_MESSAGES:
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        statement = sa.text(
            f"UPDATE {table} SET {column} = replace({column}::text, to_json(CAST(:old AS text))::text,"
            f" to_json(CAST(:new AS text))::text)::jsonb"
            f" WHERE {column}::text LIKE '%' || to_json(CAST(:old AS text))::text || '%'"
        )
        for old, new in replacements:
            op.get_bind().execute(statement, {"old": old, "new": new})
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
