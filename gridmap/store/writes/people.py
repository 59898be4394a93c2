"""Dwellings, households, residents and the roster, written in bulk."""

from collections.abc import Mapping

import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.vocabulary import HouseholdKind
from gridmap.demo.residents import DemoResidents
from gridmap.demo.workers import DemoWorkers
from gridmap.store import schema
from gridmap.store.writes import bulk


def insert_dwellings(
    session: Session, homes: DemoResidents, building_ids: IntArray, shared_columns: Mapping[str, object]
) -> IntArray:
    """Insert units, dwellings and households.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    homes : DemoResidents
    building_ids : ndarray of int
        Keys of the buildings, in the order of the town.
    shared_columns : mapping
        ``subdistrict_id``, ``source`` and ``valid`` of all rows.

    Returns
    -------
    ndarray of int
        Keys of the households.
    """
    subdistrict = {"subdistrict_id": shared_columns["subdistrict_id"]}
    units, dwellings, households = homes.units, homes.dwellings, homes.households
    unit_columns = {"building_id": building_ids[units["building"]], "name": units["name"]}
    unit_ids = bulk.copy_rows(session, schema.Unit, {**subdistrict, **unit_columns})
    dwelling_columns = {
        "building_id": building_ids[dwellings["building"]],
        "unit_id": unit_ids[dwellings["unit"]],
        "number": dwellings["number"],
        "floor": dwellings["floor"],
    }
    dwelling_ids = bulk.copy_rows(session, schema.Dwelling, {**subdistrict, **dwelling_columns})
    household_columns = {
        "building_id": building_ids[households["building"]],
        "dwelling_id": dwelling_ids[households["dwelling"]],
        "kind": str(HouseholdKind.RESIDENT),
    }
    return bulk.copy_rows(session, schema.Household, {**shared_columns, **household_columns})


def insert_residents(
    session: Session, residents: pd.DataFrame, household_ids: IntArray, shared_columns: Mapping[str, object]
) -> IntArray:
    """Insert residents.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    residents : DataFrame
        ``household`` (position), ``name``, ``birth_year``, and the columns of encrypted numbers.
    household_ids : ndarray of int
        Keys of the households.
    shared_columns : mapping
        ``subdistrict_id``, ``source`` and ``valid`` of all rows.

    Returns
    -------
    ndarray of int
        Keys of the residents.
    """
    columns = {str(name): residents[name] for name in residents if name != "household"}
    household_id = household_ids[residents["household"]]
    return bulk.copy_rows(session, schema.Resident, {**shared_columns, **columns, "household_id": household_id})


def insert_roster(
    session: Session,
    roster: DemoWorkers,
    community_ids: IntArray,
    grid_ids: IntArray,
    shared_columns: Mapping[str, object],
) -> IntArray:
    """Insert workers and their duties.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    roster : DemoWorkers
    community_ids, grid_ids : ndarray of int
        Keys of the communities and grids, in the order of the town.
    shared_columns : mapping
        ``subdistrict_id`` and ``valid`` of all rows.

    Returns
    -------
    ndarray of int
        Keys of the workers.
    """
    workers, duties = roster.workers, roster.duties
    worker_columns = {str(name): workers[name] for name in workers if name != "community"}
    community_id = community_ids[workers["community"]]
    worker_ids = bulk.copy_rows(
        session, schema.Worker, {**shared_columns, **worker_columns, "community_id": community_id}
    )
    duty_columns = {
        "worker_id": worker_ids[duties["worker"]],
        "grid_id": bulk.ids_at(grid_ids, duties["grid"].to_numpy()),
        "kind": duties["kind"],
        "line_of_work": duties["line_of_work"],
        "in_charge": duties["in_charge"],
        "role": duties["role"],
    }
    bulk.copy_rows(session, schema.Duty, {**shared_columns, **duty_columns})
    return worker_ids
