"""Rows of an import, and the record of the import itself."""
