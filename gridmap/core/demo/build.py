"""All parts of an artificial town put together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.arrays import Floats, Shapes
from gridmap.core.demo.addresses import lane_names, name_buildings
from gridmap.core.demo.drawn import draw_grids
from gridmap.core.demo.ground import Ground, lay_out
from gridmap.core.demo.groups import Plots, deal, gather, plots_of
from gridmap.core.demo.layers import CHINA_114, Columns, assemble
from gridmap.core.demo.people import Block, NoRoom, settle
from gridmap.core.demo.plots import Building
from gridmap.core.demo.recipe import Recipe
from gridmap.core.demo.streets import bend, draw_barriers, draw_streets
from gridmap.core.town import Town

MORE_ROOM = 1.2
HOUSEHOLDS_A_GROUP = 300


@dataclass(frozen=True, eq=False)
class Demo:
    """An artificial town with what stands beside it in a subdistrict's files.

    Parameters
    ----------
    town : Town
        The town, with the outline of its subdistrict.
    grids : GeoDataFrame
        Today's grids, drawn by hand: ``grid_code``, ``name``, ``worker``.
    resident_groups : GeoDataFrame
        ``name``, ``community_code``, ``households``; they cover the communities.
    shops : GeoDataFrame
        Points with ``name`` and ``address``.
    """

    town: Town
    grids: gpd.GeoDataFrame
    resident_groups: gpd.GeoDataFrame
    shops: gpd.GeoDataFrame


def build_town(households: int, seed: int = 0, recipe: Recipe | None = None) -> Town:
    """Build an artificial town of exactly so many households, the same for the same arguments.

    Parameters
    ----------
    households : int
        At least 1; a million take a minute.
    seed : int
        Of every draw.
    recipe : Recipe, optional
        Parameters; by default those of `Recipe`.

    Returns
    -------
    Town
        In EPSG:4547, with several communities of about 3,000 to 6,000 households if there are enough; with more than
        five, one of them has an exclave within another where a community is large enough for that.

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
    return _built(households, seed, recipe or Recipe())[0]


