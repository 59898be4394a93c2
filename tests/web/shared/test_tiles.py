"""Vector tiles: what is drawn, for whom, when it is another one, and that nobody gets what was drawn for others."""

import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from gridmap import config
from gridmap.services.grids import tiles
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
EAST_TILE, WEST_TILE = "14/13016/6811", "14/12970/6811"
"""Tiles in which the buildings of either subdistrict are."""
BUILDING_TILE = "16/52065/27245"
"""A tile within the first building of the east."""
INVALID_TILES = (
    "buildings/13/0/0", "buildings/21/0/0", "buildings/14/16384/0", "buildings/14/0/16384", "buildings/14/-1/0",
    "people/14/0/0", "grids/7/0/0", "grids/99999999999999999999/0/0", "grids/14/1e3/0",
)  # fmt: skip


@pytest.fixture(autouse=True)
def empty_tile_cache(subdistricts: dict[str, SubdistrictIds], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmap.web.shared.tiles.CACHE_KEY_MAX_AGE_S", 0.0)
    for path in cached_files():
        path.unlink()


def get_tile(open_client: OpenClient, name: str | None, tile: str, **headers: str) -> TestResponse:
    return open_client(name).get(f"/tiles/{tile}.pbf", headers=headers)


def tile_bytes(open_client: OpenClient, name: str, tile: str) -> bytes:
    answer = get_tile(open_client, name, tile)
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.mapbox-vector-tile")
    return bytes(answer.data)


def cached_files() -> list[Path]:
    return [path for path in (config.data_dir() / "cache").rglob("*") if path.is_file()]


@pytest.mark.parametrize("role", ["planner", "worker", "leader", "station", "admin"])
def test_a_building_is_drawn_with_the_grid_it_is_in(open_client: OpenClient, role: str) -> None:
    assert b"east11" in tile_bytes(open_client, f"east-{role}", f"buildings/{BUILDING_TILE}")


@pytest.mark.parametrize("layer", ["buildings", "grids"])
def test_nothing_is_drawn_of_another_subdistrict(open_client: OpenClient, layer: str) -> None:
    assert tile_bytes(open_client, "east-leader", f"{layer}/{WEST_TILE}") == b""


def test_all_grids_are_drawn_for_a_leader_and_a_worker_sees_the_own_one(open_client: OpenClient) -> None:
    whole, own = (tile_bytes(open_client, f"east-{role}", f"grids/{EAST_TILE}") for role in ("leader", "worker"))
    assert (b"east11" in whole, b"east12" in whole) == (True, True)
    assert (b"east11" in own, b"east12" in own) == (True, False)


def test_without_an_account_there_is_no_tile(open_client: OpenClient) -> None:
    assert get_tile(open_client, None, f"grids/{EAST_TILE}").location.startswith("/sign-in")


@pytest.mark.parametrize("tile", INVALID_TILES)
def test_a_tile_that_is_none_is_not_found(open_client: OpenClient, tile: str) -> None:
    assert get_tile(open_client, "east-leader", tile).status_code == 404


def test_a_day_that_is_none_is_said_to_be_so(open_client: OpenClient) -> None:
    assert open_client("east-leader").get(f"/tiles/grids/{EAST_TILE}.pbf?on=today").status_code == 422


def test_a_browser_that_has_the_tile_gets_nothing_and_nothing_is_drawn(open_client: OpenClient) -> None:
    first = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}")
    cached_files()[0].unlink()
    again = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, cached_files()) == (304, b"", [])
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_the_second_time_it_comes_from_disk(open_client: OpenClient) -> None:
    first = tile_bytes(open_client, "east-leader", f"buildings/{BUILDING_TILE}")
    (path,) = cached_files()
    path.write_bytes(path.read_bytes().replace(b"\0", b"\0", 1))
    assert path.stat().st_mode & 0o777 == 0o600
    assert tile_bytes(open_client, "east-leader", f"buildings/{BUILDING_TILE}") == first
    assert cached_files() == [path]


@pytest.mark.parametrize("layer", ["buildings", "grids"])
def test_a_kept_tile_is_given_to_nobody_else(open_client: OpenClient, layer: str) -> None:
    theirs = get_tile(open_client, "west-leader", f"{layer}/{WEST_TILE}")
    assert theirs.data
    mark = {"If-None-Match": theirs.headers["ETag"]}
    mine = get_tile(open_client, "east-leader", f"{layer}/{WEST_TILE}", **mark)
    assert (mine.status_code, mine.data) == (200, b"")
    assert mine.headers["ETag"] != theirs.headers["ETag"]


