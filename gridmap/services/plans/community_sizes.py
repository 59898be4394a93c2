"""Sizes of the communities of a subdistrict against the guideline of the law, as pages of plans show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.catalogues import COMMUNITY_GUIDELINE, find_profile
from gridmap.core.caller import Caller
from gridmap.core.coverage.community_size import community_status, describe_communities, describe_community
from gridmap.core.errors import Message
from gridmap.core.plans.feasibility import CommunityLoad
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridStatus
from gridmap.services.grids import norms
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans.community_households import count_community_households
from gridmap.store.queries.territory import CommunityRow


@dataclass(frozen=True)
class CommunitySize:
    """Households of a community, of the kind of its norm.

    Parameters
    ----------
    households : int or None
        None where nobody counted this kind.
    status : GridStatus or None
        Against the guideline for communities; None where it cannot be judged.
    sentence : Message or None
        On a community outside the guideline.
    """

    households: int | None
    status: GridStatus | None
    sentence: Message | None


def load_guideline() -> Profile:
    """Return the range of households that the law has communities set up in, as a rule."""
    return find_profile(COMMUNITY_GUIDELINE)


def list_community_sizes(
    session: Session, caller: Caller, day: SubdistrictDay, communities: Sequence[CommunityRow]
) -> Mapping[int, CommunitySize]:
    """Return the sizes of communities on a day, by community.

    Parameters
    ----------
    session : Session
    caller : Caller
    day : SubdistrictDay
    communities : sequence of CommunityRow
        Of the subdistrict, all in the caller's scopes.
    """
    of_day = norms.load_norms(session, caller, day)
    kind_of = {each.id: of_day.of(each.id).norm.household_kind for each in communities}
    counted = {kind: count_community_households(session, caller, day, kind) for kind in set(kind_of.values())}
    return {each.id: _community_size(each.name, counted[kind_of[each.id]].get(each.id)) for each in communities}


def summarise_sizes(communities: Sequence[CommunityRow], sizes: Mapping[int, CommunitySize]) -> Message | None:
    """Return a sentence on the communities outside the guideline; None where there is none."""
    loads = [CommunityLoad(each.name, sizes[each.id].households or 0) for each in communities]
    return describe_communities(loads, load_guideline())


def _community_size(name: str, households: int | None) -> CommunitySize:
    guideline, load = load_guideline(), CommunityLoad(name, households or 0)
    return CommunitySize(households, community_status(load.households, guideline), describe_community(load, guideline))
