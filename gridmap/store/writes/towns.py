"""A town written into the database: territory, places, land."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from sqlalchemy.orm import Session

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store import schema
from gridmap.store.reprojection import to_degrees
from gridmap.store.writes import bulk


@dataclass(frozen=True)
class SubdistrictInfo:
    """What a town file does not say of the subdistrict it stands for.

    Parameters
    ----------
    code : str
        Statistical code, or one of its own.
    name : str
    source : str
        File or office that everything came from.
    as_of : date
        Day that the file speaks of: buildings stand, and households were counted, as of it.
    supervision_phone : str, optional
    """

    code: str
    name: str
    source: str
    as_of: date
    supervision_phone: str | None = None


@dataclass(frozen=True, eq=False)
class StoredTown:
    """Numbers of the rows that a town was written to, in the order of the town's layers and of its land.

    Parameters
    ----------
    subdistrict_id : int
    community_ids, land_ids : ndarray of int, one per community
    building_ids : ndarray of int, one per building
    cell_ids : ndarray of int, one per cell
    """

    subdistrict_id: int
    community_ids: IntArray
    land_ids: IntArray
    building_ids: IntArray
    cell_ids: IntArray


def insert_town(session: Session, town: Town, land: LandCoverage, info: SubdistrictInfo) -> StoredTown:
    """Write a town with its land, within the session's transaction.

    Boundaries are those of the land: slivers that were cleaned away on the way to the cells stay away, and neighbours
    share every vertex with the cells along their border.

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
    home, communities = _insert_territory(session, town, land, info)
    buildings = _insert_buildings(session, town, info, home, communities)
    _insert_lines(session, town, home)
    lands, cells = _insert_cells(session, town, land, home, communities)
    rows = {"land_id": lands[land.community[land.cell_of_building]], "building_id": buildings}
    bulk.copy_rows(
        session, schema.BuildingCell, {**rows, "cell_id": cells[land.cell_of_building], "subdistrict_id": home}
    )
    return StoredTown(home, communities, lands, buildings, cells)


def open_period(on: date) -> str:
    """The period from a day on, as PostgreSQL writes it."""
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
    home = int(bulk.copy_rows(session, schema.Subdistrict, columns)[0])
    named = {"subdistrict_id": home, "code": town.communities["code"], "name": town.communities["name"]}
    shapes = to_degrees(boundaries, town.crs, multi=True)
    return home, bulk.copy_rows(session, schema.Community, {**named, "geometry": shapes})


def _dissolve(cells: GeometryArray, labels: IntArray, count: int) -> GeometryArray:
    found = np.empty(count, dtype=object)
    found[:] = [shapely.coverage_union_all(cells[labels == each]) for each in range(count)]
    return found


def _insert_buildings(
    session: Session, town: Town, info: SubdistrictInfo, subdistrict_id: int, community_ids: IntArray
) -> IntArray:
    of = community_ids[town.buildings["community"]]
    estates = _insert_named(session, schema.Estate, subdistrict_id, of, town.buildings["estate"])
    parents = {"estate_id": _estate_ids_of_courtyards(town, estates)}
    courtyards = _insert_named(session, schema.Courtyard, subdistrict_id, of, town.buildings["courtyard"], parents)
    columns = {
        "subdistrict_id": subdistrict_id,
        "community_id": of,
        "estate_id": estates,
        "courtyard_id": courtyards,
        "code": town.buildings["building_id"],
        **{column: town.buildings[column] for column in ("name", "address", "use")},
        "levels": town.buildings["levels"].where(town.buildings["levels"] > 0),
        "geometry": to_degrees(town.buildings.geometry.to_numpy(), town.crs),
        "valid": open_period(info.as_of),
    }
    buildings = bulk.copy_rows(session, schema.Building, columns)
    told = town.buildings.rename(columns={"households_low": "low", "households_high": "high"})
    counted = told[["households", "low", "high"]].assign(estimated=told["households_estimated"])
    insert_household_counts(session, subdistrict_id, info, buildings, HouseholdKind.RESIDENT, counted)
    return buildings


