"""Ways to break sound grids, each knowing what it broke: where, and as what it should be found."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, affinity

from gridmap.core.check import DrawnGrids, Finding
from gridmap.core.land.clean import repair as mend
from gridmap.core.names import FaultKind as K

SIZES = (0.1, 0.3, 1.0, 3.0, 10.0, 25.0, 50.0)
LAND = (K.GAP, K.OVERLAP, K.SPILL, K.FOREIGN_COMMUNITY, K.MULTIPART, K.DUPLICATE)
APART_M = 3.0
"""Injuries keep this distance, so that none hides another."""
ENOUGH = 0.9
"""Share of an injury that findings of its kind have to cover; what is opened by a hair loses its corners."""


@dataclass(frozen=True, eq=False)
class Injury:
    """One break: all the ground it may have touched, and places with the kinds each of them may be found as."""

    name: str
    ground: Geometry
    expected: tuple[tuple[tuple[K, ...], Geometry], ...]


@dataclass(frozen=True, eq=False)
class Drawing:
    """Grids as polygons, valid or not, and what has been done to them; `communities` hold them."""

    shapes: tuple[Geometry, ...]
    communities: tuple[Geometry, ...]
    home: tuple[int, ...]
    injuries: tuple[Injury, ...] = ()

    def drawn(self) -> DrawnGrids:
        """The grids as they come in from a file, with nothing but their polygons and a number as code."""
        found = mend(np.array(self.shapes, dtype=object), np.inf)
        assert not found.broken.any()
        codes = np.array([f"G{number}" for number in range(len(self.shapes))], dtype=object)
        return DrawnGrids(found.geometry, found.mended, codes, np.full(len(codes), -1))

    def own(self, grid: int) -> Geometry:
        """The community of a grid."""
        return self.communities[self.home[grid]]

    def others(self, grid: int) -> Geometry:
        """All communities but a grid's own."""
        return shapely.union_all([each for at, each in enumerate(self.communities) if at != self.home[grid]])

    def put(self, grid: int, shape: Geometry, injury: Injury) -> "Drawing":
        """The drawing with one grid in another shape."""
        shapes = (*self.shapes[:grid], shape, *self.shapes[grid + 1 :])
        return replace(self, shapes=shapes, injuries=(*self.injuries, injury))

    def add(self, grid: int, shape: Geometry, injury: Injury) -> "Drawing":
        """The drawing with one more grid, at home where another is."""
        shapes, home = (*self.shapes, shape), (*self.home, self.home[grid])
        return replace(self, shapes=shapes, home=home, injuries=(*self.injuries, injury))


Breaker = Callable[[np.random.Generator, Drawing, int, float], Drawing | None]
"""From a generator, a drawing, one of its grids and a size in metres to the broken drawing; None if it cannot be."""


