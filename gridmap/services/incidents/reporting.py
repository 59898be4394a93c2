"""Reports of incidents by workers; a report that is sent twice is stored once."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

import shapely
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.incidents.times import is_long_ago, is_to_come
from gridmap.core.land.zones import MAX_OUTSIDE_M
from gridmap.services.incidents import categories
from gridmap.store.day_bounds import get_local_time
from gridmap.store.queries import point_location, report_location
from gridmap.store.queries.incidents import own_reports as incident_queries
from gridmap.store.queries.incidents.own_reports import IncidentRow
from gridmap.store.queries.point_location import PointLocation
from gridmap.store.queries.report_location import ReportLocation
from gridmap.store.writes import incidents as incident_writes
from gridmap.store.writes.incidents import NewIncident
from gridmap.texts import LANGUAGES

MAX_SNAP_M = 30.0
"""Metres: accuracy of a phone's position between houses. A point that is nearer to the own grids is moved into them."""
NO_LOCATION = N_("choose a building or a place on the map")
OUTSIDE_SUBDISTRICT = N_("this place is not in your subdistrict")
NO_SUCH_BUILDING = N_("there is no such building in your grid")
NO_SUCH_CATEGORY = N_("there is no such category")
LONG_AGO = N_("{time} is before 1990. If it is correct, send the report again.")
TO_COME = N_("{time} is still to come. If it is correct, send the report again.")
OUTSIDE_GRID = N_("This place is {metres} m outside your grid. If it is correct, send the report again.")


