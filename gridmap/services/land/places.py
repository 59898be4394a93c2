"""Communities and buildings by the codes that a command names."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.store.queries import scopes as scope_queries
from gridmap.store.queries.land import buildings as building_queries

NO_PLACE = N_("no place has this code")
NO_BUILDING = N_("no building of the community has this code")


@dataclass(frozen=True)
class CommunityCodes:
    """A community by its codes."""

    subdistrict: str
    community: str


def get_community_id(session: Session, caller: Caller, codes: CommunityCodes) -> int:
    """Return the key of a community.

    Raises
    ------
    InvalidInput
        If the caller sees no community with these codes.
    """
    found = scope_queries.find_scope_ids(session, caller, codes.subdistrict, codes.community)
    if found.subdistrict_id is None:
        raise InvalidInput([InputFault(Message(NO_PLACE), column="subdistrict", value=codes.subdistrict)])
    if found.community_id is None:
        raise InvalidInput([InputFault(Message(NO_PLACE), column="community", value=codes.community)])
    return found.community_id


def get_building_id(session: Session, caller: Caller, codes: CommunityCodes, code: str) -> int:
    """Return the key of a building of a community: of several with the code, the one that stood last.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    key = building_queries.find_by_code(session, caller, get_community_id(session, caller, codes), code)
    if key is None:
        raise InvalidInput([InputFault(Message(NO_BUILDING), column="building", value=code)])
    return key