def test_a_workers_kept_tile_is_not_the_leaders(open_client: OpenClient) -> None:
    own = get_tile(open_client, "east-worker", f"grids/{EAST_TILE}")
    whole = get_tile(open_client, "east-leader", f"grids/{EAST_TILE}", **{"If-None-Match": own.headers["ETag"]})
    assert whole.status_code == 200
    assert b"east12" in whole.data


def test_who_guesses_marks_learns_nothing_of_a_foreign_place(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    before = get_tile(open_client, "east-leader", f"grids/{WEST_TILE}").headers["ETag"]
    execute_sql(
        filled_database, "UPDATE building SET name = 'moved' WHERE subdistrict_id <> (SELECT min(id) FROM subdistrict)"
    )
    assert get_tile(open_client, "east-leader", f"grids/{WEST_TILE}", **{"If-None-Match": before}).status_code == 304
    assert get_tile(open_client, "east-leader", f"grids/{WEST_TILE}", **{"If-None-Match": "*"}).status_code == 304


def test_a_change_makes_another_tile(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    before = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}")
    execute_sql(filled_database, "UPDATE building SET name = 'Lantern House' WHERE code = 'B0'")
    mark = {"If-None-Match": before.headers["ETag"]}
    after = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}", **mark)
    assert (after.status_code, b"Lantern House" in after.data) == (200, True)


def test_who_loses_the_scope_loses_the_tile(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    mark = {"If-None-Match": get_tile(open_client, "east-station", f"grids/{EAST_TILE}").headers["ETag"]}
    scope = f"UPDATE account_scope SET valid = '%s' WHERE account_id = {subdistricts['east'].account_ids['station']}"
    execute_sql(filled_database, scope % "[2020-01-01,2020-02-01)")
    after = get_tile(open_client, "east-station", f"grids/{EAST_TILE}", **mark)
    execute_sql(filled_database, scope % "[2020-01-01,)")
    assert (after.status_code, after.data) == (200, b"")


def test_a_plan_is_drawn_from_its_day_on_and_not_before(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - any day will do
    execute_sql(filled_database, f"UPDATE adoption SET valid = daterange('2020-01-01', '{tomorrow}')")
    days = [f"grids/{EAST_TILE}.pbf?on={day}" for day in (tomorrow - timedelta(days=1), tomorrow)]
    last, first = (open_client("east-leader").get(f"/tiles/{day}") for day in days)
    execute_sql(filled_database, "UPDATE adoption SET valid = daterange('2020-01-01', NULL)")
    assert (b"east11" in last.data, first.data) == (True, b"")
    assert last.headers["ETag"] != first.headers["ETag"]


def test_it_is_squeezed_for_those_who_can_take_it(open_client: OpenClient) -> None:
    plain = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}")
    squeezed = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert (squeezed.headers["Content-Encoding"], squeezed.data[:2]) == ("gzip", b"\x1f\x8b")


def test_of_a_tile_that_is_too_large_the_largest_features_are_left(
    open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}"))
    monkeypatch.setattr(tiles, "MAX_TILE_BYTES", cached_files()[0].stat().st_size - 1)
    monkeypatch.setattr(tiles, "MAX_FEATURES", 1)
    monkeypatch.setattr("gridmap.store.queries.grids.tiles.drawing_fingerprint", lambda: "another way")
    assert 0 < len(tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}")) < whole


def test_a_change_is_seen_after_a_moment(
    open_client: OpenClient, filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmap.web.shared.tiles.CACHE_KEY_MAX_AGE_S", 0.5)
    tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}")
    execute_sql(filled_database, "UPDATE building SET name = 'Rope Walk' WHERE code = 'B0'")
    time.sleep(0.6)
    assert b"Rope Walk" in tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}")


def test_what_is_drawn_with_rights_just_gained_is_not_kept_for_those_without(
    open_client: OpenClient,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gridmap.web.shared.tiles.CACHE_KEY_MAX_AGE_S", 60.0)
    worker = open_client("east-worker")
    worker.get(f"/tiles/grids/{BUILDING_TILE}.pbf")
    scope = f"UPDATE account_scope SET grid_id = %s WHERE account_id = {subdistricts['east'].account_ids['worker']}"
    execute_sql(filled_database, scope % subdistricts["east"].grid_ids[1])
    assert b"east12" in worker.get(f"/tiles/grids/{EAST_TILE}.pbf").data
    execute_sql(filled_database, scope % subdistricts["east"].grid_ids[0])
    assert b"east12" not in worker.get(f"/tiles/grids/{EAST_TILE}.pbf").data
