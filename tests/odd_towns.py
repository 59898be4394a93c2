"""Small towns at random with everything that land and partition may meet; no two alike, all of them allowed."""

from collections.abc import Sequence

import numpy as np
import shapely
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import Geometry, affinity

from gridmap.core.demo.layers import Columns, assemble
from gridmap.core.land.placing import place_buildings
from gridmap.core.town import Town

CORNER = (500_000.0, 3_385_000.0)
HOUSEHOLDS = (0, 0, 1, 2, 5, 12, 24, 36, 60, 90, 140, 280, 620)
STREET_KINDS = ("motorway", "arterial", "arterial", "local", "local", "local", "lane")


def random_towns() -> st.SearchStrategy[Town]:
    """Towns for properties; a failing one shrinks towards few buildings and a small seed."""
    return st.builds(random_town, st.integers(0, 10_000), st.integers(20, 300))


def random_town(seed: int, buildings: int = 80) -> Town:
    """Build an odd town, the same for the same seed.

    Communities have holes, exclaves and islands; buildings touch, overlap, stand upon one another, lie across streets
    and borders; streets dangle, run out of town and double one another; water has bridges or none.

    Parameters
    ----------
    seed : int
        Of every draw.
    buildings : int
        Buildings drawn; those more than 5 m outside every community are left out, as the door refuses them.

    Returns
    -------
    Town
        In EPSG:4547.
    """
    rng = np.random.default_rng(seed)
    extent = 30.0 * float(np.sqrt(buildings)) + 60.0
    communities = _communities(rng, extent)
    streets, kinds = _streets(rng, extent)
    water = _water(rng, extent)
    if water and rng.random() < 0.5:
        streets, kinds = _without_bridges(streets, kinds, water)
    return assemble(
        f"odd {seed}",
        communities=communities,
        buildings=_buildings(rng, extent, buildings, np.array(communities["geometry"], dtype=object)),
        streets={"kind": kinds, "geometry": streets},
        barriers=_barriers(rng, extent, water),
        dedicated=_dedicated(rng, extent),
    )


def _anywhere(rng: np.random.Generator, extent: float, count: int | None = None) -> NDArray[np.float64]:
    """Places in the square of the town."""
    return CORNER + rng.uniform(0, extent, 2 if count is None else (count, 2))


