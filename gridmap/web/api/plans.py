"""The API's plans of a community, and incidents counted by the grids in force."""

from datetime import timedelta

from flask import abort
from pydantic import Field

from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force, incident_counts
from gridmap.services.grids.incident_counts import NO_INCIDENTS, IncidentFilter
from gridmap.services.plans import history
from gridmap.web import context
from gridmap.web.api import schemas
from gridmap.web.api.operations import Operation, paginate
from gridmap.web.api.schemas import PageSchema
from gridmap.web.api.territory import require_subdistrict
from gridmap.web.params import DateParams, IsoDate, PageParams, RowId, SubdistrictParams

PLAN_READER_ROLES = (Role.PLANNER, Role.LEADER, Role.STATION, Role.ADMIN)
INCIDENT_READER_ROLES = (Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
DEFAULT_PERIOD = timedelta(days=30)


class PlansParams(PageParams):
    """Plans of a community."""

    community_id: RowId = Field(description="Key of the community")


class IncidentCountsParams(SubdistrictParams, DateParams):
    """Incidents of a span of days, by the grids in force on one day."""

    first: IsoDate | None = Field(
        None, description="First day of the span; 30 days before the last where it is left out"
    )


def list_plans(params: PlansParams) -> PageSchema[schemas.PlanSchema]:
    """Plans of a community with their revisions."""
    found = history.list_plans(context.session(), context.caller(), params.community_id)
    if found is None:
        abort(404)
    return paginate([_plan_schema(each) for each in found], params)


def count_incidents(params: IncidentCountsParams) -> schemas.IncidentCountsSchema:
    """Incidents by grid in force on a day, up to that day; null where there are too few to tell."""
    day = in_force.resolve_day(context.session(), require_subdistrict(params.subdistrict_id), params.on)
    first = params.first or in_force.date_before(day.date, DEFAULT_PERIOD)
    told = incident_counts.count_by_grid(
        context.session(), context.caller(), day, IncidentFilter(incident_counts.make_date_range(first, day.date))
    )
    rows = [
        *((each.id, each.code) for each in in_force.list_grids(context.session(), context.caller(), day)),
        (None, None),
    ]
    items = [
        schemas.IncidentCountSchema(grid_id=key, code=code, incidents=told.get(key, NO_INCIDENTS).current.number)
        for key, code in rows
    ]
    return schemas.IncidentCountsSchema(on=day.date, first=first, last=day.date, items=items)


def _plan_schema(plan: history.PlanHistory) -> schemas.PlanSchema:
    revisions = [
        schemas.RevisionSchema(
            id=each.id,
            number=each.number,
            parent_id=each.parent_id,
            minimum=each.minimum,
            maximum=each.maximum,
            note=each.note,
            created_at=each.created_at,
        )
        for each in plan.revisions
    ]
    return schemas.PlanSchema(id=plan.plan.id, name=plan.plan.name, created_at=plan.plan.created_at, revisions=revisions)


OPERATIONS = (
    Operation(
        "/v1/communities/{community_id}/plans", PlansParams, PageSchema[schemas.PlanSchema], list_plans, PLAN_READER_ROLES
    ),
    Operation(
        "/v1/subdistricts/{subdistrict_id}/incident-counts",
        IncidentCountsParams,
        schemas.IncidentCountsSchema,
        count_incidents,
        INCIDENT_READER_ROLES,
    ),
)
