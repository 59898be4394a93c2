"""Operations of the API for subdistricts: communities, resident groups, streets, grids in force, statistics."""

from collections.abc import Sequence

from flask import abort
from pydantic import Field

from gridmap.services.grids import in_force, overview
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.grids.norms import NormInForce
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.api import schemas
from gridmap.web.api.operations import JsonText, Operation, paginate, paginate_features
from gridmap.web.api.schemas import FeatureCollectionSchema, FeatureSchema, PageSchema, ResponseSchema
from gridmap.web.geojson import GEOJSON_MIMETYPE, FeatureRow, encode_feature
from gridmap.web.language import current_language
from gridmap.web.params import MAX_FEATURES_PER_PAGE, DateParams, PageParams, RowId, SubdistrictParams

__all__ = ["OPERATIONS", "require_subdistrict"]


class FeaturesParams(SubdistrictParams, PageParams):
    """Parameters of a page of features of a subdistrict."""

    limit: int = Field(1000, ge=1, le=MAX_FEATURES_PER_PAGE, description="Features of a page")


class GridsParams(FeaturesParams, DateParams):
    """Parameters of a page of the grids in force on a date."""


class GridParams(DateParams):
    """Parameters of one grid on a date."""

    grid_id: RowId = Field(description="Key of the grid")


class StatisticsParams(SubdistrictParams, DateParams):
    """Parameters of the statistics of a subdistrict on a date."""


def list_subdistricts(params: PageParams) -> PageSchema[schemas.SubdistrictSchema]:
    """List the subdistricts that the caller works in."""
    rows = overview.list_subdistricts(context.session(), context.caller())
    items = [schemas.SubdistrictSchema.model_validate(row, from_attributes=True) for row in rows]
    return paginate(items, params)


def list_communities(params: FeaturesParams) -> JsonText:
    """List communities with their boundaries."""
    subdistrict_id = require_subdistrict(params.subdistrict_id)
    rows = overview.list_communities(context.session(), context.caller(), subdistrict_id)
    return paginate_features(rows, params, lambda row: _encode_row(schemas.CommunitySchema, row))


def list_resident_groups(params: FeaturesParams) -> JsonText:
    """List resident groups with their extent, where it is known."""
    subdistrict_id = require_subdistrict(params.subdistrict_id)
    rows = overview.list_resident_groups(context.session(), context.caller(), subdistrict_id)
    return paginate_features(rows, params, lambda row: _encode_row(schemas.ResidentGroupSchema, row))


def list_streets(params: FeaturesParams) -> JsonText:
    """List streets for orientation: one feature for each kind, simplified to a metre."""
    subdistrict_id = require_subdistrict(params.subdistrict_id)
    rows = overview.list_streets(context.session(), context.caller(), subdistrict_id)
    numbered = list(enumerate(rows, 1))
    return paginate_features(
        numbered,
        params,
        lambda pair: encode_feature(pair[0], pair[1].shape, schemas.StreetsSchema(kind=pair[1].kind).model_dump_json()),
    )


def list_grids(params: GridsParams) -> JsonText:
    """List the grids in force on a date, with their statistics."""
    day = in_force.resolve_day(context.session(), require_subdistrict(params.subdistrict_id), params.on)
    return paginate_features(in_force.list_grids(context.session(), context.caller(), day), params, _encode_grid)


def get_grid(params: GridParams) -> JsonText:
    """Return a grid on a date; a grid that was not in force then is not found."""
    grid = in_force.get_grid(context.session(), context.caller(), params.grid_id, params.on)
    return JsonText(_encode_grid(grid)) if grid else abort(404)


def get_statistics(params: StatisticsParams) -> schemas.StatisticsSchema:
    """Return the statistics of a subdistrict on a date."""
    day = in_force.resolve_day(context.session(), require_subdistrict(params.subdistrict_id), params.on)
    return _statistics_schema(overview.load_overview(context.session(), context.caller(), day))


def require_subdistrict(subdistrict_id: int) -> int:
    """Return the key of a subdistrict in which the caller works; abort with 404 for any other."""
    own_ids = {row.id for row in overview.list_subdistricts(context.session(), context.caller())}
    return subdistrict_id if subdistrict_id in own_ids else abort(404)


def _encode_row(schema: type[ResponseSchema], row: FeatureRow) -> str:
    properties = schema.model_validate(row, from_attributes=True)
    return encode_feature(row.id, row.shape, properties.model_dump_json())


