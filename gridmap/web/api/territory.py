"""The API's land: subdistricts, communities, resident groups, grids in force, and their figures."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from flask import abort
from pydantic import BaseModel, Field

from gridmap.services.grids import in_force, overview
from gridmap.services.grids.in_force import GridInForce
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.api import schemas
from gridmap.web.api.operations import GEOJSON_MIMETYPE, Operation, paginate
from gridmap.web.api.schemas import FeatureCollectionSchema, FeatureSchema, PageSchema
from gridmap.web.language import current_language
from gridmap.web.params import MAX_FEATURES_PER_PAGE, DateParams, PageParams, RowId, SubdistrictParams

SchemaT = TypeVar("SchemaT", bound=BaseModel)


class FeaturesParams(SubdistrictParams, PageParams):
    """Features of a subdistrict, a page at a time; a page holds as many as a map draws well."""

    limit: int = Field(1000, ge=1, le=MAX_FEATURES_PER_PAGE, description="Features of a page")


class GridsParams(FeaturesParams, DateParams):
    """Grids of a subdistrict in force on a day."""


class GridParams(DateParams):
    """One grid on a day."""

    grid_id: RowId = Field(description="Key of the grid")


class StatisticsParams(SubdistrictParams, DateParams):
    """Figures of a subdistrict on a day."""


def list_subdistricts(params: PageParams) -> PageSchema[schemas.SubdistrictSchema]:
    """Subdistricts that the caller works in."""
    rows = overview.list_subdistricts(context.session(), context.caller())
    return paginate([_subdistrict_schema(row) for row in rows], params)


def list_communities(params: FeaturesParams) -> FeatureCollectionSchema[schemas.CommunitySchema]:
    """Communities with their boundaries."""
    rows = overview.list_communities(context.session(), context.caller(), require_subdistrict(params.subdistrict_id))
    found = [_feature_schema(row, schemas.CommunitySchema(code=row.code, name=row.name)) for row in rows]
    return _feature_collection(found, params)


def list_resident_groups(params: FeaturesParams) -> FeatureCollectionSchema[schemas.ResidentGroupSchema]:
    """Resident groups with their extent, where somebody drew it."""
    rows = overview.list_resident_groups(
        context.session(), context.caller(), require_subdistrict(params.subdistrict_id)
    )
    told = [
        _feature_schema(row, schemas.ResidentGroupSchema(name=row.name, community_id=row.community_id)) for row in rows
    ]
    return _feature_collection(told, params)


def list_streets(params: FeaturesParams) -> FeatureCollectionSchema[schemas.StreetsSchema]:
    """Streets to find one's way by: a feature for each kind, simplified to a metre."""
    rows = overview.list_streets(context.session(), context.caller(), require_subdistrict(params.subdistrict_id))
    found = [
        FeatureSchema(
            id=number,
            geometry=schemas.GeometrySchema(**json.loads(row.shape)),
            properties=schemas.StreetsSchema(kind=row.kind),
        )
        for number, row in enumerate(rows, 1)
    ]
    return _feature_collection(found, params)


def list_grids(params: GridsParams) -> FeatureCollectionSchema[schemas.GridSchema]:
    """Grids in force on a day, with the figures of that day."""
    day = in_force.resolve_day(context.session(), require_subdistrict(params.subdistrict_id), params.on)
    found = [
        _feature_schema(grid, _grid_schema(grid))
        for grid in in_force.list_grids(context.session(), context.caller(), day)
    ]
    return _feature_collection(found, params)


def get_grid(params: GridParams) -> FeatureSchema[schemas.GridSchema]:
    """One grid on a day; a grid that was not in force then is not found."""
    grid = in_force.get_grid(context.session(), context.caller(), params.grid_id, params.on)
    return _feature_schema(grid, _grid_schema(grid)) if grid else abort(404)


def get_statistics(params: StatisticsParams) -> schemas.StatisticsSchema:
    """Figures of a subdistrict on a day."""
    day = in_force.resolve_day(context.session(), require_subdistrict(params.subdistrict_id), params.on)
    return _statistics_schema(overview.load_overview(context.session(), context.caller(), day))


def require_subdistrict(subdistrict_id: int) -> int:
    """The key of a subdistrict, if the caller works there; else there is no such page."""
    mine = {row.id for row in overview.list_subdistricts(context.session(), context.caller())}
    return subdistrict_id if subdistrict_id in mine else abort(404)


def _subdistrict_schema(row: Any) -> schemas.SubdistrictSchema:
    return schemas.SubdistrictSchema(id=row.id, code=row.code, name=row.name, supervision_phone=row.supervision_phone)


def _feature_schema(row: Any, properties: SchemaT) -> FeatureSchema[SchemaT]:
    shape = schemas.GeometrySchema(**json.loads(row.shape)) if row.shape else None
    return FeatureSchema(id=row.id, geometry=shape, properties=properties)


def _feature_collection(
    features: Sequence[FeatureSchema[SchemaT]], params: FeaturesParams
) -> FeatureCollectionSchema[SchemaT]:
    page = paginate(features, params)
    return FeatureCollectionSchema(features=page.items, page=page.page, pages=page.pages)


def _grid_schema(grid: GridInForce) -> schemas.GridSchema:
    return schemas.GridSchema(
        code=grid.code,
        name=grid.name,
        community_id=grid.community_id,
        kind=grid.kind,
        status=grid.status,
        minimum=grid.norm_range[0],
        maximum=grid.norm_range[1],
        effective_date=grid.since,
        households=_households_schema(grid.households),
        buildings=grid.buildings,
        residents=grid.residents.number,
        area_m2=round(grid.area_m2, 1),
        workers=list(grid.workers),
        reason=translate(grid.reason, current_language()) if grid.reason else None,
    )


def _households_schema(households: in_force.Households) -> schemas.HouseholdsSchema:
    return schemas.HouseholdsSchema(
        number=households.number, low=households.low, high=households.high, estimated=households.estimated
    )


def _statistics_schema(summary: overview.Overview) -> schemas.StatisticsSchema:
    links = [
        schemas.LinkCountSchema(kind=each.kind, total=each.total.number, unlinked=each.unlinked.number)
        for each in summary.link_counts
    ]
    return schemas.StatisticsSchema(
        on=summary.day.date,
        communities=len(summary.communities),
        unpartitioned=[each.code for each in summary.unpartitioned],
        grids=dict(summary.status_counts),
        vacant=len(summary.vacant),
        households={str(kind): _households_schema(each) for kind, each in summary.households.items()},
        residents=summary.residents,
        buildings=summary.buildings,
        link_counts=links,
        linked_share=summary.linked_share,
    )


OPERATIONS = (
    Operation("/v1/subdistricts", PageParams, PageSchema[schemas.SubdistrictSchema], list_subdistricts),
    Operation("/v1/subdistricts/{subdistrict_id}/statistics", StatisticsParams, schemas.StatisticsSchema, get_statistics),
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
    Operation("/v1/grids/{grid_id}", GridParams, FeatureSchema[schemas.GridSchema], get_grid, media_type=GEOJSON_MIMETYPE),
)
__all__ = ["OPERATIONS", "require_subdistrict"]
