"""A town written into the database: territory, buildings, lines and land."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import HouseholdKind, PopulationKind
from gridmap.store import schema
from gridmap.store.reprojection import to_degrees
from gridmap.store.writes import bulk

DRAW_BOUNDARIES = text(
    "SELECT draw_first_boundaries(:subdistrict_id, CAST(:boundary AS geometry), :source, CAST(:ids AS bigint[]),"
    " CAST(:boundaries AS geometry[]), :buildings, CAST(:address AS inet))"
)


@dataclass(frozen=True)
class SubdistrictInfo:
    """Facts about a subdistrict that its town file does not contain.

    Parameters
    ----------
    code : str
        Statistical code, or a code of the user.
    name : str
    source : str
        File or office that the data came from.
    as_of : date
        Reference date of the file: first day of buildings, and date of household counts.
    supervision_phone : str, optional
    """

    code: str
    name: str
    source: str
    as_of: date
    supervision_phone: str | None = None


@dataclass(frozen=True, eq=False)
class StoredTown:
    """Keys of the rows that a town was written to, in the order of the town's layers and of its land.

    Parameters
    ----------
    subdistrict_id : int
    community_ids, land_ids : ndarray of int, one per community
    building_ids : ndarray of int, one per building
    cell_ids : ndarray of int, one per cell
    street_ids : ndarray of int, one per street
    """

    subdistrict_id: int
    community_ids: IntArray
    land_ids: IntArray
    building_ids: IntArray
    cell_ids: IntArray
    street_ids: IntArray


def insert_town(session: Session, town: Town, land: LandCoverage, info: SubdistrictInfo) -> StoredTown:
    """Insert a town with its land.

    Boundaries are those of the land: slivers that were removed from the cells do not come back, and communities share
    every vertex with the cells along their border.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    town, land : Town, LandCoverage
    info : SubdistrictInfo

    Returns
    -------
    StoredTown
    """
    subdistrict_id, community_ids = _insert_territory(session, town, land, info)
    return _insert_contents(session, town, land, info, StoredTerritory(subdistrict_id, community_ids))


@dataclass(frozen=True)
class UnbuiltSubdistrict:
    """A subdistrict without land, with the account that fills it and the network address of its request."""

    id: int
    account_id: int | None
    address: str | None = None


def fill_subdistrict(
    session: Session, town: Town, land: LandCoverage, info: SubdistrictInfo, subdistrict: UnbuiltSubdistrict
) -> StoredTown:
    """Give an empty subdistrict its boundaries, and insert buildings, lines and land; the audit has an entry of it.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict, or of the owner.
    town, land : Town, LandCoverage
        The places of its buildings are schematic. Its communities are those of the subdistrict, by their codes.
    info : SubdistrictInfo
    subdistrict : UnbuiltSubdistrict

    Returns
    -------
    StoredTown
    """
    community_ids = _draw_territory(session, town, land, info, subdistrict)
    territory = StoredTerritory(subdistrict.id, community_ids, subdistrict.account_id)
    return _insert_contents(session, town, land, info, territory, schematic=True)


@dataclass(frozen=True, eq=False)
class StoredTerritory:
    """Keys of a subdistrict and of its communities, in the order of the town's communities."""

    subdistrict_id: int
    community_ids: IntArray
    account_id: int | None = None
    """Account that builds the land; None for a command."""


def _insert_contents(
    session: Session,
    town: Town,
    land: LandCoverage,
    info: SubdistrictInfo,
    territory: StoredTerritory,
    *,
    schematic: bool = False,
) -> StoredTown:
    """Insert the buildings, lines and land of a town whose boundaries are stored."""
    subdistrict_id, community_ids = territory.subdistrict_id, territory.community_ids
    building_ids = _insert_buildings(session, town, info, territory, schematic=schematic)
    street_ids = _insert_lines(session, schema.Street, town.streets, subdistrict_id)
    _insert_lines(session, schema.Barrier, town.barriers, subdistrict_id)
    land_ids, cell_ids = _insert_cells(session, town, land, territory)
    building_cells = {
        "land_id": land_ids[land.community[land.cell_of_building]],
        "building_id": building_ids,
        "cell_id": cell_ids[land.cell_of_building],
        "subdistrict_id": subdistrict_id,
    }
    bulk.copy_rows(session, schema.BuildingCell, building_cells)
    return StoredTown(subdistrict_id, community_ids, land_ids, building_ids, cell_ids, street_ids)


def open_period(on: date) -> str:
    """Return the period from a day on as a PostgreSQL range."""
    return f"[{on.isoformat()},)"


