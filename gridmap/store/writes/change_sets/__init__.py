"""Change sets: opened before a transaction changes rows, and undone."""

from gridmap.store.writes.change_sets.change_sets import (
    UndoConflict,
    open_change_set,
    paused_journal,
    remove_earlier_values,
    undo_change_set,
)

__all__ = ["UndoConflict", "open_change_set", "paused_journal", "remove_earlier_values", "undo_change_set"]
