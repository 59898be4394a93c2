"""Schema migrations: the Alembic environment, upgrades, and the version of a database."""
