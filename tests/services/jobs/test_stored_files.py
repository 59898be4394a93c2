"""Stored files: encrypted part by part, read by their owner only, and found damaged where they were changed."""

import io
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.core.errors import NotFound, NotPossible
from gridmap.core.vocabulary import FilePurpose
from gridmap.services.accounts.encryption_keys import check_keys, rotate_keys
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.stored_files import FileContent
from gridmap.store.access.callers import load_caller
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import SubdistrictIds

CONTENT = "姓名,电话\n张小明,13800138000\n".encode()
LARGE = bytes(range(256)) * 4096 * 2 + b"end"
"""Two parts and a bit."""


def store(database: Database, place: SubdistrictIds, content: bytes = CONTENT, role: str = "station") -> int:
    with database.transaction(place.token(role)) as session:
        file = FileContent("../花名册.csv", "text/csv", io.BytesIO(content))
        return stored_files.store_file(session, load_caller(session), place.subdistrict_id, file, FilePurpose.UPLOAD)


def read(database: Database, place: SubdistrictIds, file_id: int, role: str = "station") -> bytes:
    with database.transaction(place.token(role)) as session:
        caller, target = load_caller(session), io.BytesIO()
        stored_files.copy_content(session, caller, stored_files.get_stored_file(session, caller, file_id), target)
        return target.getvalue()


@pytest.mark.parametrize("content", [CONTENT, b"", LARGE, LARGE[: 2**20]], ids=["small", "empty", "large", "one part"])
def test_a_file_comes_back_as_it_was(app_database: Database, east: SubdistrictIds, content: bytes) -> None:
    assert read(app_database, east, store(app_database, east, content)) == content


def test_the_name_has_no_folder(app_database: Database, east: SubdistrictIds) -> None:
    file_id = store(app_database, east)
    with app_database.transaction(east.token("station")) as session:
        file = stored_files.get_stored_file(session, load_caller(session), file_id)
    assert (file.name, file.size_bytes, file.media_type) == ("花名册.csv", len(CONTENT), "text/csv")


def test_the_database_has_no_content_in_clear(
    app_database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    store(app_database, east)
    with owner_database.transaction() as session:
        stored = b"".join(map(bytes, session.scalars(text("SELECT content FROM stored_file_chunk"))))
    assert stored
    assert "张小明".encode() not in stored


@pytest.mark.parametrize("reader", ["admin", "leader", "planner"])
def test_nobody_else_reads_a_file(
    app_database: Database, east: SubdistrictIds, west: SubdistrictIds, reader: str
) -> None:
    file_id = store(app_database, east)
    for place, role in ((east, reader), (west, "station")):
        with pytest.raises(NotFound):
            read(app_database, place, file_id, role)
        with app_database.transaction(place.token(role)) as session:
            for table in ("stored_file", "stored_file_chunk"):
                assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
            stored_files.discard_file(session, load_caller(session), file_id)
    assert read(app_database, east, file_id) == CONTENT


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE stored_file_chunk SET content = set_byte(content, 20, (get_byte(content, 20) + 1) % 256)",
        "UPDATE stored_file_chunk SET number = CASE number WHEN 0 THEN 7 ELSE 0 END WHERE number < 2",
        "DELETE FROM stored_file_chunk WHERE number = 2",
    ],
    ids=["changed", "exchanged", "cut"],
)
def test_a_changed_file_is_refused(
    app_database: Database, owner_database: Database, east: SubdistrictIds, change: str
) -> None:
    file_id = store(app_database, east, LARGE)
    with owner_database.transaction() as session:
        session.execute(text(change.replace("ELSE 0 END WHERE number < 2", "END WHERE number = 0")))
    with pytest.raises(NotPossible, match=r"花名册\.csv was changed"):
        read(app_database, east, file_id)


def test_a_discarded_file_is_gone_with_its_parts(
    app_database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    file_id = store(app_database, east)
    with app_database.transaction(east.token("station")) as session:
        stored_files.discard_file(session, load_caller(session), file_id)
    with owner_database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM stored_file_chunk")) == 0


def test_files_of_more_than_a_gibibyte_are_refused(
    app_database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    file_id = store(app_database, east)
    with owner_database.transaction() as session:
        session.execute(text(f"UPDATE stored_file SET size_bytes = 2^30 - {len(CONTENT)} WHERE id = {file_id}"))
    store(app_database, east)
    with pytest.raises(NotPossible, match="more than 1 GiB"):
        store(app_database, east, b"x")


def test_a_part_is_added_only_by_the_transaction_that_began_the_file(
    app_database: Database, east: SubdistrictIds
) -> None:
    file_id = store(app_database, east)
    with (
        pytest.raises(Exception, match="not allowed"),
        app_database.transaction(east.token("station")) as session,
    ):
        session.execute(text(f"SELECT add_stored_file_chunk({file_id}, 1, 'x')"))


def test_files_stay_readable_when_keys_are_rotated(
    app_database: Database, owner_database: Database, east: SubdistrictIds, gridmap_home: Path
) -> None:
    file_id = store(app_database, east)
    rotate_keys(owner_database)
    assert read(app_database, east, file_id) == CONTENT
    with owner_database.transaction() as session:
        assert check_keys(session, caller_of(session)).is_sound
