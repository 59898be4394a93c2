"""Vector tiles: what is drawn, for whom, when it is another one, and that nobody gets what was drawn for others."""

import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from gridmap import config
from gridmap.services import tiles
from tests.offices import Filled, Office
from tests.web.offices import Browser, app, browser, places, told

__all__ = ["app", "browser", "places"]
EAST, WEST = "14/13016/6811", "14/12970/6811"
"""Tiles in which the buildings of either subdistrict are."""
NEAR = "16/52065/27245"
"""A tile within the first building of the east."""
NO_TILES = (
    "buildings/13/0/0", "buildings/21/0/0", "buildings/14/16384/0", "buildings/14/0/16384", "buildings/14/-1/0",
    "people/14/0/0", "grids/7/0/0", "grids/99999999999999999999/0/0", "grids/14/1e3/0",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_kept(places: dict[str, Office], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmap.web.tiles.RECALLED_S", 0.0)
    for path in kept():
        path.unlink()


def asked(browser: Browser, name: str | None, tile: str, **headers: str) -> TestResponse:
    return browser(name).get(f"/tiles/{tile}.pbf", headers=headers)


def drawn(browser: Browser, name: str, tile: str) -> bytes:
    answer = asked(browser, name, tile)
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.mapbox-vector-tile")
    return bytes(answer.data)


def kept() -> list[Path]:
    return [path for path in (config.home() / "cache").rglob("*") if path.is_file()]


@pytest.mark.parametrize("role", ["planner", "worker", "leader", "station", "admin"])
def test_a_building_is_drawn_with_the_grid_it_is_in(browser: Browser, role: str) -> None:
    assert b"east11" in drawn(browser, f"east-{role}", f"buildings/{NEAR}")


@pytest.mark.parametrize("layer", ["buildings", "grids"])
def test_nothing_is_drawn_of_another_subdistrict(browser: Browser, layer: str) -> None:
    assert drawn(browser, "east-leader", f"{layer}/{WEST}") == b""


def test_all_grids_are_drawn_for_a_leader_and_a_worker_sees_the_own_one(browser: Browser) -> None:
    whole, own = (drawn(browser, f"east-{role}", f"grids/{EAST}") for role in ("leader", "worker"))
    assert (b"east11" in whole, b"east12" in whole) == (True, True)
    assert (b"east11" in own, b"east12" in own) == (True, False)


def test_without_an_account_there_is_no_tile(browser: Browser) -> None:
    assert asked(browser, None, f"grids/{EAST}").location.startswith("/sign-in")


@pytest.mark.parametrize("tile", NO_TILES)
def test_a_tile_that_is_none_is_not_found(browser: Browser, tile: str) -> None:
    assert asked(browser, "east-leader", tile).status_code == 404


def test_a_day_that_is_none_is_said_to_be_so(browser: Browser) -> None:
    assert browser("east-leader").get(f"/tiles/grids/{EAST}.pbf?on=today").status_code == 422


def test_a_browser_that_has_the_tile_gets_nothing_and_nothing_is_drawn(browser: Browser) -> None:
    first = asked(browser, "east-leader", f"buildings/{EAST}")
    kept()[0].unlink()
    again = asked(browser, "east-leader", f"buildings/{EAST}", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, kept()) == (304, b"", [])
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_the_second_time_it_comes_from_disk(browser: Browser) -> None:
    first = drawn(browser, "east-leader", f"buildings/{NEAR}")
    (path,) = kept()
    path.write_bytes(path.read_bytes().replace(b"\0", b"\0", 1))
    assert path.stat().st_mode & 0o777 == 0o600
    assert drawn(browser, "east-leader", f"buildings/{NEAR}") == first
    assert kept() == [path]


@pytest.mark.parametrize("layer", ["buildings", "grids"])
def test_a_kept_tile_is_given_to_nobody_else(browser: Browser, layer: str) -> None:
    theirs = asked(browser, "west-leader", f"{layer}/{WEST}")
    assert theirs.data
    mark = {"If-None-Match": theirs.headers["ETag"]}
    mine = asked(browser, "east-leader", f"{layer}/{WEST}", **mark)
    assert (mine.status_code, mine.data) == (200, b"")
    assert mine.headers["ETag"] != theirs.headers["ETag"]


def test_a_workers_kept_tile_is_not_the_leaders(browser: Browser) -> None:
    own = asked(browser, "east-worker", f"grids/{EAST}")
    whole = asked(browser, "east-leader", f"grids/{EAST}", **{"If-None-Match": own.headers["ETag"]})
    assert whole.status_code == 200
    assert b"east12" in whole.data


def test_who_guesses_marks_learns_nothing_of_a_foreign_place(browser: Browser, filled: Filled) -> None:
    before = asked(browser, "east-leader", f"grids/{WEST}").headers["ETag"]
    told(filled, "UPDATE building SET name = 'moved' WHERE subdistrict_id <> (SELECT min(id) FROM subdistrict)")
    assert asked(browser, "east-leader", f"grids/{WEST}", **{"If-None-Match": before}).status_code == 304
    assert asked(browser, "east-leader", f"grids/{WEST}", **{"If-None-Match": "*"}).status_code == 304


def test_a_change_makes_another_tile(browser: Browser, filled: Filled) -> None:
    before = asked(browser, "east-leader", f"buildings/{EAST}")
    told(filled, "UPDATE building SET name = 'Lantern House' WHERE code = 'B0'")
    mark = {"If-None-Match": before.headers["ETag"]}
    after = asked(browser, "east-leader", f"buildings/{EAST}", **mark)
    assert (after.status_code, b"Lantern House" in after.data) == (200, True)


def test_who_loses_the_scope_loses_the_tile(browser: Browser, filled: Filled, places: dict[str, Office]) -> None:
    mark = {"If-None-Match": asked(browser, "east-station", f"grids/{EAST}").headers["ETag"]}
    scope = f"UPDATE account_scope SET valid = '%s' WHERE account_id = {places['east'].accounts['station']}"
    told(filled, scope % "[2020-01-01,2020-02-01)")
    after = asked(browser, "east-station", f"grids/{EAST}", **mark)
    told(filled, scope % "[2020-01-01,)")
    assert (after.status_code, after.data) == (200, b"")


def test_a_plan_is_drawn_from_its_day_on_and_not_before(browser: Browser, filled: Filled) -> None:
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - any day will do
    told(filled, f"UPDATE adoption SET valid = daterange('2020-01-01', '{tomorrow}')")
    days = [f"grids/{EAST}.pbf?on={day}" for day in (tomorrow - timedelta(days=1), tomorrow)]
    last, first = (browser("east-leader").get(f"/tiles/{day}") for day in days)
    told(filled, "UPDATE adoption SET valid = daterange('2020-01-01', NULL)")
    assert (b"east11" in last.data, first.data) == (True, b"")
    assert last.headers["ETag"] != first.headers["ETag"]


def test_it_is_squeezed_for_those_who_can_take_it(browser: Browser) -> None:
    plain = asked(browser, "east-leader", f"buildings/{EAST}")
    squeezed = asked(browser, "east-leader", f"buildings/{EAST}", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert (squeezed.headers["Content-Encoding"], squeezed.data[:2]) == ("gzip", b"\x1f\x8b")


def test_of_a_tile_that_is_too_large_the_largest_features_are_left(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(drawn(browser, "east-leader", f"buildings/{EAST}"))
    monkeypatch.setattr(tiles, "LARGEST", kept()[0].stat().st_size - 1)
    monkeypatch.setattr(tiles, "MANY", 1)
    monkeypatch.setattr(tiles, "_way", lambda: "another way")
    assert 0 < len(drawn(browser, "east-leader", f"buildings/{EAST}")) < whole


def test_a_change_is_seen_after_a_moment(browser: Browser, filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmap.web.tiles.RECALLED_S", 0.5)
    drawn(browser, "east-leader", f"buildings/{EAST}")
    told(filled, "UPDATE building SET name = 'Rope Walk' WHERE code = 'B0'")
    time.sleep(0.6)
    assert b"Rope Walk" in drawn(browser, "east-leader", f"buildings/{EAST}")


def test_what_is_drawn_with_rights_just_gained_is_not_kept_for_those_without(
    browser: Browser, filled: Filled, places: dict[str, Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmap.web.tiles.RECALLED_S", 60.0)
    worker = browser("east-worker")
    worker.get(f"/tiles/grids/{NEAR}.pbf")
    scope = f"UPDATE account_scope SET grid_id = %s WHERE account_id = {places['east'].accounts['worker']}"
    told(filled, scope % places["east"].grids[1])
    assert b"east12" in worker.get(f"/tiles/grids/{EAST}.pbf").data
    told(filled, scope % places["east"].grids[0])
    assert b"east12" not in worker.get(f"/tiles/grids/{EAST}.pbf").data
