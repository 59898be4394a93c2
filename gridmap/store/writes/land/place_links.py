"""Links of places to land that was built anew: the row has the new cell, and a former cell the days before."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.array_types import GeometryArray
from gridmap.store.queries.plans.community_town import parse_geometries
from gridmap.store.schema import Cell, Facility, Incident, Organisation, Shop

PlaceTable = type[Incident] | type[Facility] | type[Organisation] | type[Shop]
PLACE_TABLES: Mapping[str, PlaceTable] = {
    "incident": Incident,
    "facility": Facility,
    "organisation": Organisation,
    "shop": Shop,
}
LinkPoints = Callable[[GeometryArray], Sequence[int | None]]
"""Function from points (WGS 84) to the keys of their new cells."""
INSERT_FORMER = """
    INSERT INTO {table}_former_cell ({table}_id, valid, cell_id, {near}subdistrict_id)
    SELECT p.id, daterange(l.until, :on), p.cell_id, {near_of_place}p.subdistrict_id
    FROM {table} p
        CROSS JOIN LATERAL (SELECT max(upper(f.valid)) AS until FROM {table}_former_cell f
            WHERE f.{table}_id = p.id) l
    WHERE p.id = ANY (CAST(:ids AS bigint[])) AND (l.until IS NULL OR l.until < :on)
"""
UPDATE_CELLS = """
    UPDATE {table} p SET cell_id = n.cell_id
    FROM unnest(CAST(:ids AS bigint[]), CAST(:cells AS bigint[])) n (id, cell_id) WHERE p.id = n.id
"""
FIND_NEIGHBOURS = text("""
    SELECT i.id FROM incident i
    WHERE i.subdistrict_id = :subdistrict_id AND i.near_cell_ids && CAST(:cells AS bigint[])
        AND i.geometry && (SELECT ST_Expand(ST_Extent(c.geometry)::geometry, 0.001) FROM cell c
            WHERE c.id = ANY (CAST(:cells AS bigint[])))
""")
FIND_NEAR_NEW = text("""
    SELECT i.id FROM incident i JOIN cell c ON c.id = ANY (CAST(:new_cells AS bigint[]))
        AND c.geometry && ST_Expand(i.geometry, 0.0001) AND ST_DWithin(c.geometry::geography, i.geometry::geography, 5)
    WHERE i.subdistrict_id = :subdistrict_id AND i.cell_id <> ALL (CAST(:new_cells AS bigint[]))
        AND NOT i.near_cell_ids && CAST(:new_cells AS bigint[])
        AND i.geometry && (SELECT ST_Expand(ST_Extent(n.geometry)::geometry, 0.001) FROM cell n
            WHERE n.id = ANY (CAST(:new_cells AS bigint[])))
""")
LINK_NEAR = text("UPDATE incident SET near_cell_ids = near_cell_ids WHERE id = ANY (CAST(:ids AS bigint[]))")


def relink_places(
    session: Session, subdistrict_id: int, former_land_ids: Sequence[int], on: date, link: LinkPoints
) -> Mapping[str, int]:
    """Link the places of some lands, and those without a cell, to the cells of the lands that follow.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    subdistrict_id : int
    former_land_ids : sequence of int
        Lands that the new ones follow.
    on : date
        Day from which the new lands hold; former cells hold until the day before.
    link : callable
        Returns None for a point on none of the new cells.

    Returns
    -------
    mapping of str to int
        Number of places with another cell, by table.
    """
    former = session.scalars(select(Cell.id).where(Cell.land_id.in_(former_land_ids))).all()
    counts = {name: _relink_table(session, subdistrict_id, name, set(former), on, link) for name in PLACE_TABLES}
    neighbours = session.scalars(FIND_NEIGHBOURS, {"subdistrict_id": subdistrict_id, "cells": list(former)}).all()
    if neighbours:  # incidents of other communities within 5 m of a cell that is no more
        _save_former(session, "incident", neighbours, on)
        session.execute(LINK_NEAR, {"ids": list(neighbours)})
    return counts


def link_to_new_neighbours(session: Session, subdistrict_id: int, new_cell_ids: Sequence[int], on: date) -> None:
    """Let incidents of other communities know the new cells within 5 m that no former cell was near."""
    values = {"subdistrict_id": subdistrict_id, "new_cells": list(new_cell_ids)}
    found = sorted(set(session.scalars(FIND_NEAR_NEW, values)))
    if found:
        _save_former(session, "incident", found, on)
        session.execute(LINK_NEAR, {"ids": found})


def _relink_table(
    session: Session, subdistrict_id: int, name: str, former: set[int], on: date, link: LinkPoints
) -> int:
    table = PLACE_TABLES[name]
    rows = select(table.id, table.cell_id, table.geometry).where(table.subdistrict_id == subdistrict_id)
    on_former = table.cell_id.in_(former) | table.cell_id.is_(None)
    places = session.execute(rows.where(on_former).order_by(table.id)).all()
    if not places:
        return 0
    cells = link(np.asarray(parse_geometries([row.geometry for row in places])))
    changed = [(row.id, cell) for row, cell in zip(places, cells, strict=True) if row.cell_id != cell]
    if changed:
        ids, new_cells = map(list, zip(*changed, strict=True))
        _save_former(session, name, ids, on)
        session.execute(text(UPDATE_CELLS.format(table=name)), {"ids": ids, "cells": new_cells})
    return len(changed)


def _save_former(session: Session, name: str, ids: Sequence[int], on: date) -> None:
    near = {"near": "near_cell_ids, ", "near_of_place": "p.near_cell_ids, "}
    columns = near if name == "incident" else dict.fromkeys(near, "")
    session.execute(text(INSERT_FORMER.format(table=name, **columns)), {"ids": list(ids), "on": on})
