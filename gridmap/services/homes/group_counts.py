"""Members of service groups in a building as a station counted them, entered by hand; no person is recorded."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.services.homes.sources import require_station
from gridmap.services.land.buildings import get_building, require_day_of_building
from gridmap.store.queries.people import service_groups as group_queries
from gridmap.store.queries.people.service_groups import BuildingGroupCountRow, StoredGroup
from gridmap.store.writes.land import buildings as building_writes
from gridmap.store.writes.land.buildings import NewGroupCount

__all__ = ["BuildingGroupCountRow", "NewGroupCount", "list_counts", "list_groups_in_use", "record_count"]

GROUP_OFF = N_("This service group is off: the administrator enters its purpose and legal basis first.")


def list_counts(session: Session, caller: Caller, building_id: int) -> Sequence[BuildingGroupCountRow]:
    """Return the counts of members of groups in use in a building, the newest first; for stations."""
    return group_queries.list_building_counts(session, caller, building_id)


def list_groups_in_use(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[StoredGroup]:
    """Return the service groups of a subdistrict whose members may be counted."""
    return [each for each in group_queries.list_groups(session, caller, subdistrict_id) if each.group.in_use]


def record_count(session: Session, caller: Caller, building_id: int, count: NewGroupCount) -> None:
    """Add a count of the members of a service group in a building; one of the same day is corrected.

    Parameters
    ----------
    session : Session
        Of a station of the community.
    caller : Caller
    building_id : int
    count : NewGroupCount

    Raises
    ------
    NotFound
        If the caller is no station of the community of the building.
    InvalidInput
        If the day is not possible, or the group is off.
    """
    require_station(caller, building_id)
    building = get_building(session, caller, building_id)
    require_day_of_building(session, building, count.as_of)
    groups = list_groups_in_use(session, caller, building.subdistrict_id)
    if count.service_group_id not in {each.id for each in groups}:
        raise InvalidInput([InputFault(Message(GROUP_OFF), column="service_group_id")])
    building_writes.save_group_count(session, building.subdistrict_id, building_id, count)
