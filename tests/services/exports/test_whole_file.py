"""A subdistrict leaves whole in an encrypted file and comes back in another database, the same in every table."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select, text

from gridmap.core.errors import InvalidInput, NotFound, NotPossible
from gridmap.core.table_rows import TableRows
from gridmap.postgres.backups.backup_keys import create_identity
from gridmap.postgres.server import Cluster
from gridmap.services.exports.copied_numbers import decrypt_numbers
from gridmap.services.exports.whole_file import export_whole, load_whole
from gridmap.store.key_ring import load_key_ring
from gridmap.store.schema import Base, Subdistrict
from gridmap.store.session import Database
from gridmap.store.table_copies.whole_tables import LEFT_OUT, read_whole, whole_conditions
from tests.fixtures.loaded_town import load_demo_presets
from tests.fixtures.postgis import temporary_database


class Copied(NamedTuple):
    """A database with the demo, another one with its copy, their key folders, the file and what decrypts it."""

    source: Database
    target: Database
    source_home: Path
    target_home: Path
    file: Path
    identity: Path
    code: str


@pytest.fixture(scope="module")
def copied(postgis_server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copied]:
    """Load the demo, export it whole, and load the file into an empty database with keys of its own."""
    homes, folder = [tmp_path_factory.mktemp(name) for name in ("source", "target")], tmp_path_factory.mktemp("files")
    with temporary_database(postgis_server) as source_url, temporary_database(postgis_server) as target_url:
        load_demo_presets(source_url, homes[0], "towers")
        source, target = Database(source_url, trusted=True), Database(target_url, trusted=True)
        with source.transaction(None) as session:
            code = session.scalars(select(Subdistrict.code)).one()
            session.execute(text("UPDATE resident SET birth_year = birth_year + 1 WHERE id = 1"))  # journaled
        recipient = create_identity(folder / "identity.txt")
        copy = Copied(source, target, homes[0], homes[1], folder / "town.age", folder / "identity.txt", code)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GRIDMAP_HOME", str(copy.source_home))
            export_whole(source, code, copy.file, [recipient])
            patch.setenv("GRIDMAP_HOME", str(copy.target_home))
            load_whole(target, copy.file, copy.identity)
        yield copy
        source.close()
        target.close()


def read_all(database: Database, home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, TableRows]:
    """Return every row of the one subdistrict, with numbers in clear."""
    monkeypatch.setenv("GRIDMAP_HOME", str(home))
    with database.transaction(None) as session:
        subdistrict_id = session.scalars(select(Subdistrict.id)).one()
        return {rows.name: decrypt_numbers(rows, load_key_ring()) for rows in read_whole(session, subdistrict_id)}


def test_every_table_is_the_same_row_by_row(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    before = read_all(copied.source, copied.source_home, monkeypatch)
    after = read_all(copied.target, copied.target_home, monkeypatch)
    differing = [name for name, rows in before.items() if name != "audit" and rows.rows != after[name].rows]
    assert differing == []
    assert list(after["audit"].rows)[:-1] == list(before["audit"].rows)
    assert after["audit"].values("action")[-1] == "whole_loaded"
    filled = {name for name, rows in before.items() if rows.rows}
    assert {"resident", "household", "incident", "assignment", "account", "account_scope", "duty", "audit"} <= filled


def test_numbers_are_under_the_keys_of_the_other_installation(copied: Copied) -> None:
    query = "SELECT phone_encrypted FROM resident WHERE phone_encrypted IS NOT NULL ORDER BY id LIMIT 1"
    values = []
    for database in (copied.source, copied.target):
        with database.transaction(None) as session:
            values.append(bytes(session.scalar(text(query)) or b""))
    assert values[0]
    assert values[0] != values[1]


def test_the_file_tells_nothing_without_the_identity(copied: Copied) -> None:
    content = copied.file.read_bytes()
    assert content.startswith(b"age-encryption.org/")
    assert copied.code.encode() not in content
    assert copied.file.stat().st_mode & 0o077 == 0
    with pytest.raises(InvalidInput):
        load_whole(copied.target, copied.file)


def test_new_rows_get_keys_after_those_of_the_copy(copied: Copied) -> None:
    with copied.target.transaction(None) as session:
        key = session.scalar(text("SELECT nextval(pg_get_serial_sequence('household', 'id'))"))
        assert key is not None
        assert key > (session.scalar(text("SELECT max(id) FROM household")) or 0)


def test_triggers_are_on_again(copied: Copied) -> None:
    query = "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"
    with copied.target.transaction(None) as session:
        assert session.scalar(text(query)) == 0


def test_it_is_not_loaded_twice(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_HOME", str(copied.target_home))
    with pytest.raises(NotPossible):
        load_whole(copied.target, copied.file, copied.identity)


def test_a_cut_file_changes_nothing(copied: Copied, tmp_path: Path) -> None:
    cut = tmp_path / "cut.age"
    cut.write_bytes(copied.file.read_bytes()[:-40])
    with pytest.raises(InvalidInput):
        load_whole(copied.target, cut, copied.identity)


def test_an_unknown_subdistrict_or_no_recipient_is_refused(
    copied: Copied, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_HOME", str(tmp_path))
    with pytest.raises(NotPossible):
        export_whole(copied.source, copied.code, tmp_path / "x.age")
    recipient = create_identity(tmp_path / "other.txt")
    with pytest.raises(NotFound):
        export_whole(copied.source, "0", tmp_path / "x.age", [recipient])
    assert not (tmp_path / "x.age").exists()


def test_every_table_is_copied_or_left_out_for_a_reason() -> None:
    assert whole_conditions().keys() | LEFT_OUT.keys() == Base.metadata.tables.keys()
    without_subdistrict = {name for name, table in Base.metadata.tables.items() if "subdistrict_id" not in table.c}
    assert without_subdistrict - LEFT_OUT.keys() == {"account", "subdistrict", "record_change"}
