"""Incidents that people of the house report: where, of which kind, and each only once."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.services.grids import code_tables
from gridmap.store.access import row_filter
from gridmap.store.queries import point_location, report_location
from gridmap.store.queries.point_location import PointLocation
from gridmap.store.queries.report_location import ReportLocation
from gridmap.store.schema import Incident
from gridmap.texts import LANGUAGES

MAX_SNAP_M = 30.0
"""Metres: positions of phones between houses are that far off. What is nearer to the own grid is taken to be in it."""
NO_LOCATION = N_("say where it is: choose a building, or a place on the map")
OUTSIDE_SUBDISTRICT = N_("this place is not in your subdistrict")
NO_SUCH_BUILDING = N_("there is no such building in your grid")
NO_SUCH_CATEGORY = N_("there is no such category")
OUTSIDE_GRID = N_("This place is not in your grid, but {metres} m outside. If you mean it, send it once more.")


@dataclass(frozen=True)
class IncidentReport:
    """What somebody reports.

    Parameters
    ----------
    subdistrict_id : int
        Subdistrict.
    category : str
        Key of a line of the catalogue.
    title : str
        What happened, without names.
    building_id : int or None
        Where, or:
    longitude, latitude : float or None
        WGS 84, degrees.
    urgent : bool
    form_token : str
        Drawn with the form: sent again with it, the same report is the same incident.
    outside_confirmed : bool
        Whether a place outside the own grids is meant.
    """

    subdistrict_id: int
    category: str
    title: str
    building_id: int | None
    longitude: float | None
    latitude: float | None
    urgent: bool
    form_token: str
    outside_confirmed: bool = False

    def fingerprint(self) -> str:
        """The same for the same report from the same form: a phone that hears no answer sends it again."""
        place = (self.building_id, self.longitude, self.latitude)
        told = (self.form_token, self.subdistrict_id, self.category, self.title, *place, self.urgent)
        return hashlib.sha256(repr(told).encode()).hexdigest()


class OutsideOwnGrids(InvalidInput):
    """The place is outside the own grids; whoever means it says so."""


def report_incident(session: Session, caller: Caller, report: IncidentReport) -> Incident:
    """Take in an incident reported by a worker, once.

    Returns
    -------
    Incident
        The one that is there now, whether it was stored by this call or an earlier one.

    Raises
    ------
    InvalidInput
        If there is no such category or building, or the place is not in the subdistrict.
    OutsideOwnGrids
        If the place is outside the worker's own grids and `report` does not say that it is meant.
    """
    if known := session.scalar(_same_report_query(session, caller, report)):
        return known
    site, placed = _locate(session, caller, report)
    values = {
        "subdistrict_id": report.subdistrict_id,
        "number": session.scalar(select(func.next_incident_number(report.subdistrict_id))),
        "category": report.category,
        "title": report.title or None,
        "channel": "worker",
        "occurred_at": func.now(),
        "reported_by": caller.account_id,
        "submission": report.fingerprint(),
        "urgent": report.urgent,
        "building_id": placed.building_id,
        "cell_id": placed.cell_id,
        "geometry": site.ewkt,
    }
    once = ["reported_by", "submission"]
    session.execute(insert(Incident).values(values).on_conflict_do_nothing(index_elements=once))
    return session.scalars(_same_report_query(session, caller, report)).one()


def get_own_report(session: Session, caller: Caller, number: str) -> Incident | None:
    """An incident that the account itself reported."""
    own = Incident.reported_by == caller.account_id
    return session.scalar(select(Incident).where(Incident.number == number, own, row_filter.visible(caller, Incident)))


def _same_report_query(session: Session, caller: Caller, report: IncidentReport) -> Select[Incident]:
    """The incident that the report is already."""
    own = Incident.reported_by == caller.account_id, Incident.submission == report.fingerprint()
    return select(Incident).where(*own, row_filter.visible(caller, Incident))


def _locate(session: Session, caller: Caller, report: IncidentReport) -> tuple[ReportLocation, PointLocation]:
    """Where it is, linked: in the building chosen, or at a place on the map."""
    if report.category not in code_tables.list_names("lines", LANGUAGES[0]):
        raise _field_error("category", NO_SUCH_CATEGORY)
    if report.building_id is not None:
        found = report_location.locate_building(session, caller, report.subdistrict_id, report.building_id)
        if found is None:
            raise _field_error("building", NO_SUCH_BUILDING)
        return found
    if report.longitude is None or report.latitude is None:
        raise _field_error("building", NO_LOCATION)
    return _locate_on_map(session, caller, report, report.longitude, report.latitude)


def _locate_on_map(
    session: Session, caller: Caller, report: IncidentReport, longitude: float, latitude: float
) -> tuple[ReportLocation, PointLocation]:
    """A place on the map; one that is hardly outside the own grids is drawn into them."""
    site = report_location.locate_report(session, caller, report.subdistrict_id, longitude, latitude)
    if not site.in_subdistrict:
        raise _field_error("building", OUTSIDE_SUBDISTRICT)
    if 0 < site.distance_m <= MAX_SNAP_M and site.nearest_cell_id is not None:
        return site, PointLocation(None, site.nearest_cell_id)
    if site.distance_m > MAX_SNAP_M and not report.outside_confirmed:
        raise OutsideOwnGrids(
            [InputFault(Message(OUTSIDE_GRID, {"metres": round(site.distance_m)}), column="building")]
        )
    return site, point_location.locate_point(session, caller, report.subdistrict_id, longitude, latitude)


def _field_error(field: str, problem: str) -> InvalidInput:
    return InvalidInput([InputFault(Message(problem), column=field)])
