"""The schema has comments everywhere, and equals the one that the migrations create."""

import pytest
from sqlalchemy import Connection, Table

from gridmap.store.access.conditions import HIDDEN_TABLES, protected_tables
from gridmap.store.migrations import fingerprint, upgrade
from gridmap.store.schema import Base
from tests.fixtures import postgis

TABLES = [Base.metadata.tables[name] for name in sorted(Base.metadata.tables)]


def test_migrations_create_the_tables_of_the_models(owner_connection: Connection) -> None:
    upgrade.check_models(owner_connection)


def test_a_migrated_database_is_current(owner_connection: Connection) -> None:
    assert fingerprint.is_current(owner_connection)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_table_and_column_has_a_comment(table: Table) -> None:
    assert [part.name for part in (table, *table.columns) if not (part.comment or "").strip()] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_table_is_under_row_level_security_or_hidden(table: Table) -> None:
    assert table.name in (*protected_tables(), *HIDDEN_TABLES)


def test_upgrading_again_changes_nothing(module_database_url: str, owner_connection: Connection) -> None:
    postgis.migrate_template(module_database_url)
    upgrade.check_models(owner_connection)
