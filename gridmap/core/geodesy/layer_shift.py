"""Shift that most buildings have against communities and streets, by how they fit after it."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray
from gridmap.core.geodesy.datum_fit import MAX_BUILDINGS, SurroundingLand

MIN_MISFITS, MIN_MISFIT_SHARE = 10, 0.05
"""Fewest misfits of a shifted layer. Real towns have at most 2.3 %; shifted by 50 m they have 4 to 50 %."""
MAX_REMAINING_SHARE = 0.25
"""Largest share of the misfits that may remain after the shift."""
MAX_SHIFT_M = 1_000.0
MIN_SHIFT_M = 5.0
"""Smaller shifts are within the accuracy of streets."""
PIXEL_M, COARSE_PIXELS = 5.0, 4
"""Side of a pixel: half the distance between houses and the middle of a lane. Borders may be coarser than streets."""
WINDOW_M = 1_500.0
"""Half the side of the window around the middle of the buildings in which shifts are searched."""
MAX_CANDIDATES, MAX_TESTED = 30, 500
STEPS_M = (10.0, 5.0, 2.0, 1.0)
DIRECTIONS = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y], dtype=np.float64)


@dataclass(frozen=True)
class LayerShift:
    """Movement after which buildings fit communities and streets.

    Parameters
    ----------
    east_m, north_m : float
        The movement, in metres.
    sampled : int
        Buildings that were looked at.
    misfits, remaining : int
        Those outside every community or on a street, before and after it.
    """

    east_m: float
    north_m: float
    sampled: int
    misfits: int
    remaining: int

    @property
    def distance_m(self) -> float:
        """Length of the movement."""
        return float(np.hypot(self.east_m, self.north_m))


def find_layer_shift(buildings: GeometryArray, communities: GeometryArray, streets: GeometryArray) -> LayerShift | None:
    """Return the movement of up to 1 km after which buildings fit much better, or None where there is none.

    All shifts are compared at once by the correlation of two rasters: outlines of buildings, and land where no building
    can be. The best ones are refined with the shapes themselves.

    Parameters
    ----------
    buildings, communities, streets : ndarray of geometries, metres
        Streets may be empty.
    """
    sample = buildings[:: max(1, len(buildings) // MAX_BUILDINGS)]
    land = SurroundingLand(communities, streets)
    misfits = int(land.find_misfits(sample).sum())
    if misfits < max(MIN_MISFITS, MIN_MISFIT_SHARE * len(sample)):
        return None
    tested = sample[:: max(1, len(sample) // MAX_TESTED)]
    candidates = _list_candidates(sample, communities, streets)
    counts = [_count_misfits(land, tested, shift) for shift in candidates]
    order = np.lexsort((np.hypot(*candidates.T), counts))
    refined = [_refine(land, tested, candidates[position]) for position in order[:3]]
    east, north = min(refined, key=lambda shift: _count_misfits(land, tested, shift)).tolist()
    remaining = _count_misfits(land, sample, np.array([east, north]))
    shift = LayerShift(east, north, len(sample), misfits, remaining)
    is_better = remaining <= MAX_REMAINING_SHARE * misfits and MIN_SHIFT_M <= shift.distance_m <= MAX_SHIFT_M
    return shift if is_better else None


def _count_misfits(land: SurroundingLand, buildings: GeometryArray, shift: FloatArray) -> int:
    return int(land.find_misfits(shapely.transform(buildings, lambda points: points + shift)).sum())


def _refine(land: SurroundingLand, buildings: GeometryArray, shift: FloatArray) -> FloatArray:
    """Return the best shift near one, by ever smaller steps in eight directions."""
    best, minimum = shift, _count_misfits(land, buildings, shift)
    for step in STEPS_M:
        for neighbour in best + step * DIRECTIONS:
            count = _count_misfits(land, buildings, neighbour)
            if count < minimum:
                best, minimum = neighbour, count
    return best


def _list_candidates(buildings: GeometryArray, communities: GeometryArray, streets: GeometryArray) -> FloatArray:
    """Return the shifts with the smallest correlation, and no shift near another one of them."""
    middle = np.median(shapely.get_coordinates(shapely.centroid(buildings)), axis=0)
    corner = middle - WINDOW_M - MAX_SHIFT_M
    size = round(2 * (WINDOW_M + MAX_SHIFT_M) / PIXEL_M)
    is_blocked = _draw_blocked(communities, streets, corner, size)
    margin = round(MAX_SHIFT_M / PIXEL_M)
    outlines = _draw_outlines(buildings, middle - WINDOW_M, size - 2 * margin)
    scores = _correlate(is_blocked, outlines)[: 2 * margin + 1, : 2 * margin + 1]
    shifts = []
    for _ in range(MAX_CANDIDATES):
        row, column = np.unravel_index(np.argmin(scores), scores.shape)
        if not np.isfinite(scores[row, column]):
            break
        shifts.append((column - margin, row - margin))
        scores[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3] = np.inf
    return np.array(shifts) * PIXEL_M


def _correlate(blocked: BoolArray, outlines: BoolArray) -> FloatArray:
    """Return for each position of the outlines within the larger raster how many of their pixels are blocked."""
    larger = np.fft.rfft2(blocked.astype(np.float64))
    smaller = np.fft.rfft2(outlines.astype(np.float64), s=blocked.shape)
    return np.asarray(np.round(np.fft.irfft2(larger * np.conj(smaller), s=blocked.shape)), dtype=np.float64)


def _draw_blocked(communities: GeometryArray, streets: GeometryArray, corner: FloatArray, size: int) -> BoolArray:
    """Return the pixels on streets and outside every community; rows run north."""
    step = PIXEL_M * COARSE_PIXELS
    centres = np.arange(size // COARSE_PIXELS) * step + step / 2
    x, y = np.meshgrid(corner[0] + centres, corner[1] + centres)
    land = shapely.union_all(communities)
    shapely.prepare(land)
    is_outside = ~shapely.contains_xy(land, x, y)
    blocked = np.repeat(np.repeat(is_outside, COARSE_PIXELS, axis=0), COARSE_PIXELS, axis=1)
    return np.asarray(blocked | _draw_outlines(streets, corner, size))


def _draw_outlines(shapes: GeometryArray, corner: FloatArray, size: int) -> BoolArray:
    """Return a raster with the pixels that outlines pass; a street may be as long as a country."""
    within = shapely.clip_by_rect(shapes, *corner, *(corner + size * PIXEL_M))
    points = shapely.get_coordinates(shapely.segmentize(within, PIXEL_M / 2))
    pixels = np.floor((points - corner) / PIXEL_M).astype(np.int64)
    pixels = pixels[((pixels >= 0) & (pixels < size)).all(axis=1)]
    raster = np.zeros((size, size), dtype=np.bool_)
    raster[pixels[:, 1], pixels[:, 0]] = True
    return raster
