"""All parts of an artificial town put together."""

from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
import shapely

from gridmap.core.demo.buildings import Building, Line
from gridmap.core.demo.ground import Floats, Ground, lay_out
from gridmap.core.demo.layers import Columns, Shapes, assemble
from gridmap.core.demo.people import Block, NoRoom, settle
from gridmap.core.demo.recipe import Recipe, named
from gridmap.core.demo.streets import bend, draw_barriers, draw_streets
from gridmap.core.town import Town

MORE_ROOM = 1.2


def build_town(households: int, seed: int = 0, recipe: Recipe | None = None) -> Town:
    """Build an artificial town of exactly so many households, the same for the same arguments.

    Parameters
    ----------
    households : int
        At least 1; a million take some seconds.
    seed : int
        Of every draw.
    recipe : Recipe, optional
        Parameters; by default those of `Recipe`.

    Returns
    -------
    Town
        In EPSG:4547, with several communities of about 2,000 to 5,000 households if there are enough; with more than
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
    if households < 1:
        raise ValueError(f"a town needs a household, not {households}")
    rng = np.random.default_rng(seed)
    ground, blocks = _settled(rng, households, recipe or Recipe())
    return assemble(
        ground.recipe.name,
        communities=_communities(ground),
        buildings=_buildings(ground, blocks),
        streets=_streets(rng, ground, blocks),
        barriers=_barriers(ground, blocks),
        dedicated=_dedicated(ground, blocks),
    )


def _settled(rng: np.random.Generator, households: int, recipe: Recipe) -> tuple[Ground, list[Block]]:
    """A plan and its blocks, drawn anew with more room until everyone is housed."""
    room = 1.0
    while True:
        ground = lay_out(rng, households, recipe, room)
        try:
            return ground, settle(rng, ground, households)
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
        "name": [named(ground.recipe.community_names, number) for number in numbers],
        "geometry": [shapely.coverage_union_all(polygons[owner == number]) for number in numbers],
    }


def _code(county: str, number: int) -> str:
    """Twelve digits: county, subdistrict, community; a subdistrict has at most twenty communities."""
    subdistrict, community = divmod(number, 20)
    return f"{county}{subdistrict + 1:03d}{community + 1:03d}"


def _buildings(ground: Ground, blocks: Sequence[Block]) -> Columns:
    buildings = [building for block in blocks for building in block.filling.buildings]
    sizes = [len(block.filling.buildings) for block in blocks]
    homes = [int(ground.communities[block.column, block.row]) for block in blocks]
    estates = list(_estates(ground.recipe, blocks))
    estate = np.repeat(np.array(estates, dtype=object), sizes)
    return {
        "building_id": [f"{number:06d}" for number in range(1, len(buildings) + 1)],
        "households": [building.households for building in buildings],
        "community": np.repeat(homes, sizes),
        "courtyard": [_courtyard(of, b) for of, b in zip(estate, buildings, strict=True)],
        "estate": estate,
        "use": [building.use for building in buildings],
        "levels": [building.levels for building in buildings],
        "geometry": _footprints(ground, buildings),
    }


def _estates(recipe: Recipe, blocks: Sequence[Block]) -> Iterator[str | None]:
    numbers = count()
    for block in blocks:
        yield named(recipe.estate_names, next(numbers)) if block.filling.in_estate else None


def _courtyard(estate: str, building: Building) -> str | None:
    return None if building.yard is None else f"{estate} {building.yard + 1}"


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
    streets = [(kind, shapely.LineString(ground.bent(points))) for kind, points in draw_streets(rng, ground)]
    lanes = [("lane", shape) for shape in _lines(ground, blocks, "lane")]
    kinds, shapes = zip(*streets, *lanes, strict=True)
    return {"kind": kinds, "geometry": shapes}


def _barriers(ground: Ground, blocks: Sequence[Block]) -> Columns:
    natural, walls = draw_barriers(ground), list(_lines(ground, blocks, "wall"))
    return {"kind": [*natural["kind"], *["wall"] * len(walls)], "geometry": [*natural["geometry"], *walls]}


def _lines(ground: Ground, blocks: Sequence[Block], kind: str) -> Iterator[shapely.Geometry]:
    lines: Iterator[Line] = (line for block in blocks for line in block.filling.lines if line.kind == kind)
    return (bend(ground, shapely.LineString(line.points)) for line in lines)


def _dedicated(ground: Ground, blocks: Sequence[Block]) -> Columns:
    plots = [(block.filling.buildings[0].use, block.filling.dedicated) for block in blocks if block.filling.dedicated]
    names = [f"{use} {number}" for number, (use, _) in enumerate(plots, 1)]
    return {"name": names, "geometry": [bend(ground, shapely.box(*box)) for _, box in plots]}
