"""Datum of buildings against that of communities and streets, by how the three fit each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray
from gridmap.core.geodesy.datums import Datum, convert_datum

MAX_BUILDINGS = 2_000
"""Buildings to look at: enough to see 1 % of misfits, and fast in a city."""
MAX_OUTSIDE_M = 5.0
"""Distance outside every community from which a building does not fit."""
STREET_HALF_WIDTH_M = 3.0
"""Distance from the middle of a street within which the point of a building does not fit; footprints must not cross."""
MIN_FEWER_MISFITS, MIN_FEWER_SHARE = 5, 0.02
"""Fewest misfits, as a number and as a share of the buildings, by which another datum has to be better."""
MAX_REMAINING_SHARE = 0.5
"""Largest share of the misfits that may remain with a better datum."""


@dataclass(frozen=True)
class DatumFit:
    """Datums with which buildings fit communities and streets better than with one for all.

    Parameters
    ----------
    buildings, land : Datum
        Datum of the buildings, and of communities and streets.
    sampled : int
        Buildings that were looked at.
    misfits, remaining : int
        Those outside every community or on a street, as the file has them and with these datums.
    """

    buildings: Datum
    land: Datum
    sampled: int
    misfits: int
    remaining: int


def find_better_datum(
    buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> DatumFit | None:
    """Return the datums with which buildings fit much better, or None where one datum for all fits.

    GCJ-02 is shifted by 100 to 700 m, BD-09 by about a kilometre more: then many buildings stand on streets, and those
    near the edge outside. Of two pairs of datums that differ little in their shift, the better one is returned.

    Parameters
    ----------
    buildings, communities, streets : GeoDataFrame
        Valid shapes in longitude and latitude; streets may be empty.
    """
    sample = buildings.iloc[:: max(1, len(buildings) // MAX_BUILDINGS)].geometry
    metric_crs = communities.estimate_utm_crs()
    land = _Land(communities.to_crs(metric_crs).geometry.to_numpy(), streets.to_crs(metric_crs).geometry.to_numpy())

    def count_misfits(source: Datum, target: Datum) -> int:
        shapes = shapely.transform(sample.to_numpy(), lambda points: convert_datum(points, source, target))
        return int(land.find_misfits(gpd.GeoSeries(shapes, crs=buildings.crs).to_crs(metric_crs).to_numpy()).sum())

    misfits = count_misfits(Datum.WGS84, Datum.WGS84)
    if misfits < _least_difference(len(sample)):
        return None
    fits = [DatumFit(*pair, len(sample), misfits, count_misfits(*pair)) for pair in _list_pairs()]
    best = min(fits, key=lambda fit: fit.remaining)
    is_better = misfits - best.remaining >= _least_difference(len(sample))
    return best if is_better and best.remaining <= MAX_REMAINING_SHARE * misfits else None


def _list_pairs() -> Iterator[tuple[Datum, Datum]]:
    """Yield the pairs of different datums, those with WGS 84 for the land first."""
    pairs = [(one, other) for one, other in product(Datum, Datum) if one is not other]
    return iter(sorted(pairs, key=lambda pair: pair[1] is not Datum.WGS84))


def _least_difference(buildings: int) -> float:
    return max(MIN_FEWER_MISFITS, MIN_FEWER_SHARE * buildings)


class _Land:
    """Communities and streets in metres."""

    def __init__(self, communities: GeometryArray, streets: GeometryArray) -> None:
        self.communities, self.streets = shapely.STRtree(communities), shapely.STRtree(streets)

    def find_misfits(self, buildings: GeometryArray) -> BoolArray:
        """Return which buildings are outside every community or on a street."""
        misfits = np.ones(len(buildings), dtype=np.bool_)
        misfits[self.communities.query(buildings, predicate="dwithin", distance=MAX_OUTSIDE_M)[0]] = False
        is_point = shapely.get_type_id(buildings) == shapely.GeometryType.POINT
        for chosen, distance in ((is_point, STREET_HALF_WIDTH_M), (~is_point, 0.0)):
            positions = np.flatnonzero(chosen)
            crossing, _ = self.streets.query(buildings[positions], predicate="dwithin", distance=distance)
            misfits[positions[crossing]] = True
        return misfits
