"""Tables of the journal and of imports."""

from gridmap.store.schema.journal.changes import JOURNALED_TABLES, ChangeSet, RecordChange
from gridmap.store.schema.journal.imports import DataSource, ImportRun

__all__ = ["JOURNALED_TABLES", "ChangeSet", "DataSource", "ImportRun", "RecordChange"]
