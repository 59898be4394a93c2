"""Persons of a building as an office counted them, entered by hand; no person is recorded."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.vocabulary import PopulationKind
from gridmap.services.land.buildings import get_building, require_day_of_building
from gridmap.store.queries.land import buildings as building_queries
from gridmap.store.queries.land.buildings import PopulationCountRow
from gridmap.store.writes.land import buildings as building_writes
from gridmap.store.writes.land.buildings import NewPopulationCount

__all__ = ["NewPopulationCount", "PopulationCountRow", "list_counts", "record_count"]

MORE_THAN_ALL = N_("{part} persons of 60 and older are more than the {residents} persons of the building.")


def list_counts(session: Session, caller: Caller, building_id: int) -> Sequence[PopulationCountRow]:
    """Return the counts of the persons of a building, the newest first."""
    return building_queries.list_population_counts(session, caller, building_id)


def record_count(session: Session, caller: Caller, building_id: int, count: NewPopulationCount) -> None:
    """Add a count of the persons of a building; one of the same day is corrected.

    Parameters
    ----------
    session : Session
        Of a planner or a station of the community, or of the owner.
    caller : Caller
    building_id : int
    count : NewPopulationCount

    Raises
    ------
    NotFound
        If the caller does not work in the community of the building.
    InvalidInput
        If the day is not possible, or more persons are of 60 and older than there are: also by the count of the same
        day that is corrected.
    """
    building = get_building(session, caller, building_id)
    require_day_of_building(session, building, count.as_of)
    part = count.residents_60
    if part is None:
        same_day = [each for each in list_counts(session, caller, building_id) if each.as_of == count.as_of]
        part = next((each.persons for each in same_day if each.kind is PopulationKind.RESIDENTS_60), 0)
    if part > count.residents:
        problem = Message(MORE_THAN_ALL, {"part": part, "residents": count.residents})
        raise InvalidInput([InputFault(problem, column="residents_60", value=str(part))])
    building_writes.save_population_count(session, building.subdistrict_id, building_id, count)
