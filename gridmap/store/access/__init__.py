"""Access control in the database: row-level security, and the row filters of queries."""
