"""Vector tiles: content by role, validation of cached copies, and separation of the caches of accounts."""

import os
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
"""Tiles with the buildings of each subdistrict."""
BUILDING_TILE = "16/52065/27245"
"""A tile within the first building of east."""
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
def test_a_building_carries_the_code_of_its_grid(open_client: OpenClient, role: str) -> None:
    assert b"east11" in tile_bytes(open_client, f"east-{role}", f"buildings/{BUILDING_TILE}")


@pytest.mark.parametrize("layer", ["buildings", "grids"])
def test_a_tile_of_another_subdistrict_is_empty(open_client: OpenClient, layer: str) -> None:
    assert tile_bytes(open_client, "east-leader", f"{layer}/{WEST_TILE}") == b""


def test_a_leader_sees_all_grids_and_a_worker_the_own_one(open_client: OpenClient) -> None:
    leader_tile, worker_tile = (
        tile_bytes(open_client, f"east-{role}", f"grids/{EAST_TILE}") for role in ("leader", "worker")
    )
    assert (b"east11" in leader_tile, b"east12" in leader_tile) == (True, True)
    assert (b"east11" in worker_tile, b"east12" in worker_tile) == (True, False)


def test_a_tile_requires_an_account(open_client: OpenClient) -> None:
    assert get_tile(open_client, None, f"grids/{EAST_TILE}").location.startswith("/sign-in")


@pytest.mark.parametrize("tile", INVALID_TILES)
def test_an_invalid_tile_address_is_not_found(open_client: OpenClient, tile: str) -> None:
    assert get_tile(open_client, "east-leader", tile).status_code == 404


def test_an_invalid_date_is_refused(open_client: OpenClient) -> None:
    assert open_client("east-leader").get(f"/tiles/grids/{EAST_TILE}.pbf?on=today").status_code == 422


def test_an_unchanged_tile_is_neither_sent_nor_drawn(open_client: OpenClient) -> None:
    first = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}")
    cached_files()[0].unlink()
    second = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}", **{"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.data, cached_files()) == (304, b"", [])
    assert second.headers["Cache-Control"] == "private, no-cache"


def test_a_repeated_request_is_served_from_disk(open_client: OpenClient) -> None:
    first = tile_bytes(open_client, "east-leader", f"buildings/{BUILDING_TILE}")
    (path,) = cached_files()
    path.write_bytes(path.read_bytes().replace(b"\0", b"\0", 1))
    assert path.stat().st_mode & 0o777 == 0o600
    assert tile_bytes(open_client, "east-leader", f"buildings/{BUILDING_TILE}") == first
    assert cached_files() == [path]


@pytest.mark.parametrize("layer", ["buildings", "grids"])
def test_a_cached_tile_is_not_sent_to_another_subdistrict(open_client: OpenClient, layer: str) -> None:
    foreign_tile = get_tile(open_client, "west-leader", f"{layer}/{WEST_TILE}")
    assert foreign_tile.data
    condition = {"If-None-Match": foreign_tile.headers["ETag"]}
    own_tile = get_tile(open_client, "east-leader", f"{layer}/{WEST_TILE}", **condition)
    assert (own_tile.status_code, own_tile.data) == (200, b"")
    assert own_tile.headers["ETag"] != foreign_tile.headers["ETag"]


def test_the_cached_tile_of_a_worker_is_not_sent_to_the_leader(open_client: OpenClient) -> None:
    worker_tile = get_tile(open_client, "east-worker", f"grids/{EAST_TILE}")
    condition = {"If-None-Match": worker_tile.headers["ETag"]}
    leader_tile = get_tile(open_client, "east-leader", f"grids/{EAST_TILE}", **condition)
    assert leader_tile.status_code == 200
    assert b"east12" in leader_tile.data


