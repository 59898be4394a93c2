"""Changing a plan: every change is the next revision, and the one it came from stays as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, BadInput, Fault, Message, Unable
from gridmap.core.measures import Grids, figures, outlines
from gridmap.core.names import GridKind, Status
from gridmap.core.partition.profile import Profile
from gridmap.core.plan import Plan
from gridmap.core.rules import Breach, breaches
from gridmap.services.plans import UNSEEN
from gridmap.store import access, schema
from gridmap.store.kept import KeptTown, town_of
from gridmap.store.plans import Division, put_revision
from gridmap.store.words import from_json

REMADE = N_("The land was made anew since this plan: divide the community again.")
ELSEWHERE = N_("{count} cells are not of this plan's land")
BROKEN = N_("{rule}: {place} ({number})")
BY_HAND = N_("as it was changed by hand")


@dataclass(frozen=True, eq=False)
class Before:
    """A revision as it was saved: the code of the grid of each cell, and each grid by its code."""

    revision: schema.Revision
    plan: schema.Plan
    code_of: Mapping[int, str]
    grids: Mapping[str, schema.RevisionGrid]


def save_revision(
    session: Session, parent: int, changes: Mapping[int, str], *, day: date, note: str | None = None
) -> schema.Revision:
    """Save a changed plan as the next revision.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict, or of the owner.
    parent : int
        Revision that was changed; it stays as it is.
    changes : mapping of int to str
        Code of the grid that each cell goes to; the other cells stay where they were. A code that the plan does not
        have begins a grid, one that keeps no cell ends.
    day : date
        Households and buildings are counted as of it.
    note : str, optional
        What was changed and why.

    Returns
    -------
    Revision
        With grids that are the union of their cells, and figures computed anew.

    Raises
    ------
    BadInput
        If a cell is not of the plan's land, or the changed plan breaks a rule of the land: each fault says which.
    Unable
        If the revision cannot be seen, or its community has other land by now.
    """
    before = _before(session, parent)
    kept = town_of(session, before.revision.community_id, day)
    if kept is None or kept.number != before.revision.land_id:
        raise Unable(Message(REMADE))
    if foreign := set(changes) - set(kept.cells.tolist()):
        raise BadInput([Fault(Message(ELSEWHERE, {"count": len(foreign)}))])
    codes, of_cell = np.unique(
        [changes.get(cell, before.code_of[cell]) for cell in kept.cells.tolist()], return_inverse=True
    )
    grids = _measured(kept, before, codes.tolist(), of_cell.ravel().astype(np.int64))
    profile = Profile(before.revision.minimum, before.revision.maximum)
    division = Division(
        land=kept.number,
        cells=kept.cells,
        of_cell=of_cell.ravel(),
        grids=grids,
        profile=profile,
        reasons=[from_json(reason) for reason in before.revision.reasons],
    )
    return put_revision(session, before.plan, division, parent=parent, note=note)


def _before(session: Session, number: int) -> Before:
    revision = session.scalar(
        select(schema.Revision).where(schema.Revision.id == number, access.only(session, schema.Revision))
    )
    if revision is None:
        raise Unable(Message(UNSEEN))
    cells = (
        select(schema.Assignment.cell_id, schema.Grid.code)
        .join(schema.Grid, schema.Grid.id == schema.Assignment.grid_id)
        .where(schema.Assignment.revision_id == number, access.only(session, schema.Assignment))
    )
    grids = (
        select(schema.Grid.code, schema.RevisionGrid)
        .join(schema.Grid, schema.Grid.id == schema.RevisionGrid.grid_id)
        .where(schema.RevisionGrid.revision_id == number, access.only(session, schema.RevisionGrid))
    )
    code_of = {row.cell_id: row.code for row in session.execute(cells)}
    plan = session.get_one(schema.Plan, revision.plan_id)
    return Before(revision, plan, code_of, {row.code: row.RevisionGrid for row in session.execute(grids)})


def _measured(kept: KeptTown, before: Before, codes: list[str], of_cell: np.ndarray) -> gpd.GeoDataFrame:
    """The grids of the changed plan with their figures; refused where they break a rule of the land."""
    count = len(codes)
    kinds = tuple(_kind(kept, before, code, of_cell == grid) for grid, code in enumerate(codes))
    plan = Plan(of_cell, np.zeros(count, dtype=np.int64), kinds, (None,) * count)
    shapes = outlines(plan, kept.land)
    if broken := breaches(kept.town, kept.land, plan, shapes):
        raise BadInput([Fault(_sentence(breach, codes)) for breach in broken])
    profile = Profile(before.revision.minimum, before.revision.maximum)
    subject = Grids(kept.town, plan, of_cell[kept.land.building_cell], shapes)
    table = figures(subject, np.array(codes, dtype=object), profile)
    told = [_reason(before.grids.get(code), row) for code, row in zip(codes, table.to_dict("records"), strict=True)]
    names = [before.grids[code].name if code in before.grids else None for code in codes]
    return table.assign(reason=pd.Series(told, dtype=object), name=pd.Series(names, dtype=object))


def _kind(kept: KeptTown, before: Before, code: str, mine: np.ndarray) -> GridKind:
    """The kind a grid had; a new one is dedicated where all of its land is."""
    if code in before.grids:
        return GridKind(before.grids[code].kind)
    return GridKind.DEDICATED if (kept.land.dedicated[mine] >= 0).all() else GridKind.HOUSEHOLD


def _reason(before: schema.RevisionGrid | None, row: Mapping[object, object]) -> Message | None:
    """Why a grid is out of range: as it was told where nothing changed its size, else that somebody wanted it so."""
    if before is not None and before.households == row["households"]:
        return from_json(before.reason) if before.reason else None
    in_range = row["status"] == Status.IN_RANGE or row["kind"] == GridKind.DEDICATED
    return None if in_range else Message(BY_HAND)


def _sentence(breach: Breach, codes: list[str]) -> Message:
    """A broken rule with the code of the grid, not its position."""
    kind, _, position = breach.place.partition(" ")
    place = codes[int(position)] if kind == "grid" else breach.place
    return Message(BROKEN, {"rule": breach.rule, "place": place, "number": f"{breach.number:g}"})