def _insert_territory(session: Session, town: Town, land: LandCoverage, info: SubdistrictInfo) -> tuple[int, IntArray]:
    boundaries = _dissolve(land.cells, land.community, len(town.communities))
    outline = [shapely.coverage_union_all(boundaries)] if town.subdistrict is None else [town.subdistrict]
    columns = {
        "code": [info.code],
        "name": info.name,
        "source": info.source,
        "supervision_phone": info.supervision_phone,
        "geometry": to_degrees(np.array(outline, dtype=object), town.crs, multi=True),
    }
    subdistrict_id = int(bulk.copy_rows(session, schema.Subdistrict, columns)[0])
    communities = {
        "subdistrict_id": subdistrict_id,
        "code": town.communities["code"],
        "name": town.communities["name"],
        "geometry": to_degrees(boundaries, town.crs, multi=True),
    }
    return subdistrict_id, bulk.copy_rows(session, schema.Community, communities)


def _draw_territory(
    session: Session, town: Town, land: LandCoverage, info: SubdistrictInfo, subdistrict: UnbuiltSubdistrict
) -> IntArray:
    """Draw the boundaries of an empty subdistrict and of its communities; return the keys of these."""
    boundaries = _dissolve(land.cells, land.community, len(town.communities))
    outline = np.array([shapely.coverage_union_all(boundaries)], dtype=object)
    in_subdistrict = schema.Community.subdistrict_id == subdistrict.id
    rows = session.execute(select(schema.Community.code, schema.Community.id).where(in_subdistrict))
    id_by_code = {row.code: row.id for row in rows}
    ids = np.array([id_by_code[code] for code in town.communities["code"]], dtype=np.int64)
    values = {
        "subdistrict_id": subdistrict.id,
        "source": info.source,
        "boundary": _as_text(to_degrees(outline, town.crs, multi=True))[0],
        "ids": ids.tolist(),
        "boundaries": _as_text(to_degrees(boundaries, town.crs, multi=True)),
        "buildings": len(town.buildings),
        "address": subdistrict.address,
    }
    session.execute(DRAW_BOUNDARIES, values)
    return ids


def _as_text(shapes: GeometryArray) -> list[str]:
    """Return geometries as hexadecimal WKB with their SRID."""
    return list(shapely.to_wkb(shapes, hex=True, include_srid=True))


def _dissolve(cells: GeometryArray, labels: IntArray, count: int) -> GeometryArray:
    shapes = np.empty(count, dtype=object)
    shapes[:] = [shapely.coverage_union_all(cells[labels == label]) for label in range(count)]
    return shapes


def _insert_buildings(
    session: Session, town: Town, info: SubdistrictInfo, territory: StoredTerritory, *, schematic: bool
) -> IntArray:
    subdistrict_id = territory.subdistrict_id
    communities = territory.community_ids[town.buildings["community"]]
    estates = _insert_estates(session, subdistrict_id, communities, town.buildings["estate"])
    courtyards = _insert_courtyards(session, town, subdistrict_id, communities, estates)
    columns = {
        "subdistrict_id": subdistrict_id,
        "community_id": communities,
        "estate_id": estates,
        "courtyard_id": courtyards,
        "code": town.buildings["building_id"],
        **{column: town.buildings[column] for column in ("name", "address", "use")},
        "levels": town.buildings["levels"].where(town.buildings["levels"] > 0),
        "geometry": to_degrees(town.buildings.geometry.to_numpy(), town.crs),
        "schematic": schematic,
        "valid": open_period(info.as_of),
    }
    building_ids = bulk.copy_rows(session, schema.Building, columns)
    renamed = town.buildings.rename(columns={"households_low": "low", "households_high": "high"})
    counts = renamed[["households", "low", "high"]].assign(estimated=renamed["households_estimated"])
    insert_household_counts(session, subdistrict_id, info, building_ids, HouseholdKind.RESIDENT, counts)
    _insert_population_counts(session, subdistrict_id, info, building_ids, town.buildings)
    return building_ids


def _insert_population_counts(
    session: Session, subdistrict_id: int, info: SubdistrictInfo, building_ids: IntArray, buildings: gpd.GeoDataFrame
) -> None:
    """Insert the persons of the buildings where the file counts them."""
    for kind in PopulationKind:
        persons = buildings.get(str(kind), pd.Series(dtype=float)).to_numpy(float)
        rows = np.flatnonzero(~np.isnan(persons))
        if len(rows):
            columns = {
                "subdistrict_id": subdistrict_id,
                "building_id": building_ids[rows],
                "kind": str(kind),
                "persons": persons[rows].round().astype(int),
                "source": info.source,
                "as_of": info.as_of,
            }
            bulk.copy_rows(session, schema.PopulationCount, columns)


