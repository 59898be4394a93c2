"""Tables of the journal and of imports."""

from gridmap.store.schema.journal.changes import JOURNALED_TABLES, ChangeSet, RecordChange
from gridmap.store.schema.journal.imports import DataSource, ImportDraft, ImportRun

__all__ = ["JOURNALED_TABLES", "ChangeSet", "DataSource", "ImportDraft", "ImportRun", "RecordChange"]
