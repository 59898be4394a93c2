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


SLIVER = 3e-6
"""Degrees: about 0.3 m."""


def fault(kind: str, severity: str, grids: str, place: shapely.Geometry, told: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the layer of faults."""
    return {
        "kind": kind,
        "severity": severity,
        "area_m2": 0.0 if place.area == 0 else 66.6,
        "width_m": 0.0 if place.area == 0 else 0.3,
        "grid_codes": grids,
        "community_code": CODE,
        "households": 80,
        "buildings": 1,
        "suggestion": told["template"].format_map(told["values"]),
        "suggestion_message": json.dumps(told),
        "geometry": place,
    }


def faults(frame: gpd.GeoDataFrame, left_out: int = 8) -> gpd.GeoDataFrame:
    """A sliver of 0.3 m, an overlap, buildings in no grid and a grid without code: the gravest first."""
    sliver = shapely.box(WEST + STEP - SLIVER, SOUTH, WEST + STEP, SOUTH + STEP)
    extend: dict[str, Any] = {
        "template": "extend grid {grid}, which has the longest border here",
        "values": {"grid": f"{CODE}001"},
    }
    nearest: dict[str, Any] = {"template": "extend the nearest grid over it", "values": {}}
    code: dict[str, Any] = {"template": "give it a code", "values": {}}
    houses = list(buildings(frame).geometry[:left_out])
    rows = [
        fault("gap", "high", f"{CODE}001,{CODE}002", sliver, extend),
        *(fault("unassigned_building", "high", "", house, nearest) for house in houses),
        fault("courtyard_split", "medium", f"{CODE}003", square(2, 0).buffer(-STEP / 3), nearest),
        fault("missing_code", "low", "#5", square(1, 1), code),
    ]
    return gpd.GeoDataFrame(rows, columns=list(fault("", "", "", shapely.Point(), nearest)), crs=CRS)


def checked(left_out: int = 8) -> dict[str, gpd.GeoDataFrame]:
    """All layers of a small check."""
    found = layers()
    return found | {"faults": faults(found["grids"], left_out)}


def repaired() -> dict[str, gpd.GeoDataFrame]:
    """All layers of a small repair: one building from no grid, two from the first grid to the second."""
    found = layers()
    reasons = ["was in no grid", "the rest of its grid does not reach it", "the rest of its grid does not reach it"]
    moved = found["buildings"].iloc[[4, 5, 6]]
    columns = {
        "building_id": moved["building_id"].to_list(),
        "households": [84, 81, 82],
        "from_code": [None, f"{CODE}001", f"{CODE}001"],
        "to_code": f"{CODE}002",
        "reason": reasons,
        "reason_message": [json.dumps({"template": reason, "values": {}}) for reason in reasons],
    }
    changes = gpd.GeoDataFrame(columns, geometry=list(shapely.centroid(moved.geometry.to_numpy())), crs=CRS)
    drawn = found["grids"][["grid_code", "geometry"]].copy()
    drawn.geometry = [square(0, 0, 1, 2), square(1, 0).buffer(-STEP / 8), *drawn.geometry[2:]]
    return found | {"changes": changes, "drawn_grids": drawn}


def estimated() -> dict[str, gpd.GeoDataFrame]:
    """A small plan whose second grid has buildings that nobody counted."""
    found = layers()
    guessed = found["buildings"]["grid_code"] == f"{CODE}002"
    low = found["buildings"]["households"] - 20 * guessed
    high = found["buildings"]["households"] + 30 * guessed
    ranges = {"households_estimated": guessed, "households_low": low, "households_high": high}
    second = found["grids"]["grid_code"] == f"{CODE}002"
    sums = {"estimated_households": 320 * second, "households_low": 700, "households_high": 820}
    return found | {"buildings": found["buildings"].assign(**ranges), "grids": found["grids"].assign(**sums)}


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


def hostile_check() -> dict[str, gpd.GeoDataFrame]:
    """A check whose suggestions, codes and buildings mean harm."""
    found = hostile_layers()
    rows = faults(found["grids"], len(HOSTILE)).iloc[1 : 1 + len(HOSTILE)].reset_index(drop=True)
    harm = {
        "suggestion": HOSTILE,
        "suggestion_message": None,
        "grid_codes": [text.replace(",", "") for text in HOSTILE],
    }
    return found | {"faults": rows.assign(**harm)}


def hostile_repair() -> dict[str, gpd.GeoDataFrame]:
    """A repair whose codes, reasons and buildings mean harm."""
    found = hostile_layers()
    count, houses = len(HOSTILE), found["buildings"].iloc[: len(HOSTILE)]
    harm = {"from_code": HOSTILE, "to_code": HOSTILE[::-1], "reason": HOSTILE, "reason_message": None}
    columns = {"building_id": houses["building_id"].to_list(), "households": range(count), **harm}
    changes = gpd.GeoDataFrame(columns, geometry=list(shapely.centroid(houses.geometry.to_numpy())), crs=CRS)
    return found | {"changes": changes, "drawn_grids": found["grids"][["grid_code", "geometry"]]}


def write(path: Path, frames: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]) -> Path:
    """Write layers as a result would be."""
    for layer, frame in frames.items():
        pyogrio.write_dataframe(pd.DataFrame(frame) if "geometry" not in frame else frame, path, layer=layer)
    return path
