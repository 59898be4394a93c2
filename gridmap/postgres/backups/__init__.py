"""Backups: encrypted files of the database, their keys, and their restore."""
