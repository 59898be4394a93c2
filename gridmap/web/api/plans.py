"""Operations of the API for plans of a community and incident counts by grid in force."""

from dataclasses import asdict
from datetime import timedelta

from flask import abort
from pydantic import Field

from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force, incident_counts
from gridmap.services.grids.incident_counts import NO_INCIDENTS, IncidentFilter, PeriodCounts
from gridmap.services.incidents import publication
from gridmap.services.plans import revisions as plan_revisions
from gridmap.web import context, line_caller
from gridmap.web.api import schemas
from gridmap.web.api.operations import Operation, paginate
from gridmap.web.api.schemas import PageSchema
from gridmap.web.api.territory import require_subdistrict
from gridmap.web.params import DateParams, IsoDate, PageParams, RowId, SubdistrictParams

PLAN_READER_ROLES = (Role.PLANNER, Role.LEADER, Role.STATION, Role.ADMIN)
INCIDENT_READER_ROLES = (Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
PUBLISHED_COUNT_READER_ROLES = (Role.PLANNER, Role.LEADER, Role.STATION)
DEFAULT_PERIOD = timedelta(days=30)


class PlansParams(PageParams):
    """Parameters of the plans of a community."""

    community_id: RowId = Field(description="Key of the community")


class IncidentCountsParams(SubdistrictParams, DateParams):
    """Parameters of incident counts in a period, by the grids in force on its last day."""

    first: IsoDate | None = Field(None, description="First day of the period; by default 30 days before the last")


class PublishedCountsParams(SubdistrictParams, PageParams):
    """Parameters of the published counts of a subdistrict."""


def list_plans(params: PlansParams) -> PageSchema[schemas.PlanSchema]:
    """List the plans of a community with their revisions."""
    plans = plan_revisions.list_plans(context.session(), context.caller(), params.community_id)
    if plans is None:
        abort(404)
    return paginate([_plan_schema(each) for each in plans], params)


def count_incidents(params: IncidentCountsParams) -> schemas.IncidentCountsSchema:
    """Count incidents by grid in force on a date, up to that date: those that the caller may see."""
    day = in_force.resolve_day(context.session(), require_subdistrict(params.subdistrict_id), params.on)
    first = params.first or in_force.date_before(day.date, DEFAULT_PERIOD)
    session = context.session()
    period = incident_counts.make_date_range(first, day.date)
    filters = IncidentFilter(period)
    caller = line_caller.show_counts(params.subdistrict_id, filters)
    counts = incident_counts.count_by_grid(session, caller, day, filters)
    grids = in_force.list_grids(session, caller, day)
    rows = [*((each.id, each.code) for each in grids), (None, None)]
    items = [_count_schema(grid_id, code, counts.get(grid_id, NO_INCIDENTS)) for grid_id, code in rows]
    recorded = incident_counts.find_recorded_days(session, caller, params.subdistrict_id)
    return schemas.IncidentCountsSchema(
        on=day.date,
        first=first,
        last=day.date,
        first_recorded=recorded.first if recorded else None,
        last_recorded=recorded.last if recorded else None,
        items=items,
    )


def _count_schema(grid_id: int | None, code: str | None, counts: PeriodCounts) -> schemas.IncidentCountSchema:
    return schemas.IncidentCountSchema(grid_id=grid_id, code=code, incidents=counts.current, on_border=counts.on_border)


def _plan_schema(plan: plan_revisions.PlanHistory) -> schemas.PlanSchema:
    revisions = [
        schemas.RevisionSchema(
            id=each.id,
            number=each.number,
            parent_id=each.parent_id,
            minimum=each.minimum,
            maximum=each.maximum,
            household_kind=each.household_kind,
            max_radius_m=each.max_radius_m or None,
            note=each.note,
            created_at=each.created_at,
        )
        for each in plan.revisions
    ]
    return schemas.PlanSchema(
        id=plan.plan.id, name=plan.plan.name, created_at=plan.plan.created_at, revisions=revisions
    )


def list_published_counts(params: PublishedCountsParams) -> PageSchema[schemas.PublishedCountSchema]:
    """List the published counts of personal and sensitive incidents of closed months and quarters."""
    subdistrict_id = require_subdistrict(params.subdistrict_id)
    counts = publication.list_counts(context.session(), context.caller(), subdistrict_id)
    return paginate([schemas.PublishedCountSchema(**asdict(each)) for each in counts], params)


OPERATIONS = (
    Operation(
        "/v1/communities/{community_id}/plans",
        PlansParams,
        PageSchema[schemas.PlanSchema],
        list_plans,
        PLAN_READER_ROLES,
    ),
    Operation(
        "/v1/subdistricts/{subdistrict_id}/incident-counts",
        IncidentCountsParams,
        schemas.IncidentCountsSchema,
        count_incidents,
        INCIDENT_READER_ROLES,
    ),
    Operation(
        "/v1/subdistricts/{subdistrict_id}/published-counts",
        PublishedCountsParams,
        PageSchema[schemas.PublishedCountSchema],
        list_published_counts,
        PUBLISHED_COUNT_READER_ROLES,
    ),
)
