"""Exceptions of a saved revision: its grids out of range, each with the reason and what would help."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.explanations.cured_reasons import GridException, split_reason
from gridmap.core.vocabulary import GridKind
from gridmap.store.queries.plans import revision_contents


class RevisionExceptions(NamedTuple):
    """Exceptions of a revision, and the key of each of its grids by code."""

    exceptions: Sequence[GridException]
    grid_ids: Mapping[str, int]


def load_exceptions(session: Session, caller: Caller, revision_id: int) -> RevisionExceptions:
    """Return the household grids of a revision that have a reason, by code.

    The reasons are those of the day of saving. A grid that was changed by hand has that as its reason.

    Parameters
    ----------
    session : Session
    caller : Caller
    revision_id : int
    """
    grids = revision_contents.list_revision_grids(session, caller, revision_id)
    exceptions = [
        split_reason(grid.code, grid.reason) for grid in grids if grid.reason and grid.kind is GridKind.HOUSEHOLD
    ]
    return RevisionExceptions(exceptions, {grid.code: grid.grid_id for grid in grids})
