"""Import of sheets: read, compare with the database, apply with a change set, undo."""
