"""A town written into the database: territory, places, land."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from sqlalchemy.orm import Session

from gridmap.core.arrays import Ints, Shapes
from gridmap.core.land import Land
from gridmap.core.names import HouseholdKind
from gridmap.core.town import Town
from gridmap.store import bulk, schema
from gridmap.store.metres import to_degrees


@dataclass(frozen=True)
class Identity:
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
    subdistrict : int
    communities, lands : ndarray of int, one per community
    buildings : ndarray of int, one per building
    cells : ndarray of int, one per cell
    """

    subdistrict: int
    communities: Ints
    lands: Ints
    buildings: Ints
    cells: Ints


def put_town(session: Session, town: Town, land: Land, identity: Identity) -> StoredTown:
    """Write a town with its land, within the session's transaction.

    Boundaries are those of the land: slivers that were cleaned away on the way to the cells stay away, and neighbours
    share every vertex with the cells along their border.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    town, land : Town, Land
    identity : Identity

    Returns
    -------
    StoredTown
    """
    home, communities = _territory(session, town, land, identity)
    buildings = _places(session, town, identity, home, communities)
    _surroundings(session, town, home)
    lands, cells = _land(session, town, land, home, communities)
    rows = {"land_id": lands[land.community[land.building_cell]], "building_id": buildings}
    bulk.add(session, schema.BuildingCell, {**rows, "cell_id": cells[land.building_cell], "subdistrict_id": home})
    return StoredTown(home, communities, lands, buildings, cells)


def since(day: date) -> str:
    """The period from a day on, as PostgreSQL writes it."""
    return f"[{day.isoformat()},)"


def _territory(session: Session, town: Town, land: Land, identity: Identity) -> tuple[int, Ints]:
    boundaries = _united(land.cells, land.community, len(town.communities))
    outline = [shapely.coverage_union_all(boundaries)] if town.subdistrict is None else [town.subdistrict]
    columns = {
        "code": [identity.code],
        "name": identity.name,
        "source": identity.source,
        "supervision_phone": identity.supervision_phone,
        "geometry": to_degrees(np.array(outline, dtype=object), town.crs, multi=True),
    }
    home = int(bulk.add(session, schema.Subdistrict, columns)[0])
    named = {"subdistrict_id": home, "code": town.communities["code"], "name": town.communities["name"]}
    shapes = to_degrees(boundaries, town.crs, multi=True)
    return home, bulk.add(session, schema.Community, {**named, "geometry": shapes})


def _united(cells: Shapes, group: Ints, count: int) -> Shapes:
    found = np.empty(count, dtype=object)
    found[:] = [shapely.coverage_union_all(cells[group == each]) for each in range(count)]
    return found


def _places(session: Session, town: Town, identity: Identity, home: int, communities: Ints) -> Ints:
    of = communities[town.buildings["community"]]
    estates = _named(session, schema.Estate, home, of, town.buildings["estate"])
    parents = {"estate_id": _by_courtyard(town, estates)}
    courtyards = _named(session, schema.Courtyard, home, of, town.buildings["courtyard"], parents)
    columns = {
        "subdistrict_id": home,
        "community_id": of,
        "estate_id": estates,
        "courtyard_id": courtyards,
        "code": town.buildings["building_id"],
        **{column: town.buildings[column] for column in ("name", "address", "use")},
        "levels": town.buildings["levels"].where(town.buildings["levels"] > 0),
        "geometry": to_degrees(town.buildings.geometry.to_numpy(), town.crs),
        "valid": since(identity.as_of),
    }
    buildings = bulk.add(session, schema.Building, columns)
    told = town.buildings.rename(columns={"households_low": "low", "households_high": "high"})
    counted = told[["households", "low", "high"]].assign(estimated=told["households_estimated"])
    count_households(session, home, identity, buildings, HouseholdKind.RESIDENT, counted)
    return buildings


def count_households(
    session: Session, home: int, identity: Identity, buildings: Ints, kind: HouseholdKind, counted: pd.DataFrame
) -> None:
    """Write how many households of a kind buildings have.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    home : int
        Subdistrict.
    identity : Identity
        Where the counts come from, and when.
    buildings : ndarray of int
        Numbers of the buildings.
    kind : HouseholdKind
    counted : DataFrame, one row per building
        ``households``, ``low``, ``high``, ``estimated``.
    """
    columns = {
        "subdistrict_id": home,
        "building_id": buildings,
        "kind": str(kind),
        **{str(name): counted[name] for name in counted},
        "source": identity.source,
        "as_of": identity.as_of,
    }
    bulk.add(session, schema.HouseholdCount, columns)


def _named(
    session: Session,
    table: type[schema.Estate | schema.Courtyard],
    home: int,
    community: Ints,
    names: pd.Series,
    parents: Mapping[str, Sequence[int | None]] | None = None,
) -> list[int | None]:
    """Rows for the names that buildings share within a community; the number of each building's row."""
    columns = {"community_id": community, "name": names.to_numpy(), **(parents or {})}
    keys = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    known = keys[keys["name"].notna()]
    if known.empty:
        return [None] * len(names)
    rows = known.drop_duplicates(["community_id", "name"])
    ids = bulk.add(session, table, {"subdistrict_id": home, **{str(name): list(rows[name]) for name in rows}})
    number = dict(zip(zip(rows["community_id"], rows["name"], strict=True), ids.tolist(), strict=True))
    return [number.get(key) for key in zip(community.tolist(), names, strict=True)]


def _by_courtyard(town: Town, estates: list[int | None]) -> list[int | None]:
    """Estate of each building if its whole courtyard is in it."""
    of = pd.Series(estates, dtype=object)
    keys = [town.buildings["community"].to_numpy(), town.buildings["courtyard"].to_numpy()]
    several = of.groupby(keys, dropna=False).transform(lambda each: each.nunique(dropna=False)) > 1
    return list(of.where(~several.to_numpy(), None))


def _surroundings(session: Session, town: Town, home: int) -> None:
    for table, layer in ((schema.Street, town.streets), (schema.Barrier, town.barriers)):
        columns = {str(name): layer[name] for name in ("name", "kind") if hasattr(table, str(name))}
        shapes = to_degrees(layer.geometry.to_numpy(), town.crs)
        bulk.add(session, table, {"subdistrict_id": home, **columns, "geometry": shapes})


def _land(session: Session, town: Town, land: Land, home: int, communities: Ints) -> tuple[Ints, Ints]:
    named = {"subdistrict_id": home, "name": town.dedicated["name"]}
    dedicated = bulk.add(
        session, schema.DedicatedLand, {**named, "geometry": to_degrees(town.dedicated.geometry.to_numpy(), town.crs)}
    )
    lands = bulk.add(
        session, schema.Land, {"subdistrict_id": home, "community_id": communities, "crs": written_crs(town.crs)}
    )
    columns = {
        "subdistrict_id": home,
        "land_id": lands[land.community],
        "community_id": communities[land.community],
        "number": pd.Series(land.community).groupby(land.community).cumcount(),
        "dedicated_id": bulk.linked(dedicated, land.dedicated),
        "water": land.water,
        "geometry": to_degrees(land.cells, town.crs),
    }
    return lands, bulk.add(session, schema.Cell, columns)


def written_crs(crs: CRS) -> str:
    """A CRS as authority and code where it has one, else as WKT.

    Examples
    --------
    >>> written_crs(CRS(4547))
    'EPSG:4547'
    """
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else crs.to_wkt()
