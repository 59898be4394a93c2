"""Migration 0009 renames tables, columns and functions, and keeps every row."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from gridmap.postgres import databases
from gridmap.postgres.backups import backup
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.store.migrations.upgrade import alembic_config
from tests.fixtures import postgis
from tests.postgres.backup_fixtures import restore_file
from tests.store.migrations.schema_0008 import database_at_0008

RENAMED_ROWS = {
    "SELECT name, created_at AT TIME ZONE 'UTC' = '2024-01-02 03:04:05' FROM account": [("ann", True)],
    "SELECT account_id, password_hash FROM credential": [(3, "hash of ann")],
    "SELECT encode(fingerprint, 'hex'), failures, last_attempt_at = '2024-01-03Z', locked_until = '2024-01-03 00:01Z'"
    " FROM sign_in_throttle": [("01", 6, True, True)],
    "SELECT encode(token_hash, 'hex'), created_at = '2024-01-04Z', last_seen_at = '2024-01-04 01:00Z', ip_address::text"
    " FROM web_session": [("02", True, True, "192.0.2.1/32")],
    "SELECT action, host(ip_address) FROM audit": [("sign_in", "192.0.2.2")],
    "SELECT id, crs, created_at = '2024-02-01Z' FROM land": [(4, "EPSG:4547", True)],
    "SELECT id, dedicated_land_id FROM cell": [(6, 5)],
    "SELECT encode(id_number_encrypted || id_number_index || phone_encrypted || phone_index, 'hex') FROM resident": [
        ("0a0b0c0d",)
    ],
    "SELECT kind, grid_id, line_of_work FROM duty ORDER BY kind": [("field", None, "care"), ("own_grid", 9, None)],
    "SELECT name, created_at = '2024-03-01Z', created_by FROM plan": [("first", True, 3)],
    "SELECT number, created_at = '2024-03-02Z', created_by FROM revision": [(1, True, 3)],
    "SELECT reported_by, idempotency_key FROM incident": [(3, "form 1")],
}
"""Rows of `tests.store.migrations.schema_0008` under their new names."""
CATALOG_QUERIES = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default,"
    " col_description(to_regclass(table_name), ordinal_position) FROM information_schema.columns"
    " WHERE table_schema = 'public'",
    "table comments": "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class WHERE relkind = 'r'"
    " AND relname <> 'alembic_version' AND relnamespace = 'public'::regnamespace",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "functions": "SELECT oid::regprocedure::text, pg_get_functiondef(oid), proowner::regrole::text, proacl::text"
    " FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
    "policies": "SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}
LATEST_FUNCTIONS = {
    "are_my_new_lands",
    "carry_adoption",
    "cell_of_place",
    "my_rebuilt_communities",
    "relink_places",
    "save_former_cells",
    "save_land_report",
    "standing_merges",
}
"""Functions of the versions 0047 and 0051, which a downgrade removes."""


@pytest.fixture(scope="module")
def old_database_url(postgis_server: Cluster) -> Iterator[str]:
    with database_at_0008(postgis_server) as url:
        yield url


@pytest.fixture(scope="module")
def old_backup(old_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the database before it is upgraded."""
    folder = tmp_path_factory.mktemp("backup")
    return backup.write_backup(old_database_url, folder, ())


@pytest.fixture(scope="module")
def upgraded_url(old_database_url: str, old_backup: Path) -> str:
    postgis.migrate_template(old_database_url)
    return old_database_url


def read_catalog(url: str, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query on the catalog, in one order."""
    return sorted(fetch_rows(url, query), key=str)


def read_tables(url: str) -> dict[str, list[tuple[object, ...]]]:
    parts = "columns", "table comments", "constraints", "indexes"
    return {part: read_catalog(url, CATALOG_QUERIES[part]) for part in parts}


@pytest.mark.parametrize("query", RENAMED_ROWS)
def test_an_upgrade_keeps_the_rows_of_renamed_columns(upgraded_url: str, query: str) -> None:
    assert fetch_rows(upgraded_url, query) == RENAMED_ROWS[query]


@pytest.mark.parametrize("part", CATALOG_QUERIES)
def test_an_upgraded_database_equals_a_new_one(upgraded_url: str, module_database_url: str, part: str) -> None:
    query = CATALOG_QUERIES[part]
    assert read_catalog(upgraded_url, query) == read_catalog(module_database_url, query)


def test_an_upgraded_database_changes_its_data_version(upgraded_url: str) -> None:
    before = fetch_rows(upgraded_url, "SELECT version FROM data_version")
    databases.execute(upgraded_url, "UPDATE grid SET code = 'east1002'")
    assert fetch_rows(upgraded_url, "SELECT version FROM data_version") != before


def test_an_older_backup_is_upgraded_when_it_is_restored(
    database_url: str, old_backup: Path, postgis_server: Cluster
) -> None:
    kept = restore_file(database_url, old_backup, postgis_server)
    postgis.drop_database(postgis_server.database_url(), kept)
    found = {query: fetch_rows(database_url, query) for query in RENAMED_ROWS}
    assert found == RENAMED_ROWS


def test_a_downgrade_brings_the_old_names_back(postgis_server: Cluster) -> None:
    with database_at_0008(postgis_server) as url:
        before = read_tables(url)
        postgis.migrate_template(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            command.downgrade(alembic_config(connection), "0008")
        engine.dispose()
        assert read_tables(url) == before
        assert [read_catalog(url, CATALOG_QUERIES[part]) for part in ("policies", "triggers")] == [[], []]
        left = {str(row[0]).partition("(")[0] for row in read_catalog(url, CATALOG_QUERIES["functions"])}
        assert left.isdisjoint(LATEST_FUNCTIONS)
