"""Results to draw: small plans with everything a map must show, and names that mean harm."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

CRS = "EPSG:4326"
WEST, SOUTH, STEP = 102.700, 25.040, 0.002
CODE = "530102001001"

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`+alert(1)+`",
    "</script><script>alert(1)</script>",
    "\"';alert(1)//'\"",
    "{{7*7}}{% raw %}",
    "one\u2028two\u2029three",
    "<!--<script>",
    "javascript:alert(1)",
    "مرحبا \u202e بالعالم",
    "很长的名字" * 40,
    "&lt;b&gt;&amp;",
    "$& $1 $` {area} {name} \\u003c \\",
)
"""Names that break pages which take them for markup, scripts, templates or formats."""

UNDER = {"template": "{households} households, fewer than {minimum}", "values": {"households": 120, "minimum": 300}}
OVER = {"template": "{households} households, more than {maximum}", "values": {"households": 760, "maximum": 500}}


def square(column: int, row: int, width: int = 1, height: int = 1) -> shapely.Polygon:
    """A square of the town's raster."""
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(west, south, west + width * STEP, south + height * STEP)


def grids(count: int = 6) -> gpd.GeoDataFrame:
    """Grids in rows of three: the first too small, the second too large, the last dedicated, the others in range."""
    order = list(range(count))
    households = [320 + 30 * number for number in order]
    frame = gpd.GeoDataFrame(
        {
            "grid_code": [f"{CODE}{number + 1:03d}" for number in order],
            "community_code": CODE,
            "kind": "household",
            "households": households,
            "buildings": 4,
            "area_m2": 44_400.0,
            "perimeter_m": 843.2,
            "polsby_popper": 0.785,
            "radius_m": 149.0,
            "status": "in_range",
            "reason": None,
            "reason_message": None,
        },
        geometry=[square(number % 3, number // 3) for number in order],
        crs=CRS,
    )
    if count > 2:
        _out_of_range(frame, 0, "under", UNDER)
        _out_of_range(frame, 1, "over", OVER)
        frame.loc[count - 1, ["kind", "households"]] = ["dedicated", 0]
    return frame


def _out_of_range(frame: gpd.GeoDataFrame, row: int, status: str, reason: Mapping[str, Any]) -> None:
    values = reason["values"]
    told = [status, values["households"], reason["template"].format_map(values), json.dumps(reason)]
    frame.loc[row, ["status", "households", "reason", "reason_message"]] = told


def communities(frame: gpd.GeoDataFrame, name: str = "金江路社区") -> gpd.GeoDataFrame:
    """One community: all the land of the grids."""
    return gpd.GeoDataFrame({"code": [CODE], "name": [name]}, geometry=[frame.geometry.union_all()], crs=CRS)


def buildings(frame: gpd.GeoDataFrame, names: tuple[str, ...] = ("云锦苑 1 栋",)) -> gpd.GeoDataFrame:
    """Four footprints a grid, at the thirds of its square."""
    rows = [(code, number) for code in frame["grid_code"] for number in range(4)]
    corners = [(area.bounds[0], area.bounds[1]) for area in frame.geometry for _ in range(4)]
    thirds = (
        [STEP * (0.2 + 0.4 * (number % 2)) for _, number in rows],
        [STEP * (0.2 + 0.4 * (number // 2)) for _, number in rows],
    )
    return gpd.GeoDataFrame(
        {
            "building_id": [f"{code}-{number}" for code, number in rows],
            "households": [int(80 + number) for _, number in rows],
            "name": [names[position % len(names)] for position in range(len(rows))],
            "grid_code": [code for code, _ in rows],
            "levels": 6.0,
        },
        geometry=[
            shapely.box(west + east, south + north, west + east + STEP * 0.2, south + north + STEP * 0.12)
            for (west, south), east, north in zip(corners, *thirds, strict=True)
        ],
        crs=CRS,
    )


def streets(names: tuple[str, ...] = ("金江路", "穿金路", "巷")) -> gpd.GeoDataFrame:
    """Streets along the raster, of every kind in turn."""
    kinds = ("arterial", "local", "lane", "motorway")
    lines = [
        shapely.LineString([(WEST + across * STEP / 2, SOUTH), (WEST + across * STEP / 2, SOUTH + 3 * STEP)])
        for across in range(1, 1 + len(names))
    ]
    return gpd.GeoDataFrame(
        {"name": names, "kind": [kinds[number % 4] for number in range(len(names))]}, geometry=lines, crs=CRS
    )


def barriers() -> gpd.GeoDataFrame:
    """A railway as a line and a pond as an area."""
    rail = shapely.LineString([(WEST, SOUTH + 1.95 * STEP), (WEST + 3 * STEP, SOUTH + 1.9 * STEP)])
    pond = square(0, 0).centroid.buffer(STEP / 12)
    return gpd.GeoDataFrame({"kind": ["rail", "water"]}, geometry=[rail, pond], crs=CRS)


def dedicated(frame: gpd.GeoDataFrame, name: str = "穿金公园") -> gpd.GeoDataFrame:
    """The land of the dedicated grids."""
    land = frame.loc[frame["kind"] == "dedicated"]
    return gpd.GeoDataFrame({"name": [name] * len(land)}, geometry=list(land.geometry), crs=CRS)


def layers(count: int = 6) -> dict[str, gpd.GeoDataFrame]:
    """All layers of a small plan."""
    frame = grids(count)
    return {
        "grids": frame,
        "communities": communities(frame),
        "buildings": buildings(frame),
        "streets": streets(),
        "barriers": barriers(),
        "dedicated": dedicated(frame),
    }


def hostile_layers() -> dict[str, gpd.GeoDataFrame]:
    """A small plan in which every text means harm: one grid for each of `HOSTILE`."""
    frame = grids(len(HOSTILE))
    frame["reason"], frame["reason_message"] = HOSTILE, None
    frame["grid_code"] = [f"{CODE}{text}" for text in HOSTILE]
    town = communities(frame, HOSTILE[3])
    return {
        "grids": frame,
        "communities": town,
        "buildings": buildings(frame, HOSTILE),
        "streets": streets(HOSTILE[:5]),
        "barriers": barriers(),
        "dedicated": dedicated(frame, HOSTILE[0]),
    }


def write(path: Path, frames: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]) -> Path:
    """Write layers as a result would be."""
    for layer, frame in frames.items():
        pyogrio.write_dataframe(pd.DataFrame(frame) if "geometry" not in frame else frame, path, layer=layer)
    return path