def test_entity_tags_reveal_no_change_of_another_subdistrict(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    before = get_tile(open_client, "east-leader", f"grids/{WEST_TILE}").headers["ETag"]
    execute_sql(
        filled_database, "UPDATE building SET name = 'moved' WHERE subdistrict_id <> (SELECT min(id) FROM subdistrict)"
    )
    assert get_tile(open_client, "east-leader", f"grids/{WEST_TILE}", **{"If-None-Match": before}).status_code == 304
    assert get_tile(open_client, "east-leader", f"grids/{WEST_TILE}", **{"If-None-Match": "*"}).status_code == 304


def test_a_changed_building_changes_its_tile(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    before = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}")
    execute_sql(filled_database, "UPDATE building SET name = 'Lantern House' WHERE code = 'B0'")
    condition = {"If-None-Match": before.headers["ETag"]}
    after = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}", **condition)
    assert (after.status_code, b"Lantern House" in after.data) == (200, True)


def test_an_account_without_a_scope_gets_an_empty_tile(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    condition = {"If-None-Match": get_tile(open_client, "east-station", f"grids/{EAST_TILE}").headers["ETag"]}
    scope = f"UPDATE account_scope SET valid = '%s' WHERE account_id = {subdistricts['east'].account_ids['station']}"
    execute_sql(filled_database, scope % "[2020-01-01,2020-02-01)")
    after = get_tile(open_client, "east-station", f"grids/{EAST_TILE}", **condition)
    execute_sql(filled_database, scope % "[2020-01-01,)")
    assert (after.status_code, after.data) == (200, b"")


def test_a_plan_is_drawn_on_the_dates_on_which_it_is_in_force(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - any date is suitable
    execute_sql(filled_database, f"UPDATE adoption SET valid = daterange('2020-01-01', '{tomorrow}')")
    paths = [f"grids/{EAST_TILE}.pbf?on={day}" for day in (tomorrow - timedelta(days=1), tomorrow)]
    last, first = (open_client("east-leader").get(f"/tiles/{path}") for path in paths)
    execute_sql(filled_database, "UPDATE adoption SET valid = daterange('2020-01-01', NULL)")
    assert (b"east11" in last.data, first.data) == (True, b"")
    assert last.headers["ETag"] != first.headers["ETag"]


def test_a_tile_is_compressed_for_clients_that_accept_gzip(open_client: OpenClient) -> None:
    plain = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}")
    compressed = get_tile(open_client, "east-leader", f"buildings/{EAST_TILE}", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert (compressed.headers["Content-Encoding"], compressed.data[:2]) == ("gzip", b"\x1f\x8b")


@pytest.mark.parametrize("size", [0, 40])
def test_a_cached_tile_that_was_cut_off_is_drawn_anew(open_client: OpenClient, size: int) -> None:
    full = tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}")
    for file in cached_files():
        os.truncate(file, size)
    assert tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}") == full
    assert {file.stat().st_size > 40 for file in cached_files()} == {True}


def test_a_tile_above_the_limit_keeps_fewer_features(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    full_size = len(tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}"))
    monkeypatch.setattr(tiles, "MAX_TILE_BYTES", cached_files()[0].stat().st_size - 32 - 1)  # less the checksum
    monkeypatch.setattr(tiles, "MAX_FEATURES", 1)
    monkeypatch.setattr("gridmap.store.queries.grids.tiles.drawing_fingerprint", lambda: "another fingerprint")
    assert 0 < len(tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}")) < full_size


def test_a_change_is_visible_after_the_lifetime_of_the_cache_key(
    open_client: OpenClient, filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmap.web.shared.tiles.CACHE_KEY_MAX_AGE_S", 0.5)
    tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}")
    execute_sql(filled_database, "UPDATE building SET name = 'Rope Walk' WHERE code = 'B0'")
    time.sleep(0.6)
    assert b"Rope Walk" in tile_bytes(open_client, "east-leader", f"buildings/{EAST_TILE}")


def test_a_tile_drawn_in_a_new_scope_is_not_served_after_the_scope_is_withdrawn(
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