def insert_household_counts(
    session: Session,
    subdistrict_id: int,
    info: SubdistrictInfo,
    building_ids: IntArray,
    kind: HouseholdKind,
    counts: pd.DataFrame,
) -> None:
    """Write how many households of a kind buildings have.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    subdistrict_id : int
        Subdistrict.
    info : SubdistrictInfo
        Where the counts come from, and when.
    building_ids : ndarray of int
        Numbers of the buildings.
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


def _insert_named(
    session: Session,
    table: type[schema.Estate | schema.Courtyard],
    subdistrict_id: int,
    community_ids: IntArray,
    names: pd.Series,
    parents: Mapping[str, Sequence[int | None]] | None = None,
) -> list[int | None]:
    """Rows for the names that buildings share within a community; the number of each building's row."""
    columns = {"community_id": community_ids, "name": names.to_numpy(), **(parents or {})}
    keys = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    known = keys[keys["name"].notna()]
    if known.empty:
        return [None] * len(names)
    rows = known.drop_duplicates(["community_id", "name"])
    ids = bulk.copy_rows(
        session, table, {"subdistrict_id": subdistrict_id, **{str(name): list(rows[name]) for name in rows}}
    )
    number = dict(zip(zip(rows["community_id"], rows["name"], strict=True), ids.tolist(), strict=True))
    return [number.get(key) for key in zip(community_ids.tolist(), names, strict=True)]


def _estate_ids_of_courtyards(town: Town, estate_ids: list[int | None]) -> list[int | None]:
    """Estate of each building if its whole courtyard is in it."""
    of = pd.Series(estate_ids, dtype=object)
    keys = [town.buildings["community"].to_numpy(), town.buildings["courtyard"].to_numpy()]
    several = of.groupby(keys, dropna=False).transform(lambda each: each.nunique(dropna=False)) > 1
    return list(of.where(~several.to_numpy(), None))


def _insert_lines(session: Session, town: Town, subdistrict_id: int) -> None:
    for table, layer in ((schema.Street, town.streets), (schema.Barrier, town.barriers)):
        columns = {str(name): layer[name] for name in ("name", "kind") if hasattr(table, str(name))}
        shapes = to_degrees(layer.geometry.to_numpy(), town.crs)
        bulk.copy_rows(session, table, {"subdistrict_id": subdistrict_id, **columns, "geometry": shapes})


def _insert_cells(
    session: Session, town: Town, land: LandCoverage, subdistrict_id: int, community_ids: IntArray
) -> tuple[IntArray, IntArray]:
    named = {"subdistrict_id": subdistrict_id, "name": town.dedicated["name"]}
    dedicated = bulk.copy_rows(
        session, schema.DedicatedLand, {**named, "geometry": to_degrees(town.dedicated.geometry.to_numpy(), town.crs)}
    )
    lands = bulk.copy_rows(
        session,
        schema.Land,
        {"subdistrict_id": subdistrict_id, "community_id": community_ids, "crs": crs_to_text(town.crs)},
    )
    columns = {
        "subdistrict_id": subdistrict_id,
        "land_id": lands[land.community],
        "community_id": community_ids[land.community],
        "number": pd.Series(land.community).groupby(land.community).cumcount(),
        "dedicated_land_id": bulk.ids_at(dedicated, land.dedicated),
        "water": land.water,
        "geometry": to_degrees(land.cells, town.crs),
    }
    return lands, bulk.copy_rows(session, schema.Cell, columns)


def crs_to_text(crs: CRS) -> str:
    """A CRS as authority and code where it has one, else as WKT.

    Examples
    --------
    >>> crs_to_text(CRS(4547))
    'EPSG:4547'
    """
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else crs.to_wkt()
