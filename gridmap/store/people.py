"""People written in bulk: homes, residents, the roster."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.arrays import Ints
from gridmap.core.demo.homes import Homes
from gridmap.core.demo.roster import Roster
from gridmap.core.names import HouseholdKind
from gridmap.store import bulk, schema


def put_homes(session: Session, homes: Homes, buildings: Ints, shared: Mapping[str, Any]) -> Ints:
    """Write stairs, dwellings and households.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    homes : Homes
    buildings : ndarray of int
        Numbers of the rows of the buildings.
    shared : mapping
        ``subdistrict_id``, ``source`` and ``valid`` of all rows.

    Returns
    -------
    ndarray of int
        Numbers of the households.
    """
    home = {"subdistrict_id": shared["subdistrict_id"]}
    units, dwellings, households = homes.units, homes.dwellings, homes.households
    stairs = bulk.add(
        session, schema.Unit, {**home, "building_id": buildings[units["building"]], "name": units["name"]}
    )
    columns = {"building_id": buildings[dwellings["building"]], "unit_id": stairs[dwellings["unit"]]}
    doors = bulk.add(
        session, schema.Dwelling, {**home, **columns, "number": dwellings["number"], "floor": dwellings["floor"]}
    )
    columns = {"building_id": buildings[households["building"]], "dwelling_id": doors[households["dwelling"]]}
    return bulk.add(session, schema.Household, {**shared, **columns, "kind": str(HouseholdKind.RESIDENT)})


def put_residents(session: Session, residents: pd.DataFrame, households: Ints, shared: Mapping[str, Any]) -> Ints:
    """Write residents: ``household`` (position), ``name``, ``birth_year``, and the columns of sealed numbers."""
    own = {str(name): residents[name] for name in residents if name != "household"}
    return bulk.add(session, schema.Resident, {**shared, **own, "household_id": households[residents["household"]]})


def put_roster(session: Session, roster: Roster, communities: Ints, grids: Ints, shared: Mapping[str, Any]) -> Ints:
    """Write workers and their duties.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    roster : Roster
    communities, grids : ndarray of int
        Numbers of the rows that it counts.
    shared : mapping
        ``subdistrict_id`` and ``valid`` of all rows.

    Returns
    -------
    ndarray of int
        Numbers of the workers.
    """
    people, duties = roster.workers, roster.duties
    own = {str(name): people[name] for name in people if name != "community"}
    workers = bulk.add(session, schema.Worker, {**shared, **own, "community_id": communities[people["community"]]})
    rest = {str(name): duties[name] for name in ("line", "subject", "in_charge")}
    columns = {"worker_id": workers[duties["worker"]], "grid_id": bulk.linked(grids, duties["grid"].to_numpy()), **rest}
    bulk.add(session, schema.Duty, {**shared, **columns})
    return workers
