"""Incidents that people of the house report: where, of which kind, and each only once."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, BadInput, Fault, Message
from gridmap.services import catalogue
from gridmap.store import access, links, sites
from gridmap.store.links import Placed
from gridmap.store.schema import Incident
from gridmap.store.session import ACCOUNT
from gridmap.store.sites import Site
from gridmap.texts import LANGUAGES

SNAP = 30.0
"""Metres: positions of phones between houses are that far off. What is nearer to the own grid is taken to be in it."""
NOWHERE = N_("say where it is: choose a building, or a place on the map")
OUTSIDE = N_("this place is not in your subdistrict")
NOT_YOURS = N_("there is no such building in your grid")
UNKNOWN = N_("there is no such category")
BEYOND = N_("This place is not in your grid, but {metres} m outside. If you mean it, send it once more.")


@dataclass(frozen=True)
class Report:
    """What somebody reports.

    Parameters
    ----------
    home : int
        Subdistrict.
    category : str
        Key of a line of the catalogue.
    title : str
        What happened, without names.
    building : int or None
        Where, or:
    longitude, latitude : float or None
        WGS 84, degrees.
    urgent : bool
    form : str
        Drawn with the form: sent again with it, the same report is the same incident.
    beyond : bool
        Whether a place outside the own grids is meant.
    """

    home: int
    category: str
    title: str
    building: int | None
    longitude: float | None
    latitude: float | None
    urgent: bool
    form: str
    beyond: bool = False

    def mark(self) -> str:
        """The same for the same report from the same form: a phone that hears no answer sends it again."""
        place = (self.building, self.longitude, self.latitude)
        told = (self.form, self.home, self.category, self.title, *place, self.urgent)
        return hashlib.sha256(repr(told).encode()).hexdigest()


class Beyond(BadInput):
    """The place is outside the own grids; whoever means it says so."""


def report(session: Session, told: Report) -> Incident:
    """Take in an incident reported by a worker, once.

    Returns
    -------
    Incident
        The one that is there now, whether it was stored by this call or an earlier one.

    Raises
    ------
    BadInput
        If there is no such category or building, or the place is not in the subdistrict.
    Beyond
        If the place is outside the worker's own grids and `told` does not say that it is meant.
    """
    if known := session.scalar(_same(session, told)):
        return known
    site, placed = _place(session, told)
    values = {
        "subdistrict_id": told.home,
        "number": session.scalar(select(func.next_incident_number(told.home))),
        "category": told.category,
        "title": told.title or None,
        "channel": "worker",
        "occurred_at": func.now(),
        "reported_by": session.info[ACCOUNT],
        "submission": told.mark(),
        "urgent": told.urgent,
        "building_id": placed.building,
        "cell_id": placed.cell,
        "geometry": site.shape,
    }
    once = ["reported_by", "submission"]
    session.execute(insert(Incident).values(values).on_conflict_do_nothing(index_elements=once))
    return session.scalars(_same(session, told)).one()


def reported(session: Session, number: str) -> Incident | None:
    """An incident that the account itself reported."""
    own = Incident.reported_by == session.info[ACCOUNT]
    return session.scalar(select(Incident).where(Incident.number == number, own, access.only(session, Incident)))


def _same(session: Session, told: Report) -> Select[Incident]:
    """The incident that the report is already."""
    own = Incident.reported_by == session.info[ACCOUNT], Incident.submission == told.mark()
    return select(Incident).where(*own, access.only(session, Incident))


def _place(session: Session, told: Report) -> tuple[Site, Placed]:
    """Where it is, linked: in the building chosen, or at a place on the map."""
    if told.category not in catalogue.names("lines", LANGUAGES[0]):
        raise _wrong("category", UNKNOWN)
    if told.building is not None:
        found = sites.of_building(session, told.home, told.building)
        if found is None:
            raise _wrong("building", NOT_YOURS)
        return found
    if told.longitude is None or told.latitude is None:
        raise _wrong("building", NOWHERE)
    return _on_the_map(session, told, told.longitude, told.latitude)


def _on_the_map(session: Session, told: Report, longitude: float, latitude: float) -> tuple[Site, Placed]:
    """A place on the map; one that is hardly outside the own grids is drawn into them."""
    site = sites.at(session, told.home, longitude, latitude)
    if not site.inside:
        raise _wrong("building", OUTSIDE)
    if 0 < site.metres <= SNAP and site.nearest is not None:
        return site, Placed(None, site.nearest)
    if site.metres > SNAP and not told.beyond:
        raise Beyond([Fault(Message(BEYOND, {"metres": round(site.metres)}), column="building")])
    return site, links.placed(session, told.home, longitude, latitude)


def _wrong(field: str, problem: str) -> BadInput:
    return BadInput([Fault(Message(problem), column=field)])
