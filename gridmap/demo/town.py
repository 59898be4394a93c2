"""Assembly of an artificial town from its parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import FloatArray, GeometryArray
from gridmap.core.land.town import Town
from gridmap.demo.drawn_grids import draw_grids
from gridmap.demo.layers import CGCS2000_114E, ColumnMapping, assemble_town
from gridmap.demo.layout.addresses import name_buildings, name_lanes
from gridmap.demo.layout.ground_plan import GroundPlan, draw_ground_plan
from gridmap.demo.layout.plots import DemoBuilding
from gridmap.demo.layout.settlement import Block, TooFewBlocks, place_population
from gridmap.demo.layout.streets import bend_to_map, draw_barriers, draw_streets
from gridmap.demo.presets import TownPreset
from gridmap.demo.resident_groups import Plots, allocate_parts, collect_plots, group_plots

ROOM_GROWTH = 1.2
HOUSEHOLDS_PER_GROUP = 300


@dataclass(frozen=True, eq=False)
class DemoTown:
    """An artificial town with the additional layers of a subdistrict.

    Parameters
    ----------
    town : Town
        Town with the outline of its subdistrict.
    grids : GeoDataFrame
        Grids of today, drawn by hand: ``grid_code``, ``name``, ``worker``.
    resident_groups : GeoDataFrame
        ``name``, ``community_code``, ``households``; they cover the communities.
    shops : GeoDataFrame
        Points with ``name`` and ``address``.
    """

    town: Town
    grids: gpd.GeoDataFrame
    resident_groups: gpd.GeoDataFrame
    shops: gpd.GeoDataFrame


def build_town(households: int, seed: int = 0, preset: TownPreset | None = None) -> Town:
    """Build an artificial town with an exact number of households; equal arguments give equal towns.

    Parameters
    ----------
    households : int
        At least 1; a million households take a minute.
    seed : int
        Seed of the random numbers.
    preset : TownPreset, optional
        Parameters; the defaults of `TownPreset` if omitted.

    Returns
    -------
    Town
        In EPSG:4547. A large town has several communities of about 3,000 to 6,000 households. With more than five
        communities, one has an exclave within another one, if there is room.

    Raises
    ------
    ValueError
        If there is less than one household.

    Examples
    --------
    >>> town = build_town(5_000)
    >>> int(town.buildings.households.sum()), town.barriers.kind[0]
    (5000, 'water')
    """
    return _build_parts(households, seed, preset or TownPreset())[0]


def build_demo(households: int, seed: int = 0, preset: TownPreset | None = None) -> DemoTown:
    """Build the town of `build_town` with its grids of today, resident groups and shops.

    Parameters
    ----------
    households : int
        At least 1.
    seed : int
        Seed of the random numbers.
    preset : TownPreset, optional
        Parameters; the defaults of `TownPreset` if omitted.

    Returns
    -------
    DemoTown

    Raises
    ------
    ValueError
        If there is less than one household.

    Examples
    --------
    >>> demo = build_demo(2_000)
    >>> int(demo.grids.worker.isna().sum()), len(demo.resident_groups)
    (1, 7)
    """
    preset = preset or TownPreset()
    town, ground_plan, blocks = _build_parts(households, seed, preset)
    plots, codes = collect_plots(ground_plan, blocks), town.communities["code"].tolist()
    grids = draw_grids(np.random.default_rng((seed, 1)), preset, plots, codes)
    return DemoTown(town, grids, _build_resident_groups(preset, plots, town), _shop_points(town))


def _build_parts(households: int, seed: int, preset: TownPreset) -> tuple[Town, GroundPlan, list[Block]]:
    if households < 1:
        raise ValueError(f"a town needs at least one household, not {households}")
    rng = np.random.default_rng(seed)
    ground_plan, blocks = _draw_populated_plan(rng, households, preset)
    communities = _community_columns(ground_plan)
    town = assemble_town(
        preset.name,
        communities=communities,
        buildings=_building_columns(ground_plan, blocks),
        streets=_street_columns(rng, ground_plan, blocks),
        barriers=_barrier_columns(ground_plan, blocks),
        dedicated=_dedicated_columns(ground_plan, blocks),
    )
    outline = shapely.coverage_union_all(communities["geometry"])
    return replace(town, subdistrict=outline), ground_plan, blocks


def _draw_populated_plan(
    rng: np.random.Generator, households: int, preset: TownPreset
) -> tuple[GroundPlan, list[Block]]:
    """Draw a plan and its blocks, again with more room until all households are placed."""
    room = 1.0
    while True:
        ground_plan = draw_ground_plan(rng, households, preset, room)
        try:
            return ground_plan, place_population(rng, ground_plan, households, room)
        except TooFewBlocks:
            room *= ROOM_GROWTH


def _community_columns(ground_plan: GroundPlan) -> ColumnMapping:
    """Return communities made of all blocks, including river and railway, so that they match vertex for vertex."""
    columns, rows = ground_plan.communities.shape
    rings = [
        shapely.Polygon(ground_plan.to_map(ground_plan.block_ring(c, r))) for c in range(columns) for r in range(rows)
    ]
    owner, polygons = ground_plan.communities.ravel(), np.array(rings, dtype=object)
    numbers = range(int(owner.max()) + 1)
    return {
        "code": [_community_code(ground_plan.preset.county, number) for number in numbers],
        "name": [ground_plan.preset.name_lists.communities.name_at(number) for number in numbers],
        "geometry": [shapely.coverage_union_all(polygons[owner == number]) for number in numbers],
    }


def _community_code(county: str, number: int) -> str:
    """Return a code of twelve digits: county, subdistrict, community; a subdistrict has at most twenty communities."""
    subdistrict, community = divmod(number, 20)
    return f"{county}{subdistrict + 1:03d}{community + 1:03d}"


def _building_columns(ground_plan: GroundPlan, blocks: Sequence[Block]) -> ColumnMapping:
    buildings = [building for block in blocks for building in block.content.buildings]
    communities = [int(ground_plan.communities[block.column, block.row]) for block in blocks]
    return {
        "building_id": [f"{number:06d}" for number in range(1, len(buildings) + 1)],
        "households": [building.households for building in buildings],
        "community": np.repeat(communities, [len(block.content.buildings) for block in blocks]),
        "use": [building.use for building in buildings],
        "levels": [building.levels for building in buildings],
        "geometry": _footprint_polygons(ground_plan, buildings),
        **name_buildings(ground_plan, blocks),
    }


def _footprint_polygons(ground_plan: GroundPlan, buildings: Sequence[DemoBuilding]) -> GeometryArray:
    boxes = np.array([building.box for building in buildings])
    angles = np.array([building.rotation for building in buildings])
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    rotated = _rotate_rectangles(corners, angles)
    return np.asarray(shapely.polygons(ground_plan.to_map(rotated.reshape(-1, 2)).reshape(rotated.shape)))


def _rotate_rectangles(corners: FloatArray, angles: FloatArray) -> FloatArray:
    """Rotate rectangles (n, 4, 2) about their middles; unrotated ones stay exact, so that neighbours touch."""
    middle = corners.mean(axis=1, keepdims=True)
    x, y = np.moveaxis(corners - middle, -1, 0)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    rotated = middle + np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)
    return np.where((angles == 0)[:, None, None], corners, rotated)


def _street_columns(rng: np.random.Generator, ground_plan: GroundPlan, blocks: Sequence[Block]) -> ColumnMapping:
    streets = [
        (name, kind, shapely.LineString(ground_plan.to_map(line)))
        for name, kind, line in draw_streets(rng, ground_plan)
    ]
    names = [name for block in name_lanes(ground_plan.preset.name_lists, blocks) for name in block]
    lanes = [(name, kind, shape) for name, (kind, shape) in zip(names, _lines_on_map(ground_plan, blocks), strict=True)]
    name, kind, shape = zip(*streets, *(lane for lane in lanes if lane[1] == "lane"), strict=True)
    return {"name": name, "kind": kind, "geometry": shape}


def _barrier_columns(ground_plan: GroundPlan, blocks: Sequence[Block]) -> ColumnMapping:
    natural = draw_barriers(ground_plan)
    walls = [shape for kind, shape in _lines_on_map(ground_plan, blocks) if kind == "wall"]
    return {"kind": [*natural["kind"], *["wall"] * len(walls)], "geometry": [*natural["geometry"], *walls]}


def _lines_on_map(ground_plan: GroundPlan, blocks: Sequence[Block]) -> Iterator[tuple[str, shapely.Geometry]]:
    lines = (line for block in blocks for line in block.content.lines)
    return ((line.kind, bend_to_map(ground_plan, shapely.LineString(line.points))) for line in lines)


def _dedicated_columns(ground_plan: GroundPlan, blocks: Sequence[Block]) -> ColumnMapping:
    """Return parks, schools, markets and hospitals, with the names of their buildings."""
    plots = [(block.content.buildings[0].use, block.content.dedicated) for block in blocks if block.content.dedicated]
    uses = pd.Series([use for use, _ in plots], dtype=object)
    names = [
        ground_plan.preset.name_lists.public[use].name_at(n)
        for use, n in zip(uses, uses.groupby(uses).cumcount(), strict=True)
    ]
    return {"name": names, "geometry": [bend_to_map(ground_plan, shapely.box(*box)) for _, box in plots]}


def _build_resident_groups(preset: TownPreset, plots: Plots, town: Town) -> gpd.GeoDataFrame:
    count = preset.resident_groups or max(1, round(int(plots.households.sum()) / HOUSEHOLDS_PER_GROUP))
    tables = [
        _community_groups(preset, plots, town, community, part_count)
        for community, part_count in enumerate(allocate_parts(plots, count))
    ]
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=CGCS2000_114E)


def _community_groups(
    preset: TownPreset, plots: Plots, town: Town, community: int, group_count: int
) -> gpd.GeoDataFrame:
    group = group_plots(plots, community, group_count)
    shapes, row = plots.dissolve(group), town.communities.iloc[community]
    names = [preset.name_lists.group.format(parent=row["name"], number=n) for n in range(1, len(shapes) + 1)]
    households = np.bincount(group[group >= 0], plots.households[group >= 0], len(shapes)).astype(np.int64)
    columns = {"name": names, "community_code": row["code"], "households": households}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CGCS2000_114E)


def _shop_points(town: Town) -> gpd.GeoDataFrame:
    shops = town.buildings[town.buildings["use"] == "shop"].reset_index(drop=True)
    return shops[["name", "address", "geometry"]].set_geometry(shops.representative_point())
