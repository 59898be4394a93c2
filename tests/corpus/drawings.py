"""Changes of the town's drawing: noise of programs, and faults of known size."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely

from tests.fixtures.town_package import EAST_M, NORTH_M, Layers, box

Shapes = np.ndarray
Points = np.ndarray
Change = Callable[[Layers], object]


def outline(layer: str, row: int, *points: tuple[float, float]) -> Change:
    """Draw the outline of a row anew, in metres from the corner of the town."""

    def change(layers: Layers) -> None:
        replace_shape(layers, layer, row, shapely.Polygon([(EAST_M + x, NORTH_M + y) for x, y in points]))

    return change


def replace_shape(layers: Layers, layer: str, row: int, shape: shapely.Geometry) -> None:
    shapes = list(layers[layer].geometry)
    shapes[row - 1] = shape
    layers[layer] = layers[layer].set_geometry(gpd.GeoSeries(shapes, crs=layers[layer].crs))


def both(*changes: Change) -> Change:
    return lambda layers: [change(layers) for change in changes]


def every(layer: str, function: Callable[[Shapes], Shapes]) -> Change:
    """Change all shapes of a layer."""

    def change(layers: Layers) -> None:
        shapes = function(layers[layer].geometry.to_numpy())
        layers[layer] = layers[layer].set_geometry(gpd.GeoSeries(list(shapes), crs=layers[layer].crs))

    return change


def moved_points(layer: str, function: Callable[[Points], Points]) -> Change:
    return every(layer, lambda shapes: np.asarray(shapely.transform(shapes, function)))


def jitter(width: float) -> Callable[[Shapes], Shapes]:
    """Move each vertex of each shape by itself, the same way in every run."""
    generator = np.random.default_rng(1)

    def change(shapes: Shapes) -> Shapes:
        rings = [shapely.get_coordinates(shape)[:-1] for shape in shapes]
        moved = [shapely.Polygon(ring + generator.uniform(-width, width, ring.shape)) for ring in rings]
        return np.array(moved, dtype=object)

    return change


def rotated(shapes: Shapes) -> Shapes:
    """Begin each ring at another vertex."""
    rings = [shapely.get_coordinates(shape)[:-1] for shape in shapes]
    return np.array([shapely.Polygon(np.roll(ring, i, axis=0)) for i, ring in enumerate(rings)], dtype=object)


def doubled(shapes: Shapes) -> Shapes:
    """Write each vertex twice."""
    return np.array(
        [shapely.Polygon(np.repeat(shapely.get_coordinates(shape), 2, axis=0)) for shape in shapes], dtype=object
    )


def densified(step: float) -> Callable[[Shapes], Shapes]:
    return lambda shapes: np.asarray(shapely.segmentize(shapes, step))


def every_second(function: Callable[[Shapes], Shapes]) -> Callable[[Shapes], Shapes]:
    def change(shapes: Shapes) -> Shapes:
        changed = shapes.copy()
        changed[::2] = function(shapes[::2])
        return changed

    return change


def as_multipolygons(shapes: Shapes) -> Shapes:
    return np.array([shapely.MultiPolygon([shape]) for shape in shapes], dtype=object)


def in_crs(crs: int, change: Change = lambda layers: None) -> Change:
    """Change the town in metres, and write it in another CRS."""

    def convert(layers: Layers) -> None:
        change(layers)
        for name in list(layers):
            layers[name] = layers[name].to_crs(crs)

    return convert


def rounded(digits: int, *names: str) -> Change:
    """Write coordinates with so many decimals."""
    return lambda layers: [
        moved_points(name, lambda points: np.round(points, digits))(layers) for name in names or list(layers)
    ]


def sheared(x: float) -> Change:
    """Turn the vertical borders of the town, so that they are not along the axes."""
    return lambda layers: [
        moved_points(name, lambda points: np.column_stack([points[:, 0] + x * (points[:, 1] - NORTH_M), points[:, 1]]))(
            layers
        )
        for name in list(layers)
    ]


def grid_with(x: float, y0: float = 0, y1: float = 400) -> Change:
    """Move the east border of the first grid between two heights."""
    return outline("grids", 1, (0, 0), *east_border(200, x, y0, y1), (0, 400))


def vertex_at(x: float) -> Change:
    """Put a vertex into the east border of the first grid."""
    return outline("grids", 1, (0, 0), (200, 0), (x, 133.7), (200, 400), (0, 400))


def east_border(edge: float, x: float, y0: float, y1: float) -> list[tuple[float, float]]:
    """Return the vertices of a border at `edge` that lies at `x` between two heights."""
    middle = [(x, y0), (x, y1)]
    return [*([(edge, 0.0), (edge, y0)] if y0 > 0 else []), *middle, *([(edge, y1), (edge, 400.0)] if y1 < 400 else [])]


def extra_grid(shape: shapely.Geometry, code: str = "g7") -> Change:
    def change(layers: Layers) -> None:
        row = gpd.GeoDataFrame({"grid_code": [code]}, geometry=[shape], crs=layers["grids"].crs)
        layers["grids"] = gpd.GeoDataFrame(
            {"grid_code": [*layers["grids"]["grid_code"], code]},
            geometry=[*layers["grids"].geometry, *row.geometry],
            crs=row.crs,
        )

    return change


def with_hole(layers: Layers) -> None:
    replace_shape(layers, "grids", 1, layers["grids"].geometry[0] - box(150, 300, 20, 20))


def with_hole_filled(layers: Layers) -> None:
    with_hole(layers)
    extra_grid(box(150, 300, 20, 20))(layers)


def with_detached_part(layers: Layers) -> None:
    part = box(380, 380, 20, 20)
    replace_shape(layers, "grids", 2, layers["grids"].geometry[1] - part)
    replace_shape(layers, "grids", 1, shapely.MultiPolygon([layers["grids"].geometry[0], part]))


def spike(length: float, width: float = 0.0) -> Change:
    """Draw a spike out of the north border of the first grid."""
    return outline(
        "grids", 1, (0, 0), (200, 0), (200, 400), (100 + width, 400), (100, 400 + length), (100, 400), (0, 400)
    )


def inner_spike(depth: float) -> Change:
    return outline("grids", 1, (0, 0), (200, 0), (200, 400), (100.02, 400), (100.01, 400 - depth), (100, 400), (0, 400))


def bow_tie(layers: Layers) -> None:
    outline("grids", 1, (0, 0), (200, 0), (0, 400), (200, 400))(layers)


def ring_that_touches_itself(layers: Layers) -> None:
    outline("grids", 1, (0, 0), (200, 0), (200, 400), (100, 400), (100, 200), (100, 400), (0, 400))(layers)


def community_edge(x: float, y0: float = 0, y1: float = 400) -> Change:
    """Move the east border of the first community between two heights."""
    return outline("communities", 1, (0, 0), *east_border(400, x, y0, y1), (0, 400))