def build_demo(households: int, seed: int = 0, recipe: Recipe | None = None) -> Demo:
    """Build the town of `build_town` with today's grids, its resident groups and its shops.

    Parameters
    ----------
    households : int
        At least 1.
    seed : int
        Of every draw.
    recipe : Recipe, optional
        Parameters; by default those of `Recipe`.

    Returns
    -------
    Demo

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
    recipe = recipe or Recipe()
    town, ground, blocks = _built(households, seed, recipe)
    plots, codes = plots_of(ground, blocks), town.communities["code"].tolist()
    grids = draw_grids(np.random.default_rng((seed, 1)), recipe, plots, codes)
    return Demo(town, grids, _resident_groups(recipe, plots, town), _shops(town))


def _built(households: int, seed: int, recipe: Recipe) -> tuple[Town, Ground, list[Block]]:
    if households < 1:
        raise ValueError(f"a town needs a household, not {households}")
    rng = np.random.default_rng(seed)
    ground, blocks = _settled(rng, households, recipe)
    communities = _communities(ground)
    town = assemble(
        recipe.name,
        communities=communities,
        buildings=_buildings(ground, blocks),
        streets=_streets(rng, ground, blocks),
        barriers=_barriers(ground, blocks),
        dedicated=_dedicated(ground, blocks),
    )
    outline = shapely.coverage_union_all(communities["geometry"])
    return replace(town, subdistrict=outline), ground, blocks


def _settled(rng: np.random.Generator, households: int, recipe: Recipe) -> tuple[Ground, list[Block]]:
    """A plan and its blocks, drawn anew with more room until everyone is housed."""
    room = 1.0
    while True:
        ground = lay_out(rng, households, recipe, room)
        try:
            return ground, settle(rng, ground, households, room)
        except NoRoom:
            room *= MORE_ROOM


def _communities(ground: Ground) -> Columns:
    """Communities from all blocks, river and railway included, so that they match vertex for vertex."""
    columns, rows = ground.communities.shape
    rings = [shapely.Polygon(ground.bent(ground.block(c, r))) for c in range(columns) for r in range(rows)]
    owner, polygons = ground.communities.ravel(), np.array(rings, dtype=object)
    numbers = range(int(owner.max()) + 1)
    return {
        "code": [_code(ground.recipe.county, number) for number in numbers],
        "name": [ground.recipe.words.communities.at(number) for number in numbers],
        "geometry": [shapely.coverage_union_all(polygons[owner == number]) for number in numbers],
    }


def _code(county: str, number: int) -> str:
    """Twelve digits: county, subdistrict, community; a subdistrict has at most twenty communities."""
    subdistrict, community = divmod(number, 20)
    return f"{county}{subdistrict + 1:03d}{community + 1:03d}"


def _buildings(ground: Ground, blocks: Sequence[Block]) -> Columns:
    buildings = [building for block in blocks for building in block.filling.buildings]
    homes = [int(ground.communities[block.column, block.row]) for block in blocks]
    return {
        "building_id": [f"{number:06d}" for number in range(1, len(buildings) + 1)],
        "households": [building.households for building in buildings],
        "community": np.repeat(homes, [len(block.filling.buildings) for block in blocks]),
        "use": [building.use for building in buildings],
        "levels": [building.levels for building in buildings],
        "geometry": _footprints(ground, buildings),
        **name_buildings(ground, blocks),
    }


def _footprints(ground: Ground, buildings: Sequence[Building]) -> Shapes:
    boxes = np.array([building.box for building in buildings])
    turns = np.array([building.turn for building in buildings])
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    turned = _turned(corners, turns)
    return np.asarray(shapely.polygons(ground.bent(turned.reshape(-1, 2)).reshape(turned.shape)))


def _turned(corners: Floats, turns: Floats) -> Floats:
    """Rectangles (n, 4, 2) turned about their middles; unturned ones keep their digits, so that neighbours touch."""
    middle = corners.mean(axis=1, keepdims=True)
    x, y = np.moveaxis(corners - middle, -1, 0)
    cos, sin = np.cos(turns)[:, None], np.sin(turns)[:, None]
    moved = middle + np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)
    return np.where((turns == 0)[:, None, None], corners, moved)


def _streets(rng: np.random.Generator, ground: Ground, blocks: Sequence[Block]) -> Columns:
    streets = [(name, kind, shapely.LineString(ground.bent(line))) for name, kind, line in draw_streets(rng, ground)]
    names = [name for block in lane_names(ground.recipe.words, blocks) for name in block]
    lanes = [(name, kind, shape) for name, (kind, shape) in zip(names, _lines(ground, blocks), strict=True)]
    name, kind, shape = zip(*streets, *(lane for lane in lanes if lane[1] == "lane"), strict=True)
    return {"name": name, "kind": kind, "geometry": shape}


def _barriers(ground: Ground, blocks: Sequence[Block]) -> Columns:
    natural = draw_barriers(ground)
    walls = [shape for kind, shape in _lines(ground, blocks) if kind == "wall"]
    return {"kind": [*natural["kind"], *["wall"] * len(walls)], "geometry": [*natural["geometry"], *walls]}


def _lines(ground: Ground, blocks: Sequence[Block]) -> Iterator[tuple[str, shapely.Geometry]]:
    lines = (line for block in blocks for line in block.filling.lines)
    return ((line.kind, bend(ground, shapely.LineString(line.points))) for line in lines)


def _dedicated(ground: Ground, blocks: Sequence[Block]) -> Columns:
    """Parks, schools, markets and hospitals under the names that their buildings have."""
    plots = [(block.filling.buildings[0].use, block.filling.dedicated) for block in blocks if block.filling.dedicated]
    uses = pd.Series([use for use, _ in plots], dtype=object)
    names = [ground.recipe.words.public[use].at(n) for use, n in zip(uses, uses.groupby(uses).cumcount(), strict=True)]
    return {"name": names, "geometry": [bend(ground, shapely.box(*box)) for _, box in plots]}


def _resident_groups(recipe: Recipe, plots: Plots, town: Town) -> gpd.GeoDataFrame:
    wanted = recipe.groups or max(1, round(int(plots.households.sum()) / HOUSEHOLDS_A_GROUP))
    frames = [_of_community(recipe, plots, town, *dealt) for dealt in enumerate(deal(plots, wanted))]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=CHINA_114)


def _of_community(recipe: Recipe, plots: Plots, town: Town, community: int, parts: int) -> gpd.GeoDataFrame:
    group = gather(plots, community, parts)
    shapes, of = plots.joined(group), town.communities.iloc[community]
    names = [recipe.words.group.format(of=of["name"], number=n) for n in range(1, len(shapes) + 1)]
    households = np.bincount(group[group >= 0], plots.households[group >= 0], len(shapes)).astype(np.int64)
    columns = {"name": names, "community_code": of["code"], "households": households}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CHINA_114)


def _shops(town: Town) -> gpd.GeoDataFrame:
    shops = town.buildings[town.buildings["use"] == "shop"].reset_index(drop=True)
    return shops[["name", "address", "geometry"]].set_geometry(shops.representative_point())
