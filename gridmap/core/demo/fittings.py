"""What serves people in an artificial town: offices, lamps, bins, trees, and organisations with a seat there."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.arrays import Shapes
from gridmap.core.demo.life import Life
from gridmap.core.names import Tenure
from gridmap.core.town import Town

OFFICES = {"community_office": 420.0, "health_station": 180.0, "police_room": 60.0}
"""Floor area in square metres; a community office has 300 at least (R41)."""
UNITS = ("school", "hospital", "market", "works")
ASIDE = {"street_lamp": 5.0, "manhole_cover": 1.5, "bin": 6.0}
"""Metres from the middle of the street."""


def place_facilities(rng: np.random.Generator, town: Town, life: Life) -> gpd.GeoDataFrame:
    """Facilities of requirement R25.

    Returns
    -------
    GeoDataFrame
        Points with ``kind``, ``name`` (str or None), ``area_m2`` (NaN for those without floors), ``tenure``.
    """
    offices = [row for community in range(len(town.communities)) for row in _offices(rng, town, community)]
    outside = [row for kind, metres in life.spacing.items() for row in _along(rng, town, kind, metres)]
    parks = [("greenery", name, np.nan, Tenure.OWNED, shape) for name, shape in _parks(town)]
    table = pd.DataFrame([*offices, *outside, *parks], columns=["kind", "name", "area_m2", "tenure", "geometry"])
    return gpd.GeoDataFrame(table.assign(tenure=table["tenure"].astype(str)), geometry="geometry", crs=town.crs)


def place_organisations(town: Town, life: Life) -> gpd.GeoDataFrame:
    """Organisations of requirement R25: points with ``kind`` and ``name``."""
    rows = [*_resident_units(town), *_societies(town, life)]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=["kind", "name", "geometry"]), geometry="geometry", crs=town.crs)


def _offices(rng: np.random.Generator, town: Town, community: int) -> Iterator[tuple[object, ...]]:
    """Offices of a community in three houses near the middle of where its people live; most are not owned (R40)."""
    name = town.communities["name"].iloc[community]
    for (kind, area), point in zip(OFFICES.items(), _near_heart(town, community, len(OFFICES)), strict=True):
        tenure = rng.choice([Tenure.OWNED, Tenure.RENTED, Tenure.LENT], p=[0.2, 0.5, 0.3])
        yield kind, name, area, tenure, point


def _near_heart(town: Town, community: int, count: int) -> Shapes:
    """Points within the houses nearest to the middle of a community's households."""
    mine = town.buildings[(town.buildings["community"] == community) & (town.buildings["households"] > 0)]
    inner = mine.geometry.representative_point()
    heart = np.average(shapely.get_coordinates(inner.to_numpy()), axis=0, weights=mine["households"])
    nearest = inner.distance(shapely.Point(heart)).argsort(kind="stable").to_numpy()
    return np.asarray(inner.to_numpy()[np.resize(nearest[:count], count)])


def _along(rng: np.random.Generator, town: Town, kind: str, metres: float) -> Iterator[tuple[object, ...]]:
    """One for each so many metres of street, on alternate sides, within the communities."""
    ground = shapely.union_all(town.communities.geometry.to_numpy())
    shapely.prepare(ground)
    for street in town.streets.geometry:
        at = np.arange(rng.uniform(0, metres), street.length, metres)
        side = ASIDE.get(kind, 4.0) * np.where(np.arange(len(at)) % 2, 1, -1)
        for point in _beside(street, at, side):
            if shapely.covers(ground, point):
                yield kind, None, np.nan, Tenure.OWNED, point


def _beside(street: shapely.LineString, at: np.ndarray, side: np.ndarray) -> Shapes:
    here = shapely.get_coordinates(shapely.line_interpolate_point(street, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(street, np.minimum(at + 1.0, street.length)))
    along = ahead - here
    length = np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    return np.asarray(shapely.points(here + side[:, None] * along[:, ::-1] * [-1, 1] / length))


def _parks(town: Town) -> Iterator[tuple[str, shapely.Point]]:
    parks = town.buildings[town.buildings["use"] == "park"].drop_duplicates("name")
    yield from zip(parks["name"], parks.geometry.representative_point(), strict=True)


def _resident_units(town: Town) -> Iterator[tuple[str, str, shapely.Point]]:
    """Schools, hospitals, markets and works, each once."""
    units = town.buildings[town.buildings["use"].isin(UNITS)]
    units = units.assign(name=units["name"].where(units["name"].notna(), units["address"]))
    for row in units.drop_duplicates("name").itertuples():
        yield "resident_unit", str(row.name), shapely.point_on_surface(row.geometry)


def _societies(town: Town, life: Life) -> Iterator[tuple[str, str, shapely.Point]]:
    for community, name in enumerate(town.communities["name"]):
        seat = _near_heart(town, community, 1)[0]
        yield "volunteers", life.volunteers.format(of=name), seat
        for form in life.societies:
            yield "mass_organisation", form.format(of=name), seat
