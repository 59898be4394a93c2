"""Faults and warnings of the rows of a sheet, row by row and by reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gridmap.core.errors import Message
from gridmap.store.message_json import message_from_json

MAX_LISTED_ROWS = 10
"""Rows that are named for each reason; the marked sheet has all."""
StoredMessage = dict[str, Any]


@dataclass(frozen=True)
class FaultNote:
    """Reasons why a row cannot be imported, or warnings about it; with no row number, about the file."""

    row: int | None
    is_warning: bool
    stored: list[StoredMessage]

    @property
    def messages(self) -> list[Message]:
        """Return the reasons, to be translated."""
        return [message_from_json(each) for each in self.stored]


@dataclass
class FaultGroup:
    """Rows with the same reason in the same column.

    Parameters
    ----------
    is_warning : bool
    stored : mapping
        Reason of the first row.
    count : int
    rows : list of int
        The first ones.
    """

    is_warning: bool
    stored: StoredMessage
    count: int = 0
    rows: list[int] = field(default_factory=list)

    @property
    def message(self) -> Message:
        """Return the reason of the first row, to be translated."""
        return message_from_json(self.stored)


def group_faults(notes: Iterable[FaultNote]) -> Sequence[FaultGroup]:
    """Return the faults by reason and column, the most frequent first.

    Examples
    --------
    >>> empty = {"template": "{field} is empty: fill it in", "values": {"field": "姓名"}}
    >>> unknown = {"template": "no building is found for {name}", "values": {"name": "99"}}
    >>> notes = [FaultNote(2, False, [unknown]), FaultNote(5, False, [empty, unknown])]
    >>> [(str(group.message), group.count, group.rows) for group in group_faults(notes)]
    [('no building is found for 99', 2, [2, 5]), ('姓名 is empty: fill it in', 1, [5])]
    """
    groups = dict[tuple[bool, str, str], FaultGroup]()
    for note in notes:
        for stored in note.stored:
            key = note.is_warning, stored["template"], str(stored["values"].get("field", ""))
            group = groups.setdefault(key, FaultGroup(note.is_warning, stored))
            group.count += 1
            if note.row is not None and len(group.rows) < MAX_LISTED_ROWS:
                group.rows.append(note.row)
    return sorted(groups.values(), key=lambda group: (group.is_warning, -group.count))
