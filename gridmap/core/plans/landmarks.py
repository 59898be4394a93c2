"""Landmarks that the borders of grids follow: streets, barriers, land, estates, buildings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.land.arrangement.line_tree import LineTree
from gridmap.core.land.town import Town
from gridmap.core.plans.border_edges import OUTSIDE, BorderEdges
from gridmap.core.plans.grid_codes import short_code
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import BarrierKind, GridKind, StreetKind

ON_LINE_M = 5.0
"""A border follows a line this near to its middle: boundaries of communities are not drawn exactly on streets."""
ENDS_ON_LINE_M = 8.0
"""Its ends are this near, too: a street that crosses the border is not what it follows."""
NEAR_BUILDING_M = 100.0
BUILDING_NAMES = ("name", "address", "building_id")

BETWEEN = N_("between {inside} and {outside}")
BUILDING_OF_ESTATE = N_("{building} of {estate}")
COMMUNITY_BORDER = N_("the border of the community")
NEIGHBOUR_GRID = N_("grid {grid}")
STREET_TEXTS: Mapping[str, str] = {
    StreetKind.MOTORWAY: N_("a motorway"),
    StreetKind.ARTERIAL: N_("a main street"),
    StreetKind.LOCAL: N_("a street"),
    StreetKind.LANE: N_("a lane"),
}
BARRIER_TEXTS: Mapping[str, str] = {
    BarrierKind.RAIL: N_("the railway"),
    BarrierKind.WATER: N_("the waterside"),
    BarrierKind.MOTORWAY: N_("a motorway"),
    BarrierKind.WALL: N_("a wall"),
}
Landmark = Message | str


@dataclass(frozen=True, eq=False)
class LandmarkLines:
    """Lines that borders follow, the better known of several first.

    Parameters
    ----------
    shapes : ndarray of LineString, MultiLineString, Polygon or MultiPolygon, metres
        Of polygons the borders count.
    landmark : ndarray of int
        Position in `landmarks`; the smaller one is better known.
    landmarks : sequence of Message or str
    """

    shapes: GeometryArray
    landmark: IntArray
    landmarks: Sequence[Landmark]


def find_landmark_lines(town: Town) -> LandmarkLines:
    """Return streets with names, then barriers, then streets without names."""
    streets, barriers = town.streets, town.barriers
    names = streets["name"].fillna("").to_numpy()
    kinds = streets["kind"].to_numpy()
    named = sorted(set(names) - {""})
    landmarks: list[Landmark] = [*named, *map(Message, BARRIER_TEXTS.values()), *map(Message, STREET_TEXTS.values())]
    barrier = {kind: len(named) + place for place, kind in enumerate(BARRIER_TEXTS)}
    street = {kind: len(named) + len(barrier) + place for place, kind in enumerate(STREET_TEXTS)}
    place_of_name = {name: place for place, name in enumerate(named)}
    positions = [place_of_name.get(name, street[kind]) for name, kind in zip(names, kinds, strict=True)]
    positions += [barrier[kind] for kind in barriers["kind"]]
    shapes = np.concatenate([streets.geometry.to_numpy(), barriers.geometry.to_numpy()])
    return LandmarkLines(shapes, np.array(positions, dtype=np.int64), landmarks)


def followed_landmarks(edges: BorderEdges, lines: LandmarkLines) -> IntArray:
    """Return the best known landmark that each edge follows with its middle and both ends, -1 for none."""
    tree, count = LineTree(lines.shapes), max(len(lines.landmarks), 1)
    ends = (edges.ends.mean(axis=1), ON_LINE_M), (edges.ends[:, 0], ENDS_ON_LINE_M), (edges.ends[:, 1], ENDS_ON_LINE_M)
    near, pairs = np.arange(len(edges.grid)), np.empty(0, dtype=np.int64)
    for number, (points, distance) in enumerate(ends):
        row, line = tree.find_near(points[near], distance)
        found = np.unique(near[row] * count + lines.landmark[line])
        pairs = found if number == 0 else np.intersect1d(pairs, found, assume_unique=True)
        near = np.unique(pairs // count)
    followed = np.full(len(edges.grid), -1, dtype=np.int64)
    edge, landmark = pairs[::-1] // count, pairs[::-1] % count  # of several, the first remains
    followed[edge] = landmark
    return followed


@dataclass(frozen=True, eq=False)
class EdgeSurroundings:
    """Surroundings of edges: the nearest building on either side, and the dedicated land behind; -1 for none."""

    edges: BorderEdges
    inside: IntArray
    outside: IntArray
    dedicated: IntArray

    @classmethod
    def of(cls, town: Town, edges: BorderEdges, is_open: BoolArray, grid_of_building: IntArray) -> "EdgeSurroundings":
        """Find the surroundings of edges, as far as they follow no line; of the others nobody asks."""
        buildings, chosen = town.buildings.geometry.to_numpy(), edges.select(is_open)
        found = np.full((3, len(is_open)), -1, dtype=np.int64)
        found[0, is_open] = _nearest_building(chosen, chosen.grid, buildings, grid_of_building)
        found[1, is_open] = _nearest_building(chosen, chosen.other, buildings, grid_of_building)
        found[2, is_open] = _containing_land(town, chosen.points_outside(0.5))
        return cls(edges, *found)


class EdgeTexts:
    """Landmarks of edges as texts.

    Parameters
    ----------
    town, plan, codes : Town, GridPlan, sequence of str
    lines : sequence of Message or str
        Landmarks of the lines that edges follow.
    around : EdgeSurroundings
    """

    def __init__(
        self,
        town: Town,
        plan: GridPlan,
        codes: Sequence[str] | GeometryArray,
        lines: Sequence[Landmark],
        around: EdgeSurroundings,
    ) -> None:
        self.plan, self.codes, self.lines, self.around, self.edges = plan, codes, lines, around, around.edges
        self.length: FloatArray = around.edges.length
        self.line_texts = [str(line) for line in lines]
        self.names = {layer: list(getattr(town, layer)["name"]) for layer in ("communities", "dedicated")}
        self.community_codes = list(town.communities["code"])
        self.buildings = {name: list(town.buildings[name]) for name in (*BUILDING_NAMES, "estate")}

    def group(self, row: int, line: int) -> str:
        """Return what edges with one landmark have in common; all borders between buildings are one group."""
        return self.line_texts[line] if line >= 0 else str(self._land(row) or self._estate(row) or "")

    def landmark(self, rows: list[int], line: IntArray) -> Landmark:
        """Return the landmark of a group of edges, by its longest edge."""
        row = max(rows, key=lambda each: float(self.length[each]))
        if line[row] >= 0:
            return self.lines[int(line[row])]
        return self._land(row) or self._estate(row) or self._between(row)

    def _land(self, row: int) -> Landmark | None:
        """Return the dedicated land or the community behind an edge; None within a community."""
        grid, other = self.edges.grid[row], self.edges.other[row]
        if other == OUTSIDE:
            return Message(COMMUNITY_BORDER)
        if self.plan.kind[other] is GridKind.DEDICATED and self.around.dedicated[row] >= 0:
            return str(self.names["dedicated"][self.around.dedicated[row]])
        if self.plan.community[grid] != self.plan.community[other]:
            return str(self.names["communities"][self.plan.community[other]])
        return None

    def _estate(self, row: int) -> str | None:
        """Return the estate behind an edge, if it is not on both sides."""
        inside, outside = (self._column("estate", at[row]) for at in (self.around.inside, self.around.outside))
        return outside if outside and outside != inside else None

    def _between(self, row: int) -> Message:
        inside, outside = int(self.around.inside[row]), int(self.around.outside[row])
        if inside >= 0 and outside >= 0:
            return Message(BETWEEN, {"inside": self._building(inside), "outside": self._building(outside)})
        other = int(self.edges.other[row])
        code = short_code(self.codes[other], self.community_codes[self.plan.community[other]])
        return Message(NEIGHBOUR_GRID, {"grid": code})

    def _building(self, building: int) -> Landmark:
        text = next(filter(None, (self._column(name, building) for name in BUILDING_NAMES)))
        estate = self._column("estate", building)
        if estate and estate not in text:
            return Message(BUILDING_OF_ESTATE, {"building": text, "estate": estate})
        return text

    def _column(self, name: str, building: int) -> str:
        value = self.buildings[name][building] if building >= 0 else None
        return value if isinstance(value, str) else ""


def _nearest_building(
    edges: BorderEdges, grid_of_edge: IntArray, buildings: GeometryArray, grid_of_building: IntArray
) -> IntArray:
    """Return for each edge the building of a grid that is nearest to its middle, -1 where none is near."""
    nearest, middles = np.full(len(grid_of_edge), -1, dtype=np.int64), edges.middles
    own_buildings = _positions(grid_of_building)
    for grid, rows in _positions(grid_of_edge).items():
        if grid not in own_buildings:
            continue
        own = own_buildings[grid]
        row, found = shapely.STRtree(buildings[own]).query_nearest(
            middles[rows], max_distance=NEAR_BUILDING_M, all_matches=False
        )
        nearest[rows[row]] = own[found]
    return nearest


def _positions(values: IntArray) -> dict[int, IntArray]:
    """Return the positions of each value."""
    order = np.argsort(values, kind="stable")
    found, first = np.unique(values[order], return_index=True)
    return dict(zip(found.tolist(), np.split(order, first[1:]), strict=True)) if len(found) else {}


def _containing_land(town: Town, points: GeometryArray) -> IntArray:
    """Return the dedicated land that contains each point, -1 for none."""
    point, land = shapely.STRtree(town.dedicated.geometry.to_numpy()).query(points, predicate="intersects")
    containing = np.full(len(points), -1, dtype=np.int64)
    containing[point] = land
    return containing
