"""Datums of buildings, communities and streets, by how the three fit each other."""

from dataclasses import dataclass
from functools import cache
from itertools import product

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray
from gridmap.core.geodesy.datums import Datum, convert_datum
from gridmap.core.geodesy.transformers import find_utm_crs

MAX_BUILDINGS = 2_000
"""Buildings to look at: enough to see 1 % of misfits, and fast in a city."""
MAX_OUTSIDE_M = 5.0
"""Distance outside every community from which a building does not fit."""
STREET_HALF_WIDTHS_M = 3.0, 8.0
"""Distances from the middle of a street within which the point of a building does not fit; footprints must not cross.
The narrow one tells in dense quarters, where houses stand 5 m from the middle of their lane; the wide one where streets
are few."""
MIN_FEWER_MISFITS, MIN_FEWER_SHARE = 5, 0.02
"""Fewest misfits, as a number and as a share of the buildings, by which another datum has to be better."""
MAX_TO_STREET_M, MIN_REACHED_SHARE = 100.0, 0.9
"""Distance from a street within which it reaches a building, and the least share of the buildings reached in the file
that streets have to reach with better datums."""
MAX_REMAINING_SHARE = 0.25
"""Largest share of the misfits that may remain with a better datum."""


@dataclass(frozen=True)
class DatumFit:
    """Datums of layers with which they fit each other better than with one for all.

    Parameters
    ----------
    buildings, communities, streets : Datum
    sampled : int
        Buildings that were looked at.
    misfits, remaining : int
        Those outside every community or on a street, as the file has them and with these datums.
    """

    buildings: Datum
    communities: Datum
    streets: Datum
    sampled: int
    misfits: int
    remaining: int


def find_better_datums(
    buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> DatumFit | None:
    """Return the datums with which the layers fit much better, or None where one datum for all fits.

    GCJ-02 is shifted by 100 to 700 m, BD-09 by about a kilometre more: then many buildings stand on streets, and those
    near the edge outside. Of datums that fit equally well, those with one for communities and streets come first, then
    those with most layers in WGS 84.

    Parameters
    ----------
    buildings, communities, streets : GeoDataFrame
        Valid shapes in longitude and latitude; streets may be empty.
    """
    fits = (_Fit(buildings, communities, streets, half_width_m) for half_width_m in STREET_HALF_WIDTHS_M)
    return next((found for fit in fits if (found := _find_better(fit))), None)


def _find_better(fit: "_Fit") -> DatumFit | None:
    as_given = fit.count_misfits(Datum.WGS84, Datum.WGS84, Datum.WGS84)
    least_difference = max(MIN_FEWER_MISFITS, MIN_FEWER_SHARE * len(fit.sample))
    if as_given < least_difference:
        return None
    candidates = [each for each in _list_datums(has_streets=fit.has_streets) if fit.keeps_streets(*each)]
    if not candidates:
        return None
    counts = {datums: fit.count_misfits(*datums) for datums in candidates}
    best = min(counts, key=counts.__getitem__)
    is_better = as_given - counts[best] >= least_difference and counts[best] <= MAX_REMAINING_SHARE * as_given
    return DatumFit(*best, len(fit.sample), as_given, counts[best]) if is_better else None


def _list_datums(*, has_streets: bool) -> list[tuple[Datum, Datum, Datum]]:
    """Return the datums that buildings, communities and streets may have, the most frequent first.

    Communities and streets mostly come from one source, and most layers from one in WGS 84.
    """
    datums = [each for each in product(Datum, Datum, Datum) if len(set(each)) > 1]
    datums.sort(key=lambda each: (each[1] is not each[2], -each.count(Datum.WGS84)))
    return [each for each in datums if has_streets or each[1] is each[2]]


class SurroundingLand:
    """Communities and streets in metres, which buildings should fit.

    Parameters
    ----------
    communities, streets : ndarray of geometries, metres
        Streets may be empty.
    half_width_m : float
        Distance from the middle of a street within which the point of a building does not fit.
    """

    def __init__(
        self, communities: GeometryArray, streets: GeometryArray, half_width_m: float = STREET_HALF_WIDTHS_M[0]
    ) -> None:
        self.communities, self.streets = shapely.STRtree(communities), shapely.STRtree(streets)
        self.half_width_m = half_width_m

    def find_misfits(self, buildings: GeometryArray) -> BoolArray:
        """Return which buildings are outside every community or on a street."""
        return self.find_outside(buildings) | self.find_on_streets(buildings)

    def find_outside(self, buildings: GeometryArray) -> BoolArray:
        """Return which buildings are outside every community."""
        outside = np.ones(len(buildings), dtype=np.bool_)
        outside[self.communities.query(buildings, predicate="dwithin", distance=MAX_OUTSIDE_M)[0]] = False
        return outside

    def find_on_streets(self, buildings: GeometryArray) -> BoolArray:
        """Return which buildings are on a street."""
        on_streets = np.zeros(len(buildings), dtype=np.bool_)
        is_point = shapely.get_type_id(buildings) == shapely.GeometryType.POINT
        for chosen, distance in ((is_point, self.half_width_m), (~is_point, 0.0)):
            positions = np.flatnonzero(chosen)
            crossing, _ = self.streets.query(buildings[positions], predicate="dwithin", distance=distance)
            on_streets[positions[crossing]] = True
        return on_streets

    def count_reached(self, buildings: GeometryArray) -> int:
        """Count the buildings that a street reaches."""
        return len(np.unique(self.streets.query(buildings, predicate="dwithin", distance=MAX_TO_STREET_M)[0]))


class _Fit:
    """A sample of the buildings against communities and streets; each pair of datums is looked at once."""

    def __init__(
        self,
        buildings: gpd.GeoDataFrame,
        communities: gpd.GeoDataFrame,
        streets: gpd.GeoDataFrame,
        half_width_m: float,
    ) -> None:
        self.sample = buildings.iloc[:: max(1, len(buildings) // MAX_BUILDINGS)].geometry
        west, south, east, north = communities.total_bounds
        self.crs = find_utm_crs((west + east) / 2, (south + north) / 2)
        self.has_streets = not streets.empty
        outlines, lines = (layer.to_crs(self.crs).geometry.to_numpy() for layer in (communities, streets))
        land = SurroundingLand(outlines, lines, half_width_m)
        self.find_outside = cache(lambda source, target: land.find_outside(self._move(source, target)))
        self.find_on_streets = cache(lambda source, target: land.find_on_streets(self._move(source, target)))
        self.count_reached = cache(lambda source, target: land.count_reached(self._move(source, target)))

    def count_misfits(self, buildings: Datum, communities: Datum, streets: Datum) -> int:
        """Count the buildings outside every community or on a street, if the layers have these datums."""
        return int((self.find_outside(buildings, communities) | self.find_on_streets(buildings, streets)).sum())

    def keeps_streets(self, buildings: Datum, _: Datum, streets: Datum) -> bool:
        """Return whether streets still reach the buildings: those that are moved out of a town hit none."""
        reached = int(self.count_reached(buildings, streets))
        return reached >= MIN_REACHED_SHARE * int(self.count_reached(Datum.WGS84, Datum.WGS84))

    def _move(self, source: Datum, target: Datum) -> GeometryArray:
        """Return the buildings in metres, where those of a datum lie in another one."""
        shapes = shapely.transform(self.sample.to_numpy(), lambda points: convert_datum(points, source, target))
        return np.asarray(gpd.GeoSeries(shapes, crs=self.sample.crs).to_crs(self.crs).to_numpy())
