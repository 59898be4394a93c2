"""Operations of the API for revisions of a plan, in force or not: their grids and buildings."""

from pydantic import Field

from gridmap.core.plans.grid_status import GridStatusName
from gridmap.core.vocabulary import GridKind, Role
from gridmap.services.grids import in_force
from gridmap.services.plans import comparison, revisions, streets
from gridmap.web import context
from gridmap.web.api.operations import JsonText, Operation, paginate_features
from gridmap.web.api.schemas import FeatureCollectionSchema, ResponseSchema
from gridmap.web.geojson import GEOJSON_MIMETYPE, FeatureRow, encode_feature
from gridmap.web.params import MAX_FEATURES_PER_PAGE, PageParams, RowId

REVISION_READER_ROLES = (Role.PLANNER, Role.LEADER)


class RevisionParams(PageParams):
    """Parameters of a page of features of a revision."""

    revision_id: RowId = Field(description="Key of the revision")
    limit: int = Field(MAX_FEATURES_PER_PAGE, ge=1, le=MAX_FEATURES_PER_PAGE, description="Features of a page")


class RevisionGridSchema(ResponseSchema):
    """Grid 网格 of a revision, with the households and buildings of today."""

    code: str
    name: str | None
    kind: GridKind
    status: GridStatusName
    households: int
    buildings: int


class RevisionBuildingSchema(ResponseSchema):
    """Building 楼栋 with its grid in a revision."""

    code: str
    name: str | None
    levels: float | None
    households: int
    courtyard: str | None
    grid: str = Field(description="Code of the grid")
    schematic: bool = Field(description="Whether its place is schematic 位置示意, not surveyed")


class RevisionStreetSchema(ResponseSchema):
    """Street 责任道路 along the border of two grids, whose incidents on the border count in one of them."""

    name: str | None
    grid: str = Field(description="Code of the grid in which incidents count")
    other_grid: str = Field(description="Code of the grid on the other side")


def list_revision_grids(params: RevisionParams) -> JsonText:
    """List the grids of a revision, with the households and buildings of today."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, params.revision_id)
    rows = comparison.list_grids(session, caller, revision, in_force.get_today(session))
    return paginate_features(rows, params, _encode_grid)


def list_revision_buildings(params: RevisionParams) -> JsonText:
    """List the buildings of today, each with its grid in a revision."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, params.revision_id)
    rows = comparison.list_buildings(session, caller, revision, in_force.get_today(session))
    return paginate_features(rows, params, _encode_building)


def list_revision_streets(params: RevisionParams) -> JsonText:
    """List the border streets that a revision gives to the grid on one side."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, params.revision_id)
    return paginate_features(streets.list_given_streets(session, caller, revision.id), params, _encode_street)


def _encode_street(street: streets.GivenStreetRow) -> str:
    properties = RevisionStreetSchema(name=street.name, grid=street.grid_code, other_grid=street.other_grid_code)
    return encode_feature(street.id, street.shape, properties.model_dump_json())


def _encode_grid(grid: comparison.GridShape) -> str:
    properties = RevisionGridSchema(
        code=grid.code,
        name=grid.name,
        kind=grid.kind,
        status=grid.totals.status,
        households=grid.totals.households,
        buildings=grid.totals.buildings,
    )
    return encode_feature(grid.id, grid.shape, properties.model_dump_json())


def _encode_building(row: FeatureRow) -> str:
    properties = RevisionBuildingSchema.model_validate(row, from_attributes=True)
    return encode_feature(row.id, row.shape, properties.model_dump_json())


OPERATIONS = (
    Operation(
        "/v1/revisions/{revision_id}/grids",
        RevisionParams,
        FeatureCollectionSchema[RevisionGridSchema],
        list_revision_grids,
        REVISION_READER_ROLES,
        media_type=GEOJSON_MIMETYPE,
    ),
    Operation(
        "/v1/revisions/{revision_id}/buildings",
        RevisionParams,
        FeatureCollectionSchema[RevisionBuildingSchema],
        list_revision_buildings,
        REVISION_READER_ROLES,
        media_type=GEOJSON_MIMETYPE,
    ),
    Operation(
        "/v1/revisions/{revision_id}/streets",
        RevisionParams,
        FeatureCollectionSchema[RevisionStreetSchema],
        list_revision_streets,
        REVISION_READER_ROLES,
        media_type=GEOJSON_MIMETYPE,
    ),
)
