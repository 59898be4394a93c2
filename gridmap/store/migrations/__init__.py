"""Schema migrations: the Alembic environment, upgrades, and what version a database is at."""
