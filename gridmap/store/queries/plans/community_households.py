"""Households of whole communities: those of all buildings of a day, in grids or not."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store.access import scope_filter
from gridmap.store.queries.grids.day_cache import DayFigure, load_cached
from gridmap.store.queries.grids.grids_in_force import CountBasis, SubdistrictDay
from gridmap.store.queries.plans.community_town import select_latest_counts
from gridmap.store.schema import Building


def count_community_households(
    session: Session, caller: Caller, day: SubdistrictDay, kind: HouseholdKind
) -> Mapping[int, int]:
    """Return the households of a kind in each community in which the caller works, by community.

    A community of which nobody counted this kind is missing.
    """

    def load() -> Mapping[int, int]:
        counts = select_latest_counts(caller, CountBasis(day.date, kind)).subquery()
        rows = (
            select(Building.community_id, func.sum(counts.c.households))
            .join(counts, counts.c.building_id == Building.id)
            .where(Building.subdistrict_id == day.subdistrict_id, Building.valid.contains(day.date))
            .where(scope_filter.in_scope_communities(caller, Building))
            .group_by(Building.community_id)
        )
        return {community_id: int(households) for community_id, households in session.execute(rows)}

    return load_cached(session, caller, DayFigure(("community households", kind), day.subdistrict_id, day.date), load)
