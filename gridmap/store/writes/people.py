"""People written in bulk: homes, residents, the roster."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.vocabulary import HouseholdKind
from gridmap.demo.residents import DemoResidents
from gridmap.demo.workers import DemoWorkers
from gridmap.store import schema
from gridmap.store.writes import bulk


def insert_dwellings(
    session: Session, homes: DemoResidents, building_ids: IntArray, shared_columns: Mapping[str, Any]
) -> IntArray:
    """Write stairs, dwellings and households.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    homes : DemoResidents
    building_ids : ndarray of int
        Numbers of the rows of the buildings.
    shared_columns : mapping
        ``subdistrict_id``, ``source`` and ``valid`` of all rows.

    Returns
    -------
    ndarray of int
        Numbers of the households.
    """
    home = {"subdistrict_id": shared_columns["subdistrict_id"]}
    units, dwellings, households = homes.units, homes.dwellings, homes.households
    stairs = bulk.copy_rows(
        session, schema.Unit, {**home, "building_id": building_ids[units["building"]], "name": units["name"]}
    )
    columns = {"building_id": building_ids[dwellings["building"]], "unit_id": stairs[dwellings["unit"]]}
    doors = bulk.copy_rows(
        session, schema.Dwelling, {**home, **columns, "number": dwellings["number"], "floor": dwellings["floor"]}
    )
    columns = {"building_id": building_ids[households["building"]], "dwelling_id": doors[households["dwelling"]]}
    return bulk.copy_rows(session, schema.Household, {**shared_columns, **columns, "kind": str(HouseholdKind.RESIDENT)})


def insert_residents(
    session: Session, residents: pd.DataFrame, household_ids: IntArray, shared_columns: Mapping[str, Any]
) -> IntArray:
    """Write residents: ``household`` (position), ``name``, ``birth_year``, and the columns of sealed numbers."""
    own = {str(name): residents[name] for name in residents if name != "household"}
    return bulk.copy_rows(
        session, schema.Resident, {**shared_columns, **own, "household_id": household_ids[residents["household"]]}
    )


def insert_roster(
    session: Session,
    roster: DemoWorkers,
    community_ids: IntArray,
    grid_ids: IntArray,
    shared_columns: Mapping[str, Any],
) -> IntArray:
    """Write workers and their duties.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    roster : DemoWorkers
    community_ids, grid_ids : ndarray of int
        Numbers of the rows that it counts.
    shared_columns : mapping
        ``subdistrict_id`` and ``valid`` of all rows.

    Returns
    -------
    ndarray of int
        Numbers of the workers.
    """
    people, duties = roster.workers, roster.duties
    own = {str(name): people[name] for name in people if name != "community"}
    workers = bulk.copy_rows(
        session, schema.Worker, {**shared_columns, **own, "community_id": community_ids[people["community"]]}
    )
    rest = {str(name): duties[name] for name in ("line", "subject", "in_charge")}
    columns = {
        "worker_id": workers[duties["worker"]],
        "grid_id": bulk.ids_at(grid_ids, duties["grid"].to_numpy()),
        **rest,
    }
    bulk.copy_rows(session, schema.Duty, {**shared_columns, **columns})
    return workers
