"""Queries of the journal: sources of fields, changes of rows, obstacles of an undo."""
