"""The API's look into a version of a plan, whether it is in force or not: its grids, and which building is in which."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from gridmap.core.names import GridKind, Role
from gridmap.services import grids, versions
from gridmap.services.grids import State
from gridmap.web import current
from gridmap.web.api.answers import Answer, Feature, Features
from gridmap.web.api.operations import GEOJSON, Operation, page_of
from gridmap.web.asked import MOST_FEATURES, Key, Paged


class RevisionAsked(Paged):
    """Features of a revision, a page at a time."""

    revision: Key = Field(description="Key of the revision")
    limit: int = Field(MOST_FEATURES, ge=1, le=MOST_FEATURES, description="Features of a page")


class Footprint(Answer):
    """Geometry after RFC 7946, in longitude and latitude."""

    type: Literal["Point", "Polygon", "MultiPolygon", "LineString", "MultiPoint", "GeometryCollection"]
    coordinates: list[Any]


class PlannedGrid(Answer):
    """Grid 网格 as a version has it, with what stands there today."""

    code: str
    name: str | None
    kind: GridKind
    state: State
    households: int
    buildings: int


class PlannedBuilding(Answer):
    """Building 楼栋 with the grid that a version has it in."""

    code: str
    name: str | None
    levels: float | None
    households: int
    courtyard: str | None
    grid: str = Field(description="Code of the grid")


class BuildingFeature(Answer):
    """Feature after RFC 7946."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: Footprint
    properties: PlannedBuilding


class BuildingFeatures(Answer):
    """Feature collection after RFC 7946, a page at a time."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[BuildingFeature]
    page: int = Field(ge=1)
    pages: int = Field(ge=1)


def list_revision_grids(asked: RevisionAsked) -> Features[PlannedGrid]:
    """Grids of a version of a plan, with the households and buildings of today."""
    session = current.session()
    version = versions.version(session, asked.revision)
    rows = versions.grids(session, version, grids.today(session))
    page = page_of([_grid(row) for row in rows], asked)
    return Features(features=page.items, page=page.page, pages=page.pages)


def list_revision_buildings(asked: RevisionAsked) -> BuildingFeatures:
    """Buildings of today, each with the grid that a version of a plan has it in."""
    session = current.session()
    rows = versions.buildings(session, versions.version(session, asked.revision), grids.today(session))
    page = page_of(_buildings(rows), asked)
    return BuildingFeatures(features=page.items, page=page.page, pages=page.pages)


def _grid(grid: versions.Drawn) -> Feature[PlannedGrid]:
    told = PlannedGrid(
        code=grid.code,
        name=grid.name,
        kind=grid.kind,
        state=grid.tally.state,
        households=grid.tally.households,
        buildings=grid.tally.buildings,
    )
    return Feature[PlannedGrid](id=grid.id, geometry=json.loads(grid.shape), properties=told)


def _buildings(rows: Sequence[Any]) -> list[BuildingFeature]:
    names = PlannedBuilding.model_fields
    return [
        BuildingFeature(
            id=row.id,
            geometry=Footprint(**json.loads(row.shape)),
            properties=PlannedBuilding(**{name: getattr(row, name) for name in names}),
        )
        for row in rows
    ]


PLANNERS = (Role.PLANNER,)
OPERATIONS = (
    Operation(
        "/v1/revisions/{revision}/grids",
        RevisionAsked,
        Features[PlannedGrid],
        list_revision_grids,
        PLANNERS,
        media=GEOJSON,
    ),
    Operation(
        "/v1/revisions/{revision}/buildings",
        RevisionAsked,
        BuildingFeatures,
        list_revision_buildings,
        PLANNERS,
        media=GEOJSON,
    ),
)
