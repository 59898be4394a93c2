"""Backups in tests: restores as on the private server, digests of all rows, and keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812 - the class has a lower-case name
from pyrage import x25519

from gridmap.postgres import databases
from gridmap.postgres.backups import restore
from gridmap.postgres.backups.restore import RestoreSteps, Settle
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from tests.fixtures import postgis

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys' ORDER BY 1"


@dataclass(frozen=True)
class BackupKey:
    """A key pair, whose identity is in a file."""

    recipient: str
    identity_file: Path

    @classmethod
    def create(cls, file: Path) -> "BackupKey":
        identity = x25519.Identity.generate()
        file.write_text(f"# a comment, as age-keygen writes it\n{identity}\n")
        return cls(str(identity.to_public()), file)


def settle_nothing(_old: Connection, _restored_url: str, _manifest: Mapping[str, Any]) -> None:
    """Take over nothing."""


def restore_file(
    url: str, file: Path, cluster: Cluster, identities: list[Any] | None = None, settle: Settle = settle_nothing
) -> str:
    """Restore a backup as on the private server, and return the name of the replaced database."""

    def create_extensions(name: str) -> None:
        databases.create_extensions(cluster.database_url(name, "postgres"))

    steps = RestoreSteps(create_extensions, postgis.migrate_template, settle)
    return restore.restore(url, restore.open_backup(file, identities or []), steps)


def table_digests(url: str) -> dict[str, object]:
    """Return the number and the digest of the rows of every table."""
    tables = [str(name) for (name,) in fetch_rows(url, TABLES)]
    query = "SELECT '{0}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{0}\" t"
    rows = fetch_rows(url, " UNION ALL ".join(query.format(name) for name in tables))
    return {str(name): values for name, *values in rows}