def _encode_grid(grid: GridInForce) -> str:
    return encode_feature(grid.id, grid.shape, _grid_schema(grid).model_dump_json())


def _grid_schema(grid: GridInForce) -> schemas.GridSchema:
    return schemas.GridSchema(
        code=grid.code,
        name=grid.name,
        community_id=grid.community_id,
        kind=grid.kind,
        status=grid.status,
        minimum=grid.norm.norm.minimum,
        maximum=grid.norm.norm.maximum,
        norm_kind=grid.norm.norm.household_kind,
        norm_persons=grid.norm.norm.persons,
        effective_date=grid.since,
        households=_households_schema(grid.households),
        buildings=grid.buildings,
        residents=grid.residents.number,
        residents_60=grid.residents_60,
        residents_basis=grid.population_basis.name,
        residents_source=grid.population_basis.source,
        residents_as_of=grid.population_basis.as_of,
        area_m2=round(grid.area_m2, 1),
        workers=list(grid.workers),
        reason=translate(grid.reason, current_language()) if grid.reason else None,
    )


def _norm_schema(norm: NormInForce, communities: Sequence[str]) -> schemas.NormSchema:
    persons, row = norm.norm.persons, norm.row
    return schemas.NormSchema(
        communities=list(communities),
        minimum=norm.norm.minimum,
        maximum=norm.norm.maximum,
        target=norm.norm.target,
        household_kind=norm.norm.household_kind,
        person_minimum=persons.minimum if persons else None,
        person_maximum=persons.maximum if persons else None,
        max_radius_m=norm.norm.max_radius_m or None,
        source=row.source if row else None,
        source_date=row.source_date if row else None,
        effective_date=row.first if row else None,
        of="default" if row is None else "community" if norm.is_own else "subdistrict",
    )


def _households_schema(households: in_force.Households) -> schemas.HouseholdsSchema:
    return schemas.HouseholdsSchema.model_validate(households, from_attributes=True)


def _statistics_schema(summary: overview.Overview) -> schemas.StatisticsSchema:
    link_counts = [
        schemas.LinkCountSchema(kind=each.kind, total=each.total, unlinked=each.unlinked)
        for each in summary.link_counts
    ]
    return schemas.StatisticsSchema(
        on=summary.day.date,
        communities=len(summary.communities),
        unpartitioned=[each.code for each in summary.unpartitioned],
        grids=dict(summary.status_counts),
        norms=[_norm_schema(norm, communities) for norm, communities in summary.norms],
        vacant=len(summary.vacant),
        households={str(kind): _households_schema(each) for kind, each in summary.households.items()},
        residents=summary.residents,
        residents_60=summary.residents_60,
        residents_basis=summary.population_basis.name,
        buildings=summary.buildings,
        link_counts=link_counts,
        linked_share=summary.linked_share,
    )


OPERATIONS = (
    Operation("/v1/subdistricts", PageParams, PageSchema[schemas.SubdistrictSchema], list_subdistricts),
    Operation(
        "/v1/subdistricts/{subdistrict_id}/statistics", StatisticsParams, schemas.StatisticsSchema, get_statistics
    ),
    Operation(
        "/v1/subdistricts/{subdistrict_id}/communities",
        FeaturesParams,
        FeatureCollectionSchema[schemas.CommunitySchema],
        list_communities,
        media_type=GEOJSON_MIMETYPE,
    ),
    Operation(
        "/v1/subdistricts/{subdistrict_id}/resident-groups",
        FeaturesParams,
        FeatureCollectionSchema[schemas.ResidentGroupSchema],
        list_resident_groups,
        media_type=GEOJSON_MIMETYPE,
    ),
    Operation(
        "/v1/subdistricts/{subdistrict_id}/streets",
        FeaturesParams,
        FeatureCollectionSchema[schemas.StreetsSchema],
        list_streets,
        media_type=GEOJSON_MIMETYPE,
    ),
    Operation(
        "/v1/subdistricts/{subdistrict_id}/grids",
        GridsParams,
        FeatureCollectionSchema[schemas.GridSchema],
        list_grids,
        media_type=GEOJSON_MIMETYPE,
    ),
    Operation(
        "/v1/grids/{grid_id}", GridParams, FeatureSchema[schemas.GridSchema], get_grid, media_type=GEOJSON_MIMETYPE
    ),
)
