"""The API's plans of a community, and incidents counted by the grids in force."""

from datetime import timedelta

from flask import abort
from pydantic import Field

from gridmap.core.names import Role
from gridmap.services import grids, happened, history
from gridmap.services.happened import NONE, Wish
from gridmap.web import current
from gridmap.web.api import answers
from gridmap.web.api.answers import Page
from gridmap.web.api.land import known
from gridmap.web.api.operations import Operation, page_of
from gridmap.web.asked import Day, Key, OfSubdistrict, OnDay, Paged

PLANNING = (Role.PLANNER, Role.LEADER, Role.STATION, Role.ADMIN)
SEEING_INCIDENTS = (Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
MONTH = timedelta(days=30)


class PlansAsked(Paged):
    """Plans of a community."""

    community: Key = Field(description="Key of the community")


class IncidentsAsked(OfSubdistrict, OnDay):
    """Incidents of a span of days, by the grids in force on one day."""

    first: Day | None = Field(None, description="First day of the span; 30 days before the last where it is left out")


def list_plans(asked: PlansAsked) -> Page[answers.Plan]:
    """Plans of a community with their revisions."""
    found = history.plans(current.session(), asked.community)
    if found is None:
        abort(404)
    return page_of([_plan(each) for each in found], asked)


def count_incidents(asked: IncidentsAsked) -> answers.IncidentCounts:
    """Incidents by grid in force on a day, up to that day; null where there are too few to tell."""
    day = grids.day(current.session(), known(asked.subdistrict), asked.on)
    first = asked.first or grids.before(day.on, MONTH)
    told = happened.by_grid(current.session(), day, Wish(happened.days(first, day.on)))
    rows = [*((each.id, each.code) for each in grids.all_of(current.session(), day)), (None, None)]
    items = [answers.IncidentCount(grid=key, code=code, incidents=told.get(key, NONE).now.number) for key, code in rows]
    return answers.IncidentCounts(on=day.on, first=first, last=day.on, items=items)


def _plan(plan: history.PlanHistory) -> answers.Plan:
    revisions = [
        answers.Revision(
            id=each.id,
            number=each.number,
            parent=each.parent_id,
            fewest=each.minimum,
            most=each.maximum,
            note=each.note,
            made_at=each.made_at,
        )
        for each in plan.revisions
    ]
    return answers.Plan(id=plan.plan.id, name=plan.plan.name, made_at=plan.plan.made_at, revisions=revisions)


OPERATIONS = (
    Operation("/v1/communities/{community}/plans", PlansAsked, Page[answers.Plan], list_plans, PLANNING),
    Operation(
        "/v1/subdistricts/{subdistrict}/incident-counts",
        IncidentsAsked,
        answers.IncidentCounts,
        count_incidents,
        SEEING_INCIDENTS,
    ),
)
