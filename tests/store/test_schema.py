"""The schema explains itself, and is what the migrations make of it."""

import pytest
from sqlalchemy import Connection, Table

from gridmap.store import migrations, version
from gridmap.store.policies import HIDDEN, tables
from gridmap.store.schema import Base

TABLES = [Base.metadata.tables[name] for name in sorted(Base.metadata.tables)]


def test_migrations_and_tables_agree(owner: Connection) -> None:
    migrations.check(owner)


def test_the_database_knows_that_it_is_up_to_date(owner: Connection) -> None:
    assert version.current(owner)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_table_and_column_says_what_it_is(table: Table) -> None:
    assert [part.name for part in (table, *table.columns) if not (part.comment or "").strip()] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_table_is_under_row_level_security_or_hidden(table: Table) -> None:
    assert table.name in (*tables(), *HIDDEN)


def test_upgrading_again_changes_nothing(module_database_url: str, owner: Connection) -> None:
    migrations.upgrade(module_database_url, "test")
    migrations.check(owner)
