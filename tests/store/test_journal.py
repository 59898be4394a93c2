"""The journal: which rows a transaction has changed, from which source; and its undo, which restores every row."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import UndoObstacleKind
from gridmap.services.accounts import encryption_keys
from gridmap.store.queries.encrypted_values import list_key_ids
from gridmap.store.queries.journal.changes import list_record_changes, list_undo_obstacles, load_field_sources
from gridmap.store.schema import Building, Dwelling, Resident, Worker
from gridmap.store.schema.journal import JOURNALED_TABLES
from gridmap.store.session import Database
from gridmap.store.writes.bulk import copy_rows
from gridmap.store.writes.change_sets import UndoConflict, open_change_set, remove_earlier_values, undo_change_set
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, fill_database
from tests.store.table_snapshot import changed_tables, snapshot_tables

REGISTER_DATE = date(2026, 3, 31)


@pytest.fixture
def session(owner_connection: Connection) -> Session:
    """A session of the owner that is rolled back."""
    return Session(owner_connection, expire_on_commit=False)


@pytest.fixture
def change_set(session: Session, east: SubdistrictIds) -> int:
    """A change set of a register."""
    return open_change_set(session, "register.xlsx", REGISTER_DATE, subdistrict_id=east.subdistrict_id)


def begin_again(session: Session, east: SubdistrictIds, source: str) -> int:
    """Open another change set: one a transaction is the rule, the newest of several counts."""
    return open_change_set(session, source, subdistrict_id=east.subdistrict_id)


def add_dwelling(session: Session, east: SubdistrictIds, number: str = "101") -> int:
    columns = {"building_id": [east.building_ids[0]], "number": number, "subdistrict_id": east.subdistrict_id}
    return int(copy_rows(session, Dwelling, columns)[0])


def execute(session: Session, statement: str) -> None:
    session.execute(text(statement))


@pytest.mark.parametrize("table", JOURNALED_TABLES)
def test_every_journaled_table_has_three_triggers(owner_connection: Connection, table: str) -> None:
    triggers = f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND tgname LIKE 'journal%'"
    assert set(owner_connection.execute(text(triggers)).scalars()) == {
        *("journal_insert", "journal_update", "journal_delete")
    }


def test_a_row_knows_the_source_of_each_field(session: Session, east: SubdistrictIds, change_set: int) -> None:
    dwelling = add_dwelling(session, east)
    begin_again(session, east, "phone call")
    execute(session, f"UPDATE dwelling SET floor = 1 WHERE id = {dwelling}")
    sources = load_field_sources(session, "dwelling", [dwelling])
    number, floor = sources.get(dwelling, "number"), sources.get(dwelling, "floor")
    assert number is not None
    assert floor is not None
    assert (number.source, number.as_of, floor.source) == ("register.xlsx", REGISTER_DATE, "phone call")


def test_changes_without_a_named_source_are_by_hand(session: Session, east: SubdistrictIds) -> None:
    dwelling = add_dwelling(session, east)
    source = load_field_sources(session, "dwelling", [dwelling]).get(dwelling, "number")
    assert source is not None
    assert (source.by_hand, source.source, source.account_id) == (True, "gridmap", None)


def test_one_transaction_by_hand_is_one_change_set(session: Session, east: SubdistrictIds) -> None:
    dwellings = [add_dwelling(session, east, number) for number in ("101", "102")]
    changes = list_record_changes(session, "dwelling", dwellings)
    assert len(changes) == 2
    assert len({change.origin.change_set_id for change in changes}) == 1


def test_changes_are_listed_with_their_fields(session: Session, east: SubdistrictIds, change_set: int) -> None:
    dwelling = add_dwelling(session, east)
    execute(session, f"UPDATE dwelling SET floor = 1, number = '1-101' WHERE id = {dwelling}")
    listed = [(change.action, change.fields) for change in list_record_changes(session, "dwelling", [dwelling])]
    assert listed == [("update", ("floor", "number")), ("insert", ())]


def test_an_update_that_changes_nothing_is_not_recorded(session: Session, east: SubdistrictIds) -> None:
    execute(session, f"UPDATE building SET name = name WHERE id = {east.building_ids[0]}")
    assert [row.action for row in list_record_changes(session, "building", [east.building_ids[0]])] == ["insert"]


def test_undo_restores_every_row(session: Session, east: SubdistrictIds) -> None:
    resident, building = east.resident_ids[0], east.building_ids[1]
    other = add_dwelling(session, east, "9")
    before = snapshot_tables(session)
    change_set = begin_again(session, east, "register.xlsx")
    dwelling = add_dwelling(session, east)
    execute(session, f"UPDATE household SET dwelling_id = {dwelling} WHERE building_id = {east.building_ids[0]}")
    execute(
        session, f"UPDATE resident SET name = '李四', phone_encrypted = NULL, phone_index = NULL WHERE id = {resident}"
    )
    execute(session, f"UPDATE building SET name = '1', valid = '[2020-01-01,2026-01-01)' WHERE id = {building}")
    execute(session, f"UPDATE building SET geometry = ST_Translate(geometry, 1e-13, 0) WHERE id = {building}")
    execute(session, f"DELETE FROM dwelling WHERE id = {other}")
    after = snapshot_tables(session)
    assert set(changed_tables(before, after)) == {"dwelling", "household", "resident", "building"}
    undo_change_set(session, change_set)
    assert changed_tables(before, snapshot_tables(session)) == []


def test_an_undo_is_done_once(session: Session, east: SubdistrictIds, change_set: int) -> None:
    add_dwelling(session, east)
    undo = undo_change_set(session, change_set)
    for each in (change_set, undo):
        assert [obstacle.kind for obstacle in list_undo_obstacles(session, each)] == [UndoObstacleKind.UNDONE]


def test_a_later_change_of_the_same_field_stands_in_the_way(session: Session, east: SubdistrictIds) -> None:
    building = east.building_ids[0]
    first = begin_again(session, east, "first.xlsx")
    execute(session, f"UPDATE building SET name = '1' WHERE id = {building}")
    second = begin_again(session, east, "second.xlsx")
    execute(session, f"UPDATE building SET name = '2' WHERE id = {building}")
    assert [tuple(each) for each in list_undo_obstacles(session, first)] == [
        ("changed", "building", building, second, None)
    ]
    with pytest.raises(UndoConflict, match="the change set"):
        undo_change_set(session, first)
    undo_change_set(session, second)
    undo_change_set(session, first)
    session.expire_all()
    assert session.get_one(Building, building).name is None


def test_a_later_change_of_another_field_does_not(session: Session, east: SubdistrictIds) -> None:
    building = east.building_ids[0]
    first = begin_again(session, east, "first.xlsx")
    execute(session, f"UPDATE building SET name = '1' WHERE id = {building}")
    begin_again(session, east, "second.xlsx")
    execute(session, f"UPDATE building SET address = '东湖路 1 号' WHERE id = {building}")
    undo_change_set(session, first)
    session.expire_all()
    row = session.get_one(Building, building)
    assert (row.name, row.address) == (None, "东湖路 1 号")


def test_a_later_row_that_refers_to_an_inserted_one_stands_in_the_way(
    session: Session, east: SubdistrictIds, change_set: int
) -> None:
    dwelling = add_dwelling(session, east)
    begin_again(session, east, "residents.xlsx")
    execute(
        session,
        "INSERT INTO household (subdistrict_id, building_id, dwelling_id, kind, source)"
        f" VALUES ({east.subdistrict_id}, {east.building_ids[0]}, {dwelling}, 'resident', 'x')",
    )
    assert [tuple(each) for each in list_undo_obstacles(session, change_set)] == [
        ("referred_to", "dwelling", dwelling, None, "household")
    ]


def test_an_earlier_value_that_a_newer_row_has_taken_stands_in_the_way(session: Session, east: SubdistrictIds) -> None:
    dwelling = add_dwelling(session, east)
    renamed = begin_again(session, east, "register.xlsx")
    execute(session, f"UPDATE dwelling SET number = '102' WHERE id = {dwelling}")
    begin_again(session, east, "by hand")
    newer = add_dwelling(session, east)
    before = snapshot_tables(session)
    with pytest.raises(UndoConflict, match="earlier values of dwelling"):
        undo_change_set(session, renamed)
    assert changed_tables(before, snapshot_tables(session)) == []
    execute(session, f"DELETE FROM dwelling WHERE id = {newer}")
    undo_change_set(session, renamed)
    assert session.get_one(Dwelling, dwelling, populate_existing=True).number == "101"


def test_an_earlier_value_that_the_database_does_not_take_any_more_stands_in_the_way(
    session: Session, east: SubdistrictIds
) -> None:
    building = east.building_ids[0]
    shortened = begin_again(session, east, "survey.xlsx")
    execute(session, f"UPDATE building SET valid = '[2020-01-01,2026-01-01)' WHERE id = {building}")
    execute(session, "ALTER TABLE building ADD CONSTRAINT ended CHECK (NOT upper_inf(valid)) NOT VALID")
    with pytest.raises(UndoConflict, match="earlier values of building"):
        undo_change_set(session, shortened)
    execute(session, "ALTER TABLE building DROP CONSTRAINT ended")
    undo_change_set(session, shortened)


def test_undo_restores_rows_that_were_merged(session: Session, east: SubdistrictIds) -> None:
    resident, building = east.resident_ids[0], east.building_ids[0]
    before = snapshot_tables(session)
    change_set = begin_again(session, east, "register.xlsx")
    households = (
        f"SELECT subdistrict_id, building_id, kind, source, valid FROM household WHERE building_id = {building}"
    )
    execute(session, f"INSERT INTO household (subdistrict_id, building_id, kind, source, valid) {households}")
    execute(
        session,
        f"UPDATE resident SET household_id = (SELECT max(id) FROM household) WHERE id = {resident}",
    )
    execute(session, f"DELETE FROM household WHERE building_id = {building} AND id <> (SELECT max(id) FROM household)")
    undo_change_set(session, change_set)
    assert changed_tables(before, snapshot_tables(session)) == []


def add_leave(session: Session, east: SubdistrictIds) -> int:
    """Enter a leave of a worker from today on; the substitute has no account."""
    names = {"subdistrict_id": east.subdistrict_id, "community_id": east.community_id, "name": ["王强", "李丽"]}
    worker, substitute = copy_rows(session, Worker, names)
    begin_again(session, east, "leave")
    opened = text(
        "INSERT INTO leave (subdistrict_id, worker_id, substitute_id, valid)"
        f" VALUES ({east.subdistrict_id}, {worker}, {substitute}, daterange(today(), today() + 5)) RETURNING id"
    )
    return int(session.execute(opened).scalar_one())


def test_a_leave_by_hand_is_in_the_journal(session: Session, east: SubdistrictIds) -> None:
    leave = add_leave(session, east)
    execute(session, f"UPDATE leave SET valid = daterange(today(), today() + 3) WHERE id = {leave}")
    changes = list_record_changes(session, "leave", [leave])
    assert [(each.action, each.fields) for each in changes] == [("update", ("valid",)), ("insert", ())]


def test_a_leave_that_was_entered_is_undone_and_one_that_was_ended_is_not(
    session: Session, east: SubdistrictIds
) -> None:
    leave = add_leave(session, east)
    entered = list_record_changes(session, "leave", [leave])[0].origin.change_set_id
    ended = begin_again(session, east, "end")
    execute(session, f"DELETE FROM leave WHERE id = {leave}")
    assert [each.kind for each in list_undo_obstacles(session, ended)] == [UndoObstacleKind.ENDED_LEAVE]
    assert [each.kind for each in list_undo_obstacles(session, entered)] == [UndoObstacleKind.CHANGED]


def test_an_undo_gives_no_rights_back(session: Session, east: SubdistrictIds) -> None:
    account = east.account_ids["worker"]
    worker = copy_rows(
        session,
        Worker,
        {
            "subdistrict_id": east.subdistrict_id,
            "community_id": east.community_id,
            "name": ["王强"],
            "account_id": account,
        },
    )[0]
    change_set = begin_again(session, east, "roster.xlsx")
    execute(session, f"UPDATE worker SET name = '王刚', account_id = NULL WHERE id = {worker}")
    undo_change_set(session, change_set)
    row = session.execute(text(f"SELECT name, account_id FROM worker WHERE id = {worker}")).one()
    assert tuple(row) == ("王强", None)


def test_earlier_values_can_be_removed(session: Session, east: SubdistrictIds, change_set: int) -> None:
    resident = east.resident_ids[0]
    execute(session, f"UPDATE resident SET name = '李四' WHERE id = {resident}")
    assert remove_earlier_values(session, date(2999, 1, 1)) >= 1
    stored = "SELECT before FROM record_change WHERE table_name = 'resident' AND action = 'update'"
    assert session.execute(text(stored)).scalars().all() == [{"name": None}]
    assert UndoObstacleKind.VALUES_REMOVED in [each.kind for each in list_undo_obstacles(session, change_set)]


@pytest.fixture
def own_database(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilledDatabase]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(home))
        yield fill_database(database_url, home)


def test_a_rotation_of_keys_is_no_change_and_reaches_earlier_values(own_database: FilledDatabase) -> None:
    east, database = own_database.subdistricts["east"], Database(own_database.owner_url, trusted=True)
    with database.transaction() as session:
        change_set = begin_again(session, east, "register.xlsx")
        resident = session.get_one(Resident, east.resident_ids[0])
        resident.phone_encrypted = resident.phone_index = None
        former_keys = list_key_ids(session)
    encryption_keys.rotate_keys(database)
    with database.transaction() as session:
        assert not former_keys & list_key_ids(session)
        assert len(list_record_changes(session, "resident", [east.resident_ids[0]])) == 2
        undo_change_set(session, change_set)
        restored = session.get_one(Resident, east.resident_ids[0])
        assert restored.phone_encrypted is not None
        ring = encryption_keys.load_key_ring(session)
        assert restored.phone_index == ring.blind_index(ring.decrypt(restored.phone_encrypted))
    database.close()
