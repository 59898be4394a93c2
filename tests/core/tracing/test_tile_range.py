"""Tiles that cover a square: the right ones, and never more than a picture holds."""

from math import asinh, floor, pi, radians, tan

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.core.tracing.tile_range import TileRange, cover_square


def test_a_square_lies_within_its_tiles_and_touches_each_side() -> None:
    """Columns and rows as OpenStreetMap's wiki computes them from degrees."""
    tiles = cover_square(114.3, 30.5, 1000)
    west, east = (
        114.3 - 500 / 95_915,
        114.3 + 500 / 95_915,
    )  # metres of a degree of longitude on the sphere, 30.5° north
    north, south = 30.5 + 500 / 111_320, 30.5 - 500 / 111_320
    columns = [floor((longitude + 180) / 360 * 2**18) for longitude in (west, east)]
    rows = [floor((1 - asinh(tan(radians(latitude))) / pi) / 2 * 2**18) for latitude in (north, south)]
    assert tiles == TileRange(18, *columns, *rows)
    assert len(list(tiles.list_tiles())) == tiles.tile_count == 81


@pytest.mark.parametrize(
    ("side_m", "layers", "zoom", "tile_count"),
    [(2445, 1, 18, 256), (2447, 1, 17, 100), (1528, 2, 18, 100), (1530, 2, 17, 36), (19_567, 1, 15, 256)],
)
def test_the_finest_level_whose_tiles_are_not_too_many_is_taken(
    side_m: float, layers: int, zoom: int, tile_count: int
) -> None:
    """Take a corner of four tiles as the middle: a tile of level 18 has 152.87 m, one of level 15 eight times that."""
    tiles = cover_square(0, 0, side_m, layers)
    assert (tiles.zoom, tiles.tile_count) == (zoom, tile_count)


def test_a_square_that_is_too_large_is_refused_with_one_that_would_do() -> None:
    with pytest.raises(InvalidInput) as refused:
        cover_square(0, 0, 19_569)
    [fault] = refused.value.faults
    assert (fault.column, fault.problem.values) == ("side_km", {"side": 18.3})
    assert all(cover_square(longitude, 0, 18_300).zoom == 15 for longitude in (0, 0.003, 0.0055, 114.3))