@dataclass(frozen=True)
class IncidentReport:
    """A report of an incident.

    Parameters
    ----------
    subdistrict_id : int
    category : str
        Key of a category of the subdistrict.
    title : str
        What happened, without names of persons.
    building_id : int or None
        Building of the incident; without one, the point is used.
    longitude, latitude : float or None
        Point of the incident, WGS 84, degrees.
    urgent : bool
    form_token : str
        Random token of the form; the same report with the same token is the same incident.
    outside_confirmed : bool
        True where the worker confirmed a place outside the own grids.
    occurred_at : datetime, optional
        Time of the event in the time zone of the office, without the zone; by default, now.
    time_confirmed : bool
        True where the worker confirmed a time before 1990 or to come.
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
    occurred_at: datetime | None = None
    time_confirmed: bool = False

    def fingerprint(self) -> str:
        """Return a hash that is the same for the same report from the same form, however often a phone sends it."""
        place = (self.building_id, self.longitude, self.latitude)
        # the order of the values is part of the hash: stored reports were hashed in this order
        time = () if self.occurred_at is None else (self.occurred_at.isoformat(),)
        values = (self.form_token, self.subdistrict_id, self.category, self.title, *place, self.urgent, *time)
        return hashlib.sha256(repr(values).encode()).hexdigest()


class OutsideOwnGrids(InvalidInput):
    """The place is outside the own grids, and the report does not confirm it."""


class UnusualTime(InvalidInput):
    """The time is before 1990 or to come, and the report does not confirm it."""


def report_incident(session: Session, caller: Caller, report: IncidentReport) -> IncidentRow:
    """Store an incident that a worker reports, once.

    Returns
    -------
    IncidentRow
        The stored incident, from this call or from an earlier one with the same report.

    Raises
    ------
    InvalidInput
        If the category or the building is unknown, or the place is outside the subdistrict.
    OutsideOwnGrids
        If the place is outside the worker's own grids and `report` does not confirm it.
    UnusualTime
        If the time is before 1990 or to come and `report` does not confirm it.
    """
    existing = find_report(session, caller, report)
    if existing:
        return existing
    occurred_at = resolve_time(session, report.occurred_at, confirmed=report.time_confirmed)
    location, links = _locate(session, caller, report)
    incident = NewIncident(
        report.subdistrict_id,
        report.category,
        report.title or None,
        report.urgent,
        report.fingerprint(),
        links.building_id,
        links.cell_id,
        location.ewkt,
        occurred_at,
    )
    return incident_writes.insert_report(session, caller, incident)


def find_report(session: Session, caller: Caller, report: IncidentReport) -> IncidentRow | None:
    """Return the incident that a report of the caller is stored as; None before it is stored."""
    return incident_queries.find_own_incident_by_fingerprint(session, caller, report.fingerprint())


def find_number(session: Session, caller: Caller, report: IncidentReport) -> str | None:
    """Return the number of a report that is stored, or that was stored and withdrawn; None before."""
    existing = find_report(session, caller, report)
    if existing:
        return existing.number
    return incident_queries.find_withdrawn_number(session, caller, report.fingerprint())


def locate_report(session: Session, caller: Caller, report: IncidentReport) -> tuple[float, float]:
    """Return longitude and latitude at which a report would be stored; a place outside the own grids is no problem.

    Raises
    ------
    InvalidInput
        If the category or the place cannot be used.
    """
    location, _ = _locate(session, caller, replace(report, outside_confirmed=True))
    point = shapely.from_wkt(location.ewkt.partition(";")[2])
    return float(point.x), float(point.y)


def get_present_time(session: Session) -> datetime:
    """Return the present time in the time zone of the office, without the zone: the default of a report."""
    return get_local_time(session)


def get_own_report(session: Session, caller: Caller, number: str) -> IncidentRow | None:
    """Return an incident by its number, if the caller reported it."""
    return incident_queries.find_own_incident(session, caller, number)


def resolve_time(session: Session, occurred_at: datetime | None, *, confirmed: bool) -> datetime | None:
    """Return the time of an event, not later than now unless that is confirmed; None for now.

    Raises
    ------
    UnusualTime
        If the time is before 1990 or to come, and nobody has confirmed it.
    """
    if occurred_at is None:
        return None
    now = get_local_time(session)
    problem = LONG_AGO if is_long_ago(occurred_at) else TO_COME if is_to_come(occurred_at, now) else None
    if problem is None:
        return min(occurred_at, now)
    if not confirmed:
        message = Message(problem, {"time": f"{occurred_at:%Y-%m-%d %H:%M}"})
        raise UnusualTime([InputFault(message, column="occurred_at")])
    return occurred_at


def _locate(session: Session, caller: Caller, report: IncidentReport) -> tuple[ReportLocation, PointLocation]:
    """Return the location and the links of a report: of the building chosen, else of the point on the map."""
    groups = categories.list_reportable(session, caller, [report.subdistrict_id], LANGUAGES[0])
    if not any(report.category in names for names in groups.values()):
        raise _field_error("category", NO_SUCH_CATEGORY)
    if report.building_id is not None:
        location = report_location.locate_building(session, caller, report.subdistrict_id, report.building_id)
        if location is None:
            raise _field_error("building", NO_SUCH_BUILDING)
        return location
    if report.longitude is None or report.latitude is None:
        raise _field_error("building", NO_LOCATION)
    return _locate_on_map(session, caller, report, report.longitude, report.latitude)


def _locate_on_map(
    session: Session, caller: Caller, report: IncidentReport, longitude: float, latitude: float
) -> tuple[ReportLocation, PointLocation]:
    """Return the location and the links of a point; one slightly outside the own grids is moved into them.

    A point up to 8 m outside the subdistrict stays where it is and is linked to the nearest cell.
    """
    location = report_location.locate_report(session, caller, report.subdistrict_id, longitude, latitude)
    if location.outside_m > MAX_OUTSIDE_M:
        raise _field_error("building", OUTSIDE_SUBDISTRICT)
    is_near = 0 < location.distance_m <= MAX_SNAP_M and location.nearest_cell_id is not None
    if is_near and not location.outside_m:
        return replace(location, ewkt=location.nearest_ewkt), PointLocation(None, location.nearest_cell_id)
    if location.distance_m > MAX_SNAP_M and not report.outside_confirmed:
        message = Message(OUTSIDE_GRID, {"metres": round(location.distance_m)})
        raise OutsideOwnGrids([InputFault(message, column="building")])
    return location, point_location.locate_point(session, caller, report.subdistrict_id, longitude, latitude)


def _field_error(field: str, problem: str) -> InvalidInput:
    return InvalidInput([InputFault(Message(problem), column=field)])
