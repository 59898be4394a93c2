"""Tables of the journal: change sets and their rows."""

from gridmap.store.schema.journal.changes import JOURNALED_TABLES, ChangeSet, RecordChange

__all__ = ["JOURNALED_TABLES", "ChangeSet", "RecordChange"]