def _communities(rng: np.random.Generator, extent: float) -> Columns:
    """Faces of a Voronoi diagram inside an odd outline, dealt out at random: so come holes and exclaves."""
    seeds = shapely.multipoints(_anywhere(rng, extent, int(rng.integers(2, 9))))
    cuts = shapely.voronoi_polygons(
        seeds, extend_to=shapely.box(*CORNER, *(np.array(CORNER) + extent)), only_edges=True
    )
    outline = _outline(rng, extent)
    lines = shapely.union_all([cuts, *shapely.get_parts(outline.boundary)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = faces[shapely.contains(outline, shapely.point_on_surface(faces))]
    owners = rng.integers(0, rng.integers(1, 5), len(inside))
    parts = [shapely.coverage_union_all(inside[owners == owner]) for owner in np.unique(owners)]
    codes = [f"{440199001000 + number}" for number in range(1, len(parts) + 1)]
    return {"code": codes, "name": [f"community {code}" for code in codes], "geometry": parts}


def _outline(rng: np.random.Generator, extent: float) -> Geometry:
    """A star-shaped outline, at times with a hole and with an island off the shore."""
    centre = np.array(CORNER) + extent / 2
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(7, 20))))
    reach = extent * rng.uniform(0.35, 0.6, len(angles))
    points = centre + reach[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    outline = shapely.Polygon(points)
    if rng.random() < 0.4:
        outline = outline.difference(shapely.Point(centre + extent * rng.uniform(-0.2, 0.2, 2)).buffer(extent * 0.08))
    if rng.random() < 0.4:
        outline = outline.union(affinity.translate(shapely.box(0, 0, 50, 40), centre[0] + extent * 0.7, centre[1]))
    return outline


def _streets(rng: np.random.Generator, extent: float) -> tuple[list[Geometry], list[str]]:
    """Bent lines across and out of the town, dangling ends, and some drawn twice a hand's breadth apart."""
    lines = [_bent(rng, extent, through=rng.random() < 0.5) for _ in range(int(rng.integers(0, 9)))]
    twins = [affinity.translate(line, *rng.uniform(-0.4, 0.4, 2)) for line in lines if rng.random() < 0.2]
    streets = [*lines, *twins]
    return streets, [str(kind) for kind in rng.choice(STREET_KINDS, len(streets))]


def _bent(rng: np.random.Generator, extent: float, *, through: bool) -> Geometry:
    start, end = _anywhere(rng, extent, 2)
    if through:
        direction = (end - start) / max(float(np.hypot(*(end - start))), 1.0)
        start, end = start - direction * extent * 0.4, end + direction * extent * 0.4
    middle = (start + end) / 2 + rng.normal(0, extent * 0.05, 2)
    return shapely.LineString([start, middle, end])


def _water(rng: np.random.Generator, extent: float) -> list[Geometry]:
    """A river, a pond, both or none."""
    river = [_bent(rng, extent, through=True).buffer(rng.uniform(4, 15))] if rng.random() < 0.4 else []
    pond = [shapely.Point(_anywhere(rng, extent)).buffer(rng.uniform(8, 30))] if rng.random() < 0.3 else []
    return [*river, *pond]


def _without_bridges(
    streets: Sequence[Geometry], kinds: Sequence[str], water: Sequence[Geometry]
) -> tuple[list[Geometry], list[str]]:
    wet = shapely.union_all(water)
    dry = [
        (part, kind)
        for line, kind in zip(streets, kinds, strict=True)
        for part in shapely.get_parts(line.difference(wet))
    ]
    return [part for part, _ in dry], [kind for _, kind in dry]


def _barriers(rng: np.random.Generator, extent: float, water: Sequence[Geometry]) -> Columns:
    rail = [_bent(rng, extent, through=True)] if rng.random() < 0.3 else []
    walls = [_bent(rng, extent / 3, through=False) for _ in range(int(rng.integers(0, 4)))]
    kinds = ["water"] * len(water) + ["rail"] * len(rail) + ["wall"] * len(walls)
    return {"kind": kinds, "geometry": [*water, *rail, *walls]}


def _dedicated(rng: np.random.Generator, extent: float) -> Columns:
    """Parks that do not overlap, at times across a border or out of town."""
    parks: list[Geometry] = []
    for _ in range(int(rng.integers(0, 4))):
        west, south = _anywhere(rng, extent)
        park = affinity.rotate(shapely.box(west, south, west + rng.uniform(20, 80), south + 30), rng.uniform(0, 90))
        if not any(park.intersects(other) for other in parks):
            parks.append(park)
    return {"name": [f"park {number}" for number, _ in enumerate(parks, 1)], "geometry": parks}


def _buildings(rng: np.random.Generator, extent: float, count: int, lands: NDArray[np.object_]) -> Columns:
    shapes: list[Geometry] = []
    while len(shapes) < count:
        shapes.extend(_group(rng, _anywhere(rng, extent)))
    drawn = np.array(shapes, dtype=object)
    kept = drawn[~place_buildings(drawn, lands).lost]
    homes = place_buildings(kept, lands).community
    return {
        "building_id": [f"b{number}" for number, _ in enumerate(kept, 1)],
        "households": rng.choice(HOUSEHOLDS, len(kept)),
        "community": homes,
        "courtyard": _courtyards(rng, kept, homes),
        "geometry": kept,
    }


def _courtyards(rng: np.random.Generator, shapes: NDArray[np.object_], homes: NDArray[np.int64]) -> list[str | None]:
    """Buildings of a community in the same 60 m square share a courtyard, one square in three."""
    squares = [
        f"yard {home} {s.bounds[0] // 60:.0f} {s.bounds[1] // 60:.0f}" for s, home in zip(shapes, homes, strict=True)
    ]
    named = {square for square in sorted(set(squares)) if rng.random() < 0.33}
    return [square if square in named else None for square in squares]


def _group(rng: np.random.Generator, at: NDArray[np.float64]) -> list[Geometry]:
    """Some buildings of one sort about a place, turned by any angle."""
    angle = float(rng.choice([0.0, rng.uniform(0, 90)]))
    sort = SORTS[int(rng.integers(len(SORTS)))]
    turned = [affinity.rotate(shape, angle, origin=(0, 0)) for shape in sort(rng)]
    return [affinity.translate(shape, *at) for shape in turned]


def _slab(rng: np.random.Generator) -> list[Geometry]:
    return [shapely.box(0, 0, rng.uniform(8, 60), rng.uniform(6, 14))]


def _row(rng: np.random.Generator) -> list[Geometry]:
    """Lots that touch along whole sides."""
    return [shapely.box(9 * number, 0, 9 * (number + 1), 12) for number in range(int(rng.integers(2, 9)))]


def _overlapping(rng: np.random.Generator) -> list[Geometry]:
    return [shapely.box(0, 0, 20, 12), shapely.box(*rng.uniform(1, 8, 2), 25, 15)]


def _twice(rng: np.random.Generator) -> list[Geometry]:
    """One footprint entered twice, and one inside."""
    box = shapely.box(0, 0, rng.uniform(10, 30), 12)
    return [box, box, box.buffer(-2)]


def _bent_block(rng: np.random.Generator) -> list[Geometry]:
    """An L or a U."""
    return [shapely.box(0, 0, 40, 40).difference(shapely.box(10, 10, rng.choice([30, 50]), 50))]


def _ring(rng: np.random.Generator) -> list[Geometry]:
    """A block around an inner yard, with a house in the yard."""
    return [shapely.box(0, 0, 45, 45).difference(shapely.box(10, 10, 35, 35)), shapely.box(18, 18, 27, 27)]


def _two_wings(rng: np.random.Generator) -> list[Geometry]:
    return [shapely.MultiPolygon([shapely.box(0, 0, 10, 30), shapely.box(15, 0, 25, 30)])]


def _points(rng: np.random.Generator) -> list[Geometry]:
    return list(shapely.points(rng.uniform(-30, 30, (int(rng.integers(1, 6)), 2))))


def _points_at_one_place(rng: np.random.Generator) -> list[Geometry]:
    return [shapely.Point(0, 0)] * int(rng.integers(2, 5))


SORTS = (_slab, _slab, _row, _overlapping, _twice, _bent_block, _ring, _two_wings, _points, _points_at_one_place)
