"""The API's look into a version of a plan, whether it is in force or not: its grids, and which building is in which."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from gridmap.core.plans.grid_status import GridStatusName
from gridmap.core.vocabulary import GridKind, Role
from gridmap.services.grids import in_force
from gridmap.services.plans import revisions
from gridmap.web import context
from gridmap.web.api.operations import GEOJSON_MIMETYPE, Operation, paginate
from gridmap.web.api.schemas import FeatureCollectionSchema, FeatureSchema, ResponseSchema
from gridmap.web.params import MAX_FEATURES_PER_PAGE, PageParams, RowId


class RevisionParams(PageParams):
    """Features of a revision, a page at a time."""

    revision_id: RowId = Field(description="Key of the revision")
    limit: int = Field(MAX_FEATURES_PER_PAGE, ge=1, le=MAX_FEATURES_PER_PAGE, description="Features of a page")


class BuildingGeometrySchema(ResponseSchema):
    """Geometry after RFC 7946, in longitude and latitude."""

    type: Literal["Point", "Polygon", "MultiPolygon", "LineString", "MultiPoint", "GeometryCollection"]
    coordinates: list[Any]


class RevisionGridSchema(ResponseSchema):
    """Grid 网格 as a version has it, with what stands there today."""

    code: str
    name: str | None
    kind: GridKind
    status: GridStatusName
    households: int
    buildings: int


class RevisionBuildingSchema(ResponseSchema):
    """Building 楼栋 with the grid that a version has it in."""

    code: str
    name: str | None
    levels: float | None
    households: int
    courtyard: str | None
    grid: str = Field(description="Code of the grid")


class BuildingFeatureSchema(ResponseSchema):
    """Feature after RFC 7946."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: BuildingGeometrySchema
    properties: RevisionBuildingSchema


class BuildingFeatureCollectionSchema(ResponseSchema):
    """Feature collection after RFC 7946, a page at a time."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[BuildingFeatureSchema]
    page: int = Field(ge=1)
    pages: int = Field(ge=1)


def list_revision_grids(params: RevisionParams) -> FeatureCollectionSchema[RevisionGridSchema]:
    """Grids of a version of a plan, with the households and buildings of today."""
    session = context.session()
    version = revisions.get_revision(session, context.caller(), params.revision_id)
    rows = revisions.list_grids(session, context.caller(), version, in_force.get_today(session))
    page = paginate([_grid_feature(row) for row in rows], params)
    return FeatureCollectionSchema(features=page.items, page=page.page, pages=page.pages)


def list_revision_buildings(params: RevisionParams) -> BuildingFeatureCollectionSchema:
    """Buildings of today, each with the grid that a version of a plan has it in."""
    session = context.session()
    rows = revisions.list_buildings(
        session,
        context.caller(),
        revisions.get_revision(session, context.caller(), params.revision_id),
        in_force.get_today(session),
    )
    page = paginate(_building_features(rows), params)
    return BuildingFeatureCollectionSchema(features=page.items, page=page.page, pages=page.pages)


def _grid_feature(grid: revisions.GridShape) -> FeatureSchema[RevisionGridSchema]:
    told = RevisionGridSchema(
        code=grid.code,
        name=grid.name,
        kind=grid.kind,
        status=grid.totals.status,
        households=grid.totals.households,
        buildings=grid.totals.buildings,
    )
    return FeatureSchema[RevisionGridSchema](id=grid.id, geometry=json.loads(grid.shape), properties=told)


def _building_features(rows: Sequence[Any]) -> list[BuildingFeatureSchema]:
    names = RevisionBuildingSchema.model_fields
    return [
        BuildingFeatureSchema(
            id=row.id,
            geometry=BuildingGeometrySchema(**json.loads(row.shape)),
            properties=RevisionBuildingSchema(**{name: getattr(row, name) for name in names}),
        )
        for row in rows
    ]


PLANNER_ROLES = (Role.PLANNER,)
OPERATIONS = (
    Operation(
        "/v1/revisions/{revision_id}/grids",
        RevisionParams,
        FeatureCollectionSchema[RevisionGridSchema],
        list_revision_grids,
        PLANNER_ROLES,
        media_type=GEOJSON_MIMETYPE,
    ),
    Operation(
        "/v1/revisions/{revision_id}/buildings",
        RevisionParams,
        BuildingFeatureCollectionSchema,
        list_revision_buildings,
        PLANNER_ROLES,
        media_type=GEOJSON_MIMETYPE,
    ),
)
