"""The API's land: subdistricts, communities, resident groups, grids in force, and their figures."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from flask import abort
from pydantic import BaseModel, Field

from gridmap.services import grids, overview
from gridmap.services.grids import GridInForce
from gridmap.texts import say
from gridmap.web import current
from gridmap.web.api import answers
from gridmap.web.api.answers import Feature, Features, Page
from gridmap.web.api.operations import GEOJSON, Operation, page_of
from gridmap.web.asked import MOST_FEATURES, Key, OfSubdistrict, OnDay, Paged
from gridmap.web.language import language

One = TypeVar("One", bound=BaseModel)


class FeaturesAsked(OfSubdistrict, Paged):
    """Features of a subdistrict, a page at a time; a page holds as many as a map draws well."""

    limit: int = Field(1000, ge=1, le=MOST_FEATURES, description="Features of a page")


class GridsAsked(FeaturesAsked, OnDay):
    """Grids of a subdistrict in force on a day."""


class GridAsked(OnDay):
    """One grid on a day."""

    grid: Key = Field(description="Key of the grid")


class FiguresAsked(OfSubdistrict, OnDay):
    """Figures of a subdistrict on a day."""


def list_subdistricts(asked: Paged) -> Page[answers.Subdistrict]:
    """Subdistricts that the caller works in."""
    rows = overview.subdistricts(current.session())
    return page_of([_subdistrict(row) for row in rows], asked)


def list_communities(asked: FeaturesAsked) -> Features[answers.Community]:
    """Communities with their boundaries."""
    rows = overview.communities(current.session(), known(asked.subdistrict))
    found = [_feature(row, answers.Community(code=row.code, name=row.name)) for row in rows]
    return _collected(found, asked)


def list_resident_groups(asked: FeaturesAsked) -> Features[answers.ResidentGroup]:
    """Resident groups with their extent, where somebody drew it."""
    rows = overview.resident_groups(current.session(), known(asked.subdistrict))
    told = [_feature(row, answers.ResidentGroup(name=row.name, community=row.community_id)) for row in rows]
    return _collected(told, asked)


def list_streets(asked: FeaturesAsked) -> Features[answers.Streets]:
    """Streets to find one's way by: a feature for each kind, simplified to a metre."""
    rows = overview.streets(current.session(), known(asked.subdistrict))
    found = [
        Feature(
            id=number, geometry=answers.Geometry(**json.loads(row.shape)), properties=answers.Streets(kind=row.kind)
        )
        for number, row in enumerate(rows, 1)
    ]
    return _collected(found, asked)


def list_grids(asked: GridsAsked) -> Features[answers.Grid]:
    """Grids in force on a day, with the figures of that day."""
    day = grids.day(current.session(), known(asked.subdistrict), asked.on)
    found = [_feature(grid, _grid(grid)) for grid in grids.all_of(current.session(), day)]
    return _collected(found, asked)


def one_grid(asked: GridAsked) -> Feature[answers.Grid]:
    """One grid on a day; a grid that was not in force then is not found."""
    grid = grids.one(current.session(), asked.grid, asked.on)
    return _feature(grid, _grid(grid)) if grid else abort(404)


def show_figures(asked: FiguresAsked) -> answers.Figures:
    """Figures of a subdistrict on a day."""
    day = grids.day(current.session(), known(asked.subdistrict), asked.on)
    return _figures(overview.overview(current.session(), day))


def known(subdistrict: int) -> int:
    """The key of a subdistrict, if the caller works there; else there is no such page."""
    mine = {row.id for row in overview.subdistricts(current.session())}
    return subdistrict if subdistrict in mine else abort(404)


def _subdistrict(row: Any) -> answers.Subdistrict:
    return answers.Subdistrict(id=row.id, code=row.code, name=row.name, supervision_phone=row.supervision_phone)


def _feature(row: Any, properties: One) -> Feature[One]:
    shape = answers.Geometry(**json.loads(row.shape)) if row.shape else None
    return Feature(id=row.id, geometry=shape, properties=properties)


def _collected(found: Sequence[Feature[One]], asked: FeaturesAsked) -> Features[One]:
    page = page_of(found, asked)
    return Features(features=page.items, page=page.page, pages=page.pages)


def _grid(grid: GridInForce) -> answers.Grid:
    return answers.Grid(
        code=grid.code,
        name=grid.name,
        community=grid.community,
        kind=grid.kind,
        state=grid.state,
        fewest=grid.allowed[0],
        most=grid.allowed[1],
        since=grid.since,
        households=_households(grid.households),
        buildings=grid.buildings,
        residents=grid.residents.number,
        area_m2=round(grid.area, 1),
        workers=list(grid.workers),
        reason=say(grid.reason, language()) if grid.reason else None,
    )


def _households(counted: grids.Households) -> answers.Households:
    return answers.Households(number=counted.number, low=counted.low, high=counted.high, estimated=counted.estimated)


def _figures(found: overview.Overview) -> answers.Figures:
    links = [answers.Linked(kind=each.kind, all=each.every.number, outside=each.outside.number) for each in found.links]
    return answers.Figures(
        on=found.day.on,
        communities=len(found.communities),
        undivided=[each.code for each in found.undivided],
        grids=dict(found.states),
        vacant=len(found.vacant),
        households={str(kind): _households(each) for kind, each in found.households.items()},
        residents=found.residents,
        buildings=found.buildings,
        links=links,
        linked_share=found.linked_share,
    )


OPERATIONS = (
    Operation("/v1/subdistricts", Paged, Page[answers.Subdistrict], list_subdistricts),
    Operation("/v1/subdistricts/{subdistrict}/figures", FiguresAsked, answers.Figures, show_figures),
    Operation(
        "/v1/subdistricts/{subdistrict}/communities",
        FeaturesAsked,
        Features[answers.Community],
        list_communities,
        media=GEOJSON,
    ),
    Operation(
        "/v1/subdistricts/{subdistrict}/resident-groups",
        FeaturesAsked,
        Features[answers.ResidentGroup],
        list_resident_groups,
        media=GEOJSON,
    ),
    Operation(
        "/v1/subdistricts/{subdistrict}/streets", FeaturesAsked, Features[answers.Streets], list_streets, media=GEOJSON
    ),
    Operation("/v1/subdistricts/{subdistrict}/grids", GridsAsked, Features[answers.Grid], list_grids, media=GEOJSON),
    Operation("/v1/grids/{grid}", GridAsked, Feature[answers.Grid], one_grid, media=GEOJSON),
)
__all__ = ["OPERATIONS", "known"]
