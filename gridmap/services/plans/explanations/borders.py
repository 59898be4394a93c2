"""Explanation of the borders of one grid of a revision: what they follow, and which rule stops a shorter one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message, NotFound, NotPossible
from gridmap.core.plans.profile import Profile
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.services.files.explain import GridExplainer
from gridmap.services.grids import norms
from gridmap.services.plans.changes import LAND_REBUILT
from gridmap.services.plans.revisions import get_revision
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans import revision_contents
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community
from gridmap.store.queries.plans.norms import NormPlace
from gridmap.store.queries.plans.revision_contents import RevisionGridRow


@dataclass(frozen=True)
class ExplainedBorder:
    """Border with one neighbouring grid.

    Parameters
    ----------
    code : str
        Code of the neighbouring grid.
    follows : Message
        Length of the border, and what it follows.
    exchanges : sequence of Message
        Best change of one or two buildings or courtyards, and the rule that stops it; none beside dedicated grids.
    """

    code: str
    follows: Message
    exchanges: Sequence[Message]


@dataclass(frozen=True)
class ExplainedGrid:
    """A grid of a plan with its borders, and the range and radius that it is held to."""

    code: str
    name: str | None
    profile: Profile
    borders: Sequence[ExplainedBorder]


def explain_borders(session: Session, caller: Caller, revision_id: int, grid_id: int, language: str) -> ExplainedGrid:
    """Explain the borders of a grid of a revision with the households and the norm of today.

    Nothing is searched: only moves of one building or courtyard over a border, and exchanges of two, are tried.

    Parameters
    ----------
    session : Session
    caller : Caller
    revision_id, grid_id : int
    language : str
        Language in which lists within sentences are joined.

    Raises
    ------
    NotFound
        If the caller does not see the revision, or it has no such grid.
    NotPossible
        If the land of the community was rebuilt.
    """
    revision = get_revision(session, caller, revision_id)
    grids = {grid.grid_id: grid for grid in revision_contents.list_revision_grids(session, caller, revision_id)}
    if grid_id not in grids:
        raise NotFound(grid_id)
    today = get_today(session)
    place = NormPlace(revision.row.subdistrict_id, revision.row.community_id)
    norm = norms.load_norm(session, caller, place, today)
    stored = load_community(session, caller, revision.row.community_id, norm.basis(today))
    if stored is None or stored.land_id != revision.row.land_id:
        raise NotPossible(Message(LAND_REBUILT))
    code_by_cell = revision_contents.get_grid_codes_by_cell(session, caller, revision_id)
    present = _present_plan(stored, code_by_cell, {grid.code: grid for grid in grids.values()})
    profile, grid = norm.norm.profile, grids[grid_id]
    explainer = GridExplainer(stored.town, stored.land, present, profile, language)
    return ExplainedGrid(grid.code, grid.name, profile, list_borders(explainer, grid.code))


def _present_plan(
    stored: StoredCommunity, code_by_cell: Mapping[int, str], grids_by_code: Mapping[str, RevisionGridRow]
) -> PresentPlan:
    codes, grid = np.unique([code_by_cell[cell] for cell in stored.cell_ids.tolist()], return_inverse=True)
    kinds = tuple(grids_by_code[code].kind for code in codes.tolist())
    return PresentPlan(grid.ravel().astype(np.int64), codes.tolist(), kinds)


def list_borders(explainer: GridExplainer, code: str) -> Sequence[ExplainedBorder]:
    """Return the borders of a grid with their explanations."""
    explained = explainer.explain(code)
    borders = []
    for border in explained.borders:
        follows, *exchanges = explainer.border_sentences(explained, border)
        borders.append(ExplainedBorder(explainer.present.codes[border.other], follows, exchanges))
    return borders
