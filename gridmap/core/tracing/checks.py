"""Checks of traced shapes while they are drawn, and the fix that closes gaps and overlaps of neighbours."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import N_, Message
from gridmap.core.tracing.frame import LocalFrame
from gridmap.core.tracing.shapes import ShapeKind, TracedShape

COVERING_KINDS = (ShapeKind.COMMUNITY, ShapeKind.GRID, ShapeKind.OUTLINE)
"""Kinds whose shapes share borders and never area."""
MIN_AREA_M2, MIN_LENGTH_M = 20.0, 2.0
MIN_FAULT_M2 = 2.0
"""Smaller overlaps and gaps are digitising noise, which the land absorbs."""
MAX_GAP_M = 15.0
"""Widest gap that a fix closes; a wider one is land that somebody forgot, or a river."""
BORDER_M = 0.01
"""Rounding of overlays: lines this near to each other are one border."""
SHOWN_SHARE = 0.02

CROSSES_ITSELF = N_("{name} crosses itself")
TOO_SMALL = N_("{name} is too small")
OVERLAP = N_("{name} and {other} overlap by {area} m²")
COMMUNITY_GAP = N_("between the communities {area} m² belong to none")
GRID_GAP = N_("{area} m² of {name} are in no grid")
GRID_OUTSIDE = N_("{area} m² of {name} lie outside of the communities")
OUTLINE_OUTSIDE = N_("{name} does not lie within one community")
NO_NAME = N_("an outline has no name, so that no row of the list finds it")


@dataclass(frozen=True)
class TracingFault:
    """A fault of traced shapes.

    Parameters
    ----------
    message : Message
    shape_ids : tuple of str
        Shapes concerned.
    place : tuple of float
        Longitude and latitude to show.
    blocks : bool
        Whether the land cannot be built before it is mended; other faults are notes.
    fixable : bool
        Whether `close_gaps` mends it.
    """

    message: Message
    shape_ids: tuple[str, ...]
    place: tuple[float, float]
    blocks: bool = True
    fixable: bool = False


def check_shapes(shapes: Sequence[TracedShape]) -> list[TracingFault]:
    """Return the faults of traced shapes.

    Parameters
    ----------
    shapes : sequence of TracedShape

    Examples
    --------
    >>> bow = shapely.Polygon([(0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01)])
    >>> [str(fault.message) for fault in check_shapes([TracedShape("g1", ShapeKind.GRID, bow, "东片")])]
    ['东片 crosses itself']
    """
    checker = _ShapeChecker(shapes)
    return [*checker.single_faults(), *checker.overlaps(), *checker.gaps(), *checker.outside(), *checker.names()]


def close_gaps(shapes: Sequence[TracedShape]) -> list[TracedShape]:
    """Return shapes whose neighbours share borders: gaps and overlaps of communities, grids and outlines are closed.

    What two shapes share goes to the one with the longer border there; a gap of up to `MAX_GAP_M` is closed the same
    way. Gaps between the grids and the border of their community are closed, too. Shapes that cross themselves stay as
    they are: nobody knows which side was meant.

    Parameters
    ----------
    shapes : sequence of TracedShape

    Returns
    -------
    list of TracedShape
        In the same order.
    """
    frame = LocalFrame.around(np.array([shape.geometry for shape in shapes], dtype=object))
    fixed = {shape.id: shape for shape in shapes}
    for kind in COVERING_KINDS:
        usable = [shape for shape in fixed.values() if shape.kind is kind and shape.geometry.is_valid]
        if usable:
            metres = frame.to_metres(_geometries(usable))
            clean = shapely.coverage_clean(metres)
            if kind is not ShapeKind.OUTLINE:  # what lies between two estates belongs to neither
                clean = shapely.coverage_clean(_fill_gaps(clean, close_narrow(shapely.union_all(clean))))
            if kind is ShapeKind.GRID:
                clean = _fill_communities(clean, frame.to_metres(_geometries(_communities(fixed.values()))))
            for shape, before, after in zip(usable, metres, clean, strict=True):
                if not shapely.equals_exact(before, after, 1e-6):
                    fixed[shape.id] = replace(shape, geometry=_largest_part(frame, after))
    return [fixed[shape.id] for shape in shapes]


def _communities(shapes: Iterable[TracedShape]) -> list[TracedShape]:
    return [shape for shape in shapes if shape.kind is ShapeKind.COMMUNITY and shape.geometry.is_valid]


def _geometries(shapes: Sequence[TracedShape]) -> GeometryArray:
    geometries = np.empty(len(shapes), dtype=object)
    geometries[:] = [shape.geometry for shape in shapes]
    return geometries


def close_narrow(shape: shapely.Geometry) -> shapely.Geometry:
    """Return an area with its holes, and with gaps of up to `MAX_GAP_M` that are open to the outside."""
    radius, options = MAX_GAP_M / 2, {"join_style": "mitre", "mitre_limit": 2.0}
    closed = shapely.buffer(shapely.buffer(shape, radius, **options), -radius, **options)
    return shapely.union(closed, shape)


def _fill_communities(grids: GeometryArray, communities: GeometryArray) -> GeometryArray:
    """Return grids cut at the border of the communities, with the narrow land along it."""
    if not len(communities):
        return grids
    territory = shapely.union_all(communities)
    return _fill_gaps(np.asarray(shapely.intersection(grids, territory), dtype=object), territory)


def _fill_gaps(shapes: GeometryArray, territory: shapely.Geometry) -> GeometryArray:
    """Return shapes with the narrow parts of a territory that none has, each at the longest border."""
    filled = shapes.copy()
    missing = shapely.get_parts(shapely.difference(territory, shapely.union_all(shapes)))
    for piece in missing:
        borders = shapely.length(shapely.intersection(shapely.boundary(filled), shapely.buffer(piece, BORDER_M)))
        if _is_narrow(piece) and borders.max(initial=0) > 0:
            nearest = int(np.argmax(borders))
            filled[nearest] = shapely.union(filled[nearest], piece)
    return filled


def _largest_part(frame: LocalFrame, shape: shapely.Geometry) -> shapely.Polygon:
    """Return the largest polygon of a shape in degrees: a fix leaves no crumbs behind."""
    parts = shapely.get_parts(shape)
    areas = [part for part in parts if part.geom_type == "Polygon"]
    largest = max(areas, key=lambda part: part.area, default=shapely.Polygon())
    return shapely.Polygon(frame.to_degrees(np.array([largest], dtype=object))[0])


class _ShapeChecker:
    """Checks of shapes in metres; those that cross themselves take part in no comparison."""

    def __init__(self, shapes: Sequence[TracedShape]) -> None:
        self.shapes = shapes
        self.frame = LocalFrame.around(_geometries(shapes))
        self.metres = dict(zip((each.id for each in shapes), self.frame.to_metres(_geometries(shapes)), strict=True))
        self.by_kind: dict[ShapeKind, list[TracedShape]] = {kind: [] for kind in ShapeKind}
        for shape in shapes:
            if shape.geometry.is_valid:
                self.by_kind[shape.kind].append(shape)
        self.territory = shapely.union_all(self._metres_of(self.by_kind[ShapeKind.COMMUNITY]))

    def single_faults(self) -> Iterator[TracingFault]:
        """Yield shapes that cross themselves or are too small to be meant."""
        for shape in self.shapes:
            metres = self.metres[shape.id]
            if not metres.is_valid:
                yield self._fault(Message(CROSSES_ITSELF, {"name": shape.label}), metres, shape)
            elif self._is_too_small(metres):
                yield self._fault(Message(TOO_SMALL, {"name": shape.label}), metres, shape)

    def overlaps(self) -> Iterator[TracingFault]:
        """Yield pairs of shapes of one kind that overlap."""
        for kind in COVERING_KINDS:
            for one, other in self._neighbours(self.by_kind[kind]):
                shared = shapely.intersection(self.metres[one.id], self.metres[other.id])
                if shared.area > MIN_FAULT_M2:
                    values = {"name": one.label, "other": other.label, "area": round(shared.area)}
                    is_note = kind is ShapeKind.GRID
                    yield self._fault(Message(OVERLAP, values), shared, one, other, note=is_note, fixable=True)

    def gaps(self) -> Iterator[TracingFault]:
        """Yield land between communities that belongs to none, and land of a community in no grid."""
        closed = shapely.union(close_narrow(self.territory), _without_holes(self.territory))
        holes = shapely.difference(closed, self.territory)
        for part in self._large_parts(holes):
            neighbours = [
                each for each in self.by_kind[ShapeKind.COMMUNITY] if shapely.dwithin(self.metres[each.id], part, 0.01)
            ]
            if len(neighbours) > 1:
                message = Message(COMMUNITY_GAP, {"area": round(part.area)})
                yield self._fault(message, part, *neighbours, fixable=_is_narrow(part))
        yield from self._grid_gaps()

    def _grid_gaps(self) -> Iterator[TracingFault]:
        covered = shapely.union_all(self._metres_of(self.by_kind[ShapeKind.GRID]))
        for community in self.by_kind[ShapeKind.COMMUNITY]:
            shape = self.metres[community.id]
            if shapely.area(shapely.intersection(shape, covered)) <= MIN_FAULT_M2:
                continue  # nobody draws grids here: the community is partitioned afterwards
            for part in self._large_parts(shapely.difference(shape, covered)):
                message = Message(GRID_GAP, {"name": community.label, "area": round(part.area)})
                yield self._fault(message, part, community, note=True, fixable=_is_narrow(part))

    def outside(self) -> Iterator[TracingFault]:
        """Yield grids that reach out of the communities, and outlines that do not lie within one."""
        if self.territory.is_empty:
            return
        for grid in self.by_kind[ShapeKind.GRID]:
            beyond = shapely.difference(self.metres[grid.id], self.territory)
            if beyond.area > MIN_FAULT_M2:
                message = Message(GRID_OUTSIDE, {"name": grid.label, "area": round(beyond.area)})
                yield self._fault(message, beyond, grid, note=True, fixable=True)
        communities = self._metres_of(self.by_kind[ShapeKind.COMMUNITY])
        for outline in self.by_kind[ShapeKind.OUTLINE]:
            shape = self.metres[outline.id]
            if shapely.area(shapely.intersection(communities, shape)).max() < shape.area * (1 - SHOWN_SHARE):
                yield self._fault(Message(OUTLINE_OUTSIDE, {"name": outline.label}), shape, outline)

    def names(self) -> Iterator[TracingFault]:
        """Yield outlines without a name."""
        for outline in self.by_kind[ShapeKind.OUTLINE]:
            if not outline.name:
                yield self._fault(Message(NO_NAME), self.metres[outline.id], outline)

    def _neighbours(self, shapes: Sequence[TracedShape]) -> Iterator[tuple[TracedShape, TracedShape]]:
        """Yield the pairs of shapes that meet."""
        metres = self._metres_of(shapes)
        first, second = shapely.STRtree(metres).query(metres, predicate="intersects")
        for one, other in sorted(zip(first.tolist(), second.tolist(), strict=True)):
            if one < other:
                yield shapes[one], shapes[other]

    def _is_too_small(self, metres: shapely.Geometry) -> bool:
        if metres.geom_type == "LineString":
            return bool(metres.length < MIN_LENGTH_M)
        return bool(metres.area < MIN_AREA_M2)

    def _metres_of(self, shapes: Sequence[TracedShape]) -> GeometryArray:
        found = np.empty(len(shapes), dtype=object)
        found[:] = [self.metres[shape.id] for shape in shapes]
        return found

    def _large_parts(self, shape: shapely.Geometry) -> list[shapely.Geometry]:
        return [part for part in shapely.get_parts(shape) if part.area > MIN_FAULT_M2]

    def _fault(
        self,
        message: Message,
        location: shapely.Geometry,
        *shapes: TracedShape,
        note: bool = False,
        fixable: bool = False,
    ) -> TracingFault:
        inside = shapely.point_on_surface(location) if location.is_valid else shapely.centroid(location)
        (degrees,) = self.frame.to_degrees(np.array([inside], dtype=object))
        ids = tuple(shape.id for shape in shapes)
        return TracingFault(message, ids, (degrees.x, degrees.y), blocks=not note, fixable=fixable)


def _without_holes(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [shapely.Polygon(part.exterior) for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.union_all(parts)


def _is_narrow(part: shapely.Geometry) -> bool:
    return bool(shapely.is_empty(shapely.buffer(part, -MAX_GAP_M / 2)))
