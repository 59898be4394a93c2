"""Facilities and organisations of an artificial town: offices, street lamps, bins, greenery, mass organisations."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import GeometryArray
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import Tenure
from gridmap.demo.population import PopulationPreset

OFFICE_AREAS_M2 = {"community_office": 420.0, "health_station": 180.0, "police_room": 60.0}
"""Floor area in square metres; a community office has at least 300 (R41)."""
RESIDENT_UNIT_USES = ("school", "hospital", "market", "works")
STREET_OFFSETS_M = {"street_lamp": 5.0, "manhole_cover": 1.5, "bin": 6.0}
"""Metres from the middle of the street."""


def place_facilities(rng: np.random.Generator, town: Town, population: PopulationPreset) -> gpd.GeoDataFrame:
    """Place the facilities of requirement R25.

    Returns
    -------
    GeoDataFrame
        Points with ``kind``, ``name`` (str or None), ``area_m2`` (NaN for those without floors), ``tenure``.
    """
    offices = [row for community in range(len(town.communities)) for row in _office_rows(rng, town, community)]
    street_facilities = [
        row
        for kind, spacing_m in population.facility_spacing_m.items()
        for row in _street_facility_rows(rng, town, kind, spacing_m)
    ]
    parks = [("greenery", name, np.nan, Tenure.OWNED, shape) for name, shape in _park_points(town)]
    table = pd.DataFrame(
        [*offices, *street_facilities, *parks], columns=["kind", "name", "area_m2", "tenure", "geometry"]
    )
    return gpd.GeoDataFrame(table.assign(tenure=table["tenure"].astype(str)), geometry="geometry", crs=town.crs)


def place_organisations(town: Town, population: PopulationPreset) -> gpd.GeoDataFrame:
    """Place the organisations of requirement R25: points with ``kind`` and ``name``."""
    rows = [*_resident_unit_rows(town), *_society_rows(town, population)]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=["kind", "name", "geometry"]), geometry="geometry", crs=town.crs)


def _office_rows(rng: np.random.Generator, town: Town, community: int) -> Iterator[tuple[object, ...]]:
    """Yield the offices of a community, in three buildings near the centre of its households; few are owned (R40)."""
    name = town.communities["name"].iloc[community]
    for (kind, area), point in zip(
        OFFICE_AREAS_M2.items(), _central_building_points(town, community, len(OFFICE_AREAS_M2)), strict=True
    ):
        tenure = rng.choice([Tenure.OWNED, Tenure.RENTED, Tenure.LENT], p=[0.2, 0.5, 0.3])
        yield kind, name, area, tenure, point


def _central_building_points(town: Town, community: int, count: int) -> GeometryArray:
    """Return points within the inhabited buildings nearest to the centre of a community's households."""
    inhabited = town.buildings[(town.buildings["community"] == community) & (town.buildings["households"] > 0)]
    points = inhabited.geometry.representative_point()
    centre = np.average(shapely.get_coordinates(points.to_numpy()), axis=0, weights=inhabited["households"])
    nearest = points.distance(shapely.Point(centre)).argsort(kind="stable").to_numpy()
    return np.asarray(points.to_numpy()[np.resize(nearest[:count], count)])


def _street_facility_rows(
    rng: np.random.Generator, town: Town, kind: str, spacing_m: float
) -> Iterator[tuple[object, ...]]:
    """Yield facilities at equal distances along streets, on alternate sides, within the communities."""
    land = shapely.union_all(town.communities.geometry.to_numpy())
    shapely.prepare(land)
    for street in town.streets.geometry:
        distances = np.arange(rng.uniform(0, spacing_m), street.length, spacing_m)
        offsets = STREET_OFFSETS_M.get(kind, 4.0) * np.where(np.arange(len(distances)) % 2, 1, -1)
        for point in _offset_points(street, distances, offsets):
            if shapely.covers(land, point):
                yield kind, None, np.nan, Tenure.OWNED, point


def _offset_points(street: shapely.LineString, distances: np.ndarray, offsets: np.ndarray) -> GeometryArray:
    """Return points on both sides of a street, at signed distances from its middle."""
    points = shapely.get_coordinates(shapely.line_interpolate_point(street, distances))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(street, np.minimum(distances + 1.0, street.length)))
    direction = ahead - points
    length = np.maximum(np.hypot(*direction.T), 1e-9)[:, None]
    return np.asarray(shapely.points(points + offsets[:, None] * direction[:, ::-1] * [-1, 1] / length))


def _park_points(town: Town) -> Iterator[tuple[str, shapely.Point]]:
    parks = town.buildings[town.buildings["use"] == "park"].drop_duplicates("name")
    yield from zip(parks["name"], parks.geometry.representative_point(), strict=True)


def _resident_unit_rows(town: Town) -> Iterator[tuple[str, str, shapely.Point]]:
    """Yield schools, hospitals, markets and works, each once."""
    units = town.buildings[town.buildings["use"].isin(RESIDENT_UNIT_USES)]
    units = units.assign(name=units["name"].where(units["name"].notna(), units["address"]))
    for row in units.drop_duplicates("name").itertuples():
        yield "resident_unit", str(row.name), shapely.point_on_surface(row.geometry)


def _society_rows(town: Town, population: PopulationPreset) -> Iterator[tuple[str, str, shapely.Point]]:
    for community, name in enumerate(town.communities["name"]):
        point = _central_building_points(town, community, 1)[0]
        yield "volunteers", population.volunteers.format(parent=name), point
        for name_format in population.societies:
            yield "mass_organisation", name_format.format(parent=name), point
