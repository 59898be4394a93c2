"""The private PostgreSQL, its backups and restores."""
