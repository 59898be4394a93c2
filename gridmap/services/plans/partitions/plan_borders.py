"""Explanation of the borders of one grid of a plan that was found and is not saved yet."""

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message, NotFound, NotPossible
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.services.files.explain import GridExplainer
from gridmap.services.grids import norms
from gridmap.services.plans import plan_files
from gridmap.services.plans.changes import LAND_REBUILT
from gridmap.services.plans.explanations.borders import ExplainedGrid, list_borders
from gridmap.services.plans.partitions.repartition_plans import FILE_GONE, FoundPlans, has_file, read_file
from gridmap.services.plans.revisions import norm_place
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans.community_town import load_community


def explain_plan_borders(
    session: Session, caller: Caller, found: FoundPlans, number: int, code: str, language: str
) -> ExplainedGrid:
    """Explain the borders of a grid of a plan, by the range and radius of its request.

    Parameters
    ----------
    session : Session
    caller : Caller
    found : FoundPlans
        Plans of a job of the account.
    number : int
        Of the plan.
    code : str
        Of the grid.
    language : str
        Language in which lists within sentences are joined.

    Raises
    ------
    NotFound
        If there is no such plan, or it has no such grid.
    NotPossible
        If the plan was saved or has had its time, nothing changes in it, or the land of the community was rebuilt.
    """
    plan = found.get_plan(number)
    if not has_file(session, caller, plan):
        raise NotPossible(Message(FILE_GONE))
    content, today = read_file(session, caller, plan), get_today(session)
    codes = plan_files.read_codes(content)
    if code not in codes:
        raise NotFound(code)
    norm = norms.load_norm(session, caller, norm_place(found.community), today)
    stored = load_community(session, caller, found.community.id, norm.basis(today))
    if stored is None:
        raise NotPossible(Message(LAND_REBUILT))
    read = plan_files.read_plan(content, stored)
    present = PresentPlan(read.grid_of_cell.astype(np.int64), codes, read.kind)
    profile = found.request.profile
    explainer = GridExplainer(stored.town, stored.land, present, profile, language)
    return ExplainedGrid(code, None, profile, list_borders(explainer, code))