def insert_household_counts(
    session: Session,
    subdistrict_id: int,
    info: SubdistrictInfo,
    building_ids: IntArray,
    kind: HouseholdKind,
    counts: pd.DataFrame,
) -> None:
    """Insert the counts of a kind of household of buildings.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    subdistrict_id : int
    info : SubdistrictInfo
        Source and date of the counts.
    building_ids : ndarray of int
    kind : HouseholdKind
    counts : DataFrame, one row per building
        ``households``, ``low``, ``high``, ``estimated``.
    """
    columns = {
        "subdistrict_id": subdistrict_id,
        "building_id": building_ids,
        "kind": str(kind),
        **{str(name): counts[name] for name in counts},
        "source": info.source,
        "as_of": info.as_of,
    }
    bulk.copy_rows(session, schema.HouseholdCount, columns)


def _insert_estates(
    session: Session, subdistrict_id: int, community_ids: IntArray, names: pd.Series
) -> list[int | None]:
    """Insert the names that buildings share within a community; return the key of each building's estate."""
    keys = pd.DataFrame({"community_id": community_ids, "name": names.to_numpy()}, dtype=object)
    rows = keys[keys["name"].notna()].drop_duplicates()
    if rows.empty:
        return [None] * len(names)
    columns = {"subdistrict_id": subdistrict_id, **{str(name): list(rows[name]) for name in rows}}
    ids = bulk.copy_rows(session, schema.Estate, columns)
    id_by_name = dict(zip(zip(rows["community_id"], rows["name"], strict=True), ids.tolist(), strict=True))
    return [id_by_name.get(key) for key in zip(community_ids.tolist(), names, strict=True)]


def _insert_courtyards(
    session: Session, town: Town, subdistrict_id: int, community_ids: IntArray, estate_ids: Sequence[int | None]
) -> list[int | None]:
    """Insert the courtyards of buildings; return the key of each building's courtyard."""
    courtyards = town.courtyards
    if not len(courtyards):
        return [None] * len(town.buildings)
    columns = {"number": courtyards.of_building, "community_id": community_ids, "estate_id": estate_ids}
    buildings = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    rows = buildings[courtyards.of_building >= 0].groupby("number").first().sort_index()
    rows = rows.assign(name=courtyards.first_spellings)
    place = rows.groupby(["community_id", "estate_id", "name"], dropna=False).cumcount() + 1
    estates = [None if pd.isna(key) else int(key) for key in rows["estate_id"]]
    keys = {"subdistrict_id": subdistrict_id, "community_id": list(rows["community_id"]), "estate_id": estates}
    ids = bulk.copy_rows(session, schema.Courtyard, {**keys, "name": list(rows["name"]), "place": place.to_numpy()})
    return [int(ids[number]) if number >= 0 else None for number in courtyards.of_building.tolist()]


def _insert_lines(
    session: Session, table: type[schema.Street | schema.Barrier], layer: gpd.GeoDataFrame, subdistrict_id: int
) -> IntArray:
    columns = {str(name): layer[name] for name in ("name", "kind") if hasattr(table, str(name))}
    shapes = to_degrees(layer.geometry.to_numpy(), layer.crs)
    return bulk.copy_rows(session, table, {"subdistrict_id": subdistrict_id, **columns, "geometry": shapes})


def _insert_cells(
    session: Session, town: Town, land: LandCoverage, territory: StoredTerritory
) -> tuple[IntArray, IntArray]:
    subdistrict_id, community_ids = territory.subdistrict_id, territory.community_ids
    dedicated_shapes = to_degrees(town.dedicated.geometry.to_numpy(), town.crs)
    dedicated = {"subdistrict_id": subdistrict_id, "name": town.dedicated["name"], "geometry": dedicated_shapes}
    dedicated_ids = bulk.copy_rows(session, schema.DedicatedLand, dedicated)
    lands = {"subdistrict_id": subdistrict_id, "community_id": community_ids, "crs": crs_to_text(town.crs)}
    lands["created_by"] = territory.account_id
    land_ids = bulk.copy_rows(session, schema.Land, lands)
    columns = {
        "subdistrict_id": subdistrict_id,
        "land_id": land_ids[land.community],
        "community_id": community_ids[land.community],
        "number": pd.Series(land.community).groupby(land.community).cumcount(),
        "dedicated_land_id": bulk.ids_at(dedicated_ids, land.dedicated),
        "water": land.water,
        "geometry": to_degrees(land.cells, town.crs),
    }
    return land_ids, bulk.copy_rows(session, schema.Cell, columns)


def crs_to_text(crs: CRS) -> str:
    """Return a CRS as authority and code where it has one, else as WKT.

    Examples
    --------
    >>> crs_to_text(CRS(4547))
    'EPSG:4547'
    """
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else crs.to_wkt()
