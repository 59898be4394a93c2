"""A plan leaves as a file and comes back in another database, the same in every row."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput, NotFound, NotPossible
from gridmap.core.plans.norm import Norm
from gridmap.core.table_rows import TableRows
from gridmap.formats.exports.copy_file import read_copy
from gridmap.formats.package.town import read_town
from gridmap.postgres.server import Cluster
from gridmap.services.exports.plan_file import choose_revision, load_plan_file, write_plan_file
from gridmap.services.exports.plan_norm import parse_norm
from gridmap.services.grids.norms import load_norm
from gridmap.services.norms.changes import NormChange, change_norm
from gridmap.services.plans.revisions import list_community_revisions
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans.norms import NormPlace
from gridmap.store.schema import Base, Community
from gridmap.store.session import Database
from gridmap.store.table_copies.columns import referenced_table
from tests.fixtures.loaded_town import load_town
from tests.fixtures.postgis import temporary_database

FIRST, SECOND = "420106001001", "420106001002"


def export(database: Database, code: str, target: Path) -> Path:
    with database.transaction(None) as session:
        community_id = session.scalars(select(Community.id).where(Community.code == code)).one()
        revision = choose_revision(list_community_revisions(session, OWNER, community_id), None)
        write_plan_file(session, OWNER, revision, target, "zh_CN")
    return target


def without_keys(tables: Sequence[TableRows]) -> dict[str, list[list[object]]]:
    """Return the rows with the position of its row in place of every key, which keeps what refers to what."""
    with_ids = [each for each in tables if "id" in each.columns]
    positions = {each.name: {key: number for number, key in enumerate(each.values("id"))} for each in with_ids}
    compared: dict[str, list[list[object]]] = {}
    for each in tables:
        schema = Base.metadata.tables[each.name]
        targets = [each.name if name == "id" else referenced_table(schema, name) for name in each.columns]
        pairs = [zip(row, targets, strict=True) for row in each.rows]
        compared[each.name] = [
            [positions.get(to, {}).get(value) if to else value for value, to in row] for row in pairs
        ]
    return compared


def stored_norm(database: Database, code: str) -> NormChange | None:
    """Return the norm of a community today, with its document."""
    with database.transaction(None) as session:
        community = session.scalars(select(Community).where(Community.code == code)).one()
        row = load_norm(session, OWNER, NormPlace(community.subdistrict_id, community.id), get_today(session)).row
    return NormChange(row.norm, row.source, row.source_date, row.first) if row else None


@pytest.fixture(scope="module")
def databases(postgis_server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Database]]:
    """Yield a database with a town in force, and an empty one."""
    with temporary_database(postgis_server) as source_url, temporary_database(postgis_server) as target_url:
        load_town(source_url, tmp_path_factory.mktemp("town"))
        source, target = Database(source_url, trusted=True), Database(target_url, trusted=True)
        yield source, target
        source.close()
        target.close()


@pytest.fixture(scope="module")
def plan_file(databases: tuple[Database, Database], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(databases[0], FIRST, tmp_path_factory.mktemp("plan") / "方案.gpkg")


def test_every_row_comes_back_in_another_database(
    databases: tuple[Database, Database], plan_file: Path, tmp_path: Path
) -> None:
    source, target = databases
    loaded = load_plan_file(target, plan_file)
    assert (loaded.community_code, loaded.number) == (FIRST, 1)
    assert (loaded.norm, loaded.is_norm_entered) == (Norm(60, 130), True)
    assert stored_norm(target, FIRST) == stored_norm(source, FIRST)
    exported = export(target, FIRST, tmp_path / "b.gpkg")
    before, after = (without_keys(read_copy(file)[0]) for file in (plan_file, exported))
    assert before == after
    filled = ("cell", "building", "assignment", "revision_grid", "household_count", "street", "building_cell")
    assert all(before[name] for name in filled)
    with pytest.raises(NotPossible):
        load_plan_file(target, plan_file)
    second = export(source, SECOND, tmp_path / "c.gpkg")
    assert load_plan_file(target, second).community_code == SECOND  # the subdistrict is there now
    again = export(target, SECOND, tmp_path / "d.gpkg")
    assert without_keys(read_copy(second)[0]) == without_keys(read_copy(again)[0])


def test_a_norm_of_the_database_stays(
    databases: tuple[Database, Database], tmp_path: Path, postgis_server: Cluster
) -> None:
    file = export(databases[0], SECOND, tmp_path / "plan.gpkg")
    with temporary_database(postgis_server) as url:
        other = Database(url, trusted=True)
        load_plan_file(other, export(databases[0], FIRST, tmp_path / "first.gpkg"))
        with other.transaction(None) as session:
            subdistrict_id = session.scalars(select(Community.subdistrict_id)).one()
            today = get_today(session)
            own = NormChange(Norm(300, 500), "会议纪要", today, today)
            change_norm(session, OWNER, NormPlace(subdistrict_id, None), own)
        loaded = load_plan_file(other, file)
        assert (loaded.norm, loaded.is_norm_entered) == (Norm(60, 130), False)
        assert stored_norm(other, SECOND) == own
        other.close()


@pytest.mark.parametrize("text", ["{}", "[]", "x", '{"minimum": 9, "maximum": 3}', '{"minimum": null}'])
def test_a_damaged_norm_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_norm(text)


def test_a_plan_file_is_a_town_package(plan_file: Path) -> None:
    town = read_town(plan_file)
    assert list(town.communities["code"]) == [FIRST]
    assert town.buildings["households"].sum() > 0
    assert set(town.buildings["building_id"]) == {"b1", "b2", "b3"}


def test_a_plan_file_has_the_colours_and_codes_of_the_page(plan_file: Path) -> None:
    with closing(sqlite3.connect(plan_file)) as database:
        codes = database.execute("SELECT DISTINCT grid_code FROM cells ORDER BY 1").fetchall()
        grids = database.execute("SELECT grid_code FROM grids ORDER BY 1").fetchall()
        styled = {row[0] for row in database.execute("SELECT f_table_name FROM layer_styles")}
        notes = database.execute("SELECT name FROM gridmap_copy WHERE layer = 'gridmap-plan-1'").fetchall()
    assert codes == grids
    assert {"grids", "cells", "buildings", "streets", "communities"} <= styled
    assert sorted(notes) == [("norm",), ("plan",), ("program",), ("revision",)]


def test_another_file_is_refused(tmp_path: Path, databases: tuple[Database, Database]) -> None:
    other = tmp_path / "other.gpkg"
    sqlite3.connect(other).close()
    with pytest.raises(InvalidInput):
        load_plan_file(databases[1], other)


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE cells",
        "UPDATE gridmap_copy SET content = '[\"id\", \"evil\"]' WHERE name = 'cell'",
        "UPDATE gridmap_copy SET content = 'x' WHERE name = 'cell'",
        "DELETE FROM gridmap_copy WHERE name = 'grid'",
        "UPDATE building SET code = NULL",
    ],
)
def test_a_damaged_file_changes_nothing(
    databases: tuple[Database, Database], plan_file: Path, tmp_path: Path, damage: str
) -> None:
    damaged = tmp_path / "damaged.gpkg"
    damaged.write_bytes(plan_file.read_bytes())
    with closing(sqlite3.connect(damaged)) as database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):  # triggers of the spatial index
            database.create_function(name, 1, lambda _: 0)
        database.execute("UPDATE communities SET code = '999999999999'")
        database.execute(damage.replace("UPDATE building ", "UPDATE buildings "))
        database.commit()
    with pytest.raises((InvalidInput, NotPossible)):
        load_plan_file(databases[1], damaged)
    with databases[1].transaction(None) as session:
        assert session.scalars(select(Community.id).where(Community.code == "999999999999")).all() == []


def test_a_revision_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        choose_revision([], 1)