def bite(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A piece is cut out of a grid, at its border or inside."""
    shape = drawing.shapes[grid]
    lost = shape & _patch(_somewhere(rng, shape), size, rng)
    left = shape - lost
    if not _like(left, shape):
        return None
    return drawing.put(grid, left, Injury("bite", lost, _all(lost, K.GAP)))


def sliver(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A border is drawn a little beside the neighbour's: a strip along one edge is left out, or doubled."""
    strip = _edge(rng, drawing.shapes[grid]).buffer(min(size, 0.5), cap_style="flat")
    if rng.random() < 0.5:
        return _grown(drawing, grid, strip, "doubled strip")
    left = drawing.shapes[grid] - strip
    if not _like(left, drawing.shapes[grid]):
        return None
    lost = drawing.shapes[grid] & strip
    return drawing.put(grid, left, Injury("strip left out", lost, _all(lost, K.GAP)))


def overlap(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A grid grows into its neighbours, in its own community."""
    return _grown(drawing, grid, _patch(_on_rim(rng, drawing.shapes[grid]), size, rng) & drawing.own(grid), "overlap")


def spill(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A grid grows over the border of its community, into another one or out of town."""
    rim = drawing.shapes[grid].boundary & drawing.own(grid).boundary
    if rim.length < 1:
        return None
    return _grown(drawing, grid, _patch(_on_line(rng, rim), size, rng) - drawing.own(grid), "spill")


def exclave(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A grid gets a piece of land in the middle of another one of its community, which gives it up or not."""
    other = int(rng.integers(len(drawing.shapes)))
    if other == grid or drawing.home[other] != drawing.home[grid] or not shapely.is_valid(drawing.shapes[other]):
        return None
    piece = drawing.shapes[other] & _patch(_somewhere(rng, drawing.shapes[other]), max(size, 3.0), rng)
    host, shape = drawing.shapes[other] - piece, shapely.union(drawing.shapes[grid], piece)
    apart = shapely.distance(drawing.shapes[grid], piece) > 0.5 and drawing.own(grid).geom_type == "Polygon"
    if not (apart and _like(host, drawing.shapes[other]) and piece.area < 0.5 * drawing.shapes[grid].area):
        return None
    if rng.random() < 0.5:
        return drawing.put(grid, shape, Injury("exclave", piece, (*_all(piece, K.MULTIPART), *_all(piece, K.OVERLAP))))
    given = drawing.put(grid, shape, Injury("exclave", piece, _all(piece, K.MULTIPART)))
    return replace(given, shapes=(*given.shapes[:other], host, *given.shapes[other + 1 :]))


def duplicate(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A grid is drawn twice, the second time in its place or a little beside it."""
    shape = drawing.shapes[grid]
    beside = affinity.translate(shape, *_step(rng, size if rng.random() < 0.5 else 0.0))
    where = _all(shape & beside, K.DUPLICATE, K.OVERLAP)
    return drawing.add(grid, beside, Injury("copy", shape | beside, where)) if where else None


def nest(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A small grid is drawn within another."""
    inner = _patch(_somewhere(rng, drawing.shapes[grid]), max(size, 2.0), rng) & drawing.shapes[grid]
    small = inner.geom_type == "Polygon" and inner.area < 0.9 * drawing.shapes[grid].area
    return drawing.add(grid, inner, Injury("nested", inner, _all(inner, K.OVERLAP))) if small else None


def shift(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A grid is moved: what it leaves is a gap, what it enters an overlap, foreign land or a spill."""
    shape = drawing.shapes[grid]
    moved = affinity.translate(shape, *_step(rng, size))
    if (moved & drawing.own(grid)).area < 0.6 * shape.area:
        return None
    entered = moved - shape
    expected = (
        *_all(shape - moved, K.GAP),
        *_all(entered & drawing.own(grid), K.OVERLAP),
        *_all(entered & drawing.others(grid), K.FOREIGN_COMMUNITY),
        *_all(entered - shapely.union_all(drawing.communities), K.SPILL),
    )
    return drawing.put(grid, moved, Injury("shift", shape | moved, expected))


def lose(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """A grid is missing."""
    shape = drawing.shapes[grid]
    shapes, home = (
        (*drawing.shapes[:grid], *drawing.shapes[grid + 1 :]),
        (*drawing.home[:grid], *drawing.home[grid + 1 :]),
    )
    injury = Injury("missing", shape, _all(shape, K.GAP))
    return replace(drawing, shapes=shapes, home=home, injuries=(*drawing.injuries, injury))


def bow_tie(rng: np.random.Generator, drawing: Drawing, grid: int, size: float) -> Drawing | None:
    """Two corners of a grid are drawn in the wrong order, so that its outline crosses itself."""
    shape = drawing.shapes[grid]
    if shape.geom_type != "Polygon":
        return None
    ring = shapely.get_coordinates(shape.exterior)[:-1]
    at = int(rng.integers(len(ring)))
    ring[[at, at - 1]] = ring[[at - 1, at]]
    crossed = shapely.Polygon(ring, shape.interiors)
    found = mend(np.array([crossed], dtype=object), np.inf)
    if not found.mended[0] or found.geometry[0].area < 0.6 * shape.area:
        return None
    lost = _all(shape - found.geometry[0], K.GAP, K.MULTIPART)
    return drawing.put(
        grid, crossed, Injury("bow-tie", shape | found.geometry[0], (((K.INVALID,), shape & found.geometry[0]), *lost))
    )


BREAKERS: tuple[Breaker, ...] = (bite, sliver, overlap, spill, exclave, duplicate, nest, shift, lose, bow_tie)


def broken(rng: np.random.Generator, drawing: Drawing, injuries: int) -> Drawing:
    """A drawing with up to so many injuries, of any kind and size, each away from the others."""
    for _ in range(8 * injuries):
        breaker, grid = BREAKERS[rng.integers(len(BREAKERS))], int(rng.integers(len(drawing.shapes)))
        size = float(rng.choice(SIZES))
        tried = breaker(rng, drawing, grid, size) if shapely.is_valid(drawing.shapes[grid]) else None
        if tried is not None and _stands_alone(tried):
            drawing = tried
        if len(drawing.injuries) == injuries:
            break
    return drawing


def missed(drawing: Drawing, found: Sequence[Finding]) -> list[str]:
    """Injuries that findings of the right kind do not cover."""
    return [
        f"{injury.name}: {shapely.area(place):.2f} m2 are no {' or '.join(kinds)}"
        for injury in drawing.injuries
        for kinds, place in injury.expected
        if (place & _land(found, kinds)).area < ENOUGH * place.area
    ]


def invented(drawing: Drawing, found: Sequence[Finding]) -> list[str]:
    """Findings of land with more than a square metre that nobody broke."""
    ground = shapely.union_all([injury.ground for injury in drawing.injuries])
    beyond = {each: (each.geometry - ground).area for each in found if each.kind in LAND and each.area_m2 > 0}
    return [f"{each.kind}: {area:.2f} m2 nobody broke" for each, area in beyond.items() if area > 1]


def _land(found: Iterable[Finding], kinds: Sequence[K]) -> Geometry:
    return shapely.union_all([each.geometry for each in found if each.kind in kinds])


def _stands_alone(drawing: Drawing) -> bool:
    """Whether the last injury can be found at all, and lies apart from the earlier ones."""
    *earlier, last = drawing.injuries
    return bool(last.expected) and not any(shapely.dwithin(last.ground, each.ground, APART_M) for each in earlier)


def _all(shape: Geometry, *kinds: K) -> tuple[tuple[tuple[K, ...], Geometry], ...]:
    """Each part of a shape that is wide and large enough to be found, with what it may be found as."""
    parts = shapely.get_parts(shape)
    cores = [(part, part.buffer(-0.045, join_style="mitre").buffer(0.045, join_style="mitre")) for part in parts]
    return tuple((kinds, core) for part, core in cores if core.area > max(0.2, 0.95 * part.area))


def _grown(drawing: Drawing, grid: int, patch: Geometry, name: str) -> Drawing | None:
    """A grid with more land: what it takes is an overlap, foreign land or a spill."""
    shape = drawing.shapes[grid]
    grown = shapely.union(shape, patch)
    taken = patch - shape
    if not _like(grown, shape) or taken.area > 0.4 * shape.area:
        return None
    expected = (
        *_all(taken & drawing.own(grid), K.OVERLAP),
        *_all(taken & drawing.others(grid), K.FOREIGN_COMMUNITY),
        *_all(taken - shapely.union_all(drawing.communities), K.SPILL),
    )
    return drawing.put(grid, grown, Injury(name, taken, expected))


def _like(shape: Geometry, before: Geometry) -> bool:
    """Whether a shape still is a surface in as many pieces, and most of what it was."""
    surface = shape.geom_type in {"Polygon", "MultiPolygon"} and shape.area > 0.5 * before.area
    return bool(surface and shapely.get_num_geometries(shape) == shapely.get_num_geometries(before))


def _patch(at: NDArray[np.float64], size: float, rng: np.random.Generator) -> Geometry:
    """A turned rectangle; one narrower than a metre is long enough to be a fault."""
    half = size / 2, max(size, 4.0) / 2
    box = shapely.box(at[0] - half[0], at[1] - half[1], at[0] + half[0], at[1] + half[1])
    return affinity.rotate(box, float(rng.uniform(0, 180)))


def _somewhere(rng: np.random.Generator, shape: Geometry) -> NDArray[np.float64]:
    """A place on the rim of a shape, or deep within it."""
    if rng.random() < 0.5:
        return _on_rim(rng, shape)
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(shape))[0])


def _on_rim(rng: np.random.Generator, shape: Geometry) -> NDArray[np.float64]:
    return _on_line(rng, shape.boundary)


def _on_line(rng: np.random.Generator, line: Geometry) -> NDArray[np.float64]:
    parts = shapely.get_parts(line)
    part = parts[rng.choice(len(parts), p=shapely.length(parts) / shapely.length(parts).sum())]
    place = shapely.line_interpolate_point(part, rng.random(), normalized=True)
    return np.asarray(shapely.get_coordinates(place)[0])


def _edge(rng: np.random.Generator, shape: Geometry) -> Geometry:
    """One straight edge of a shape, a long one rather than a short one."""
    ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape))[0])
    lengths = np.hypot(*np.diff(ring, axis=0).T)
    at = int(rng.choice(len(lengths), p=lengths / lengths.sum()))
    return shapely.LineString(ring[at : at + 2])


def _step(rng: np.random.Generator, size: float) -> tuple[float, float]:
    angle = rng.uniform(0, 2 * np.pi)
    return size * float(np.cos(angle)), size * float(np.sin(angle))
