"""A plan's layers as the value a page's scripts read."""

import json
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.errors import Message
from gridmap.core.names import GridKind
from gridmap.maps.shapes import (
    STEPS_A_DEGREE,
    Drawn,
    Geometries,
    anchors,
    drawn,
    simplified,
    simplified_coverage,
    tints,
)
from gridmap.maps.words import tag
from gridmap.texts import LANGUAGES, say

LOTS = 0.35
"""Buildings on more than this share of the grids are lots or their like: drawn as dark as footprints they hide all."""
FIGURES = {"households": 0, "buildings": 0, "area_m2": 1, "perimeter_m": 1, "polsby_popper": 3, "radius_m": 1}
"""Figures of a grid and the decimals a page needs of each."""


@dataclass(frozen=True, eq=False)
class PlanLayers:
    """Layers of a plan, in EPSG:4326, with the columns of a result; optional layers may be empty.

    Parameters
    ----------
    title : str
        What the page is called.
    grids, communities, buildings, streets, barriers, dedicated : GeoDataFrame
        As `gridmap partition` writes them.
    allowed : tuple of int or None
        Fewest and most households a grid was to have; None where nobody knows.
    """

    title: str
    grids: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    dedicated: gpd.GeoDataFrame
    allowed: tuple[int, int] | None = None

    @cached_property
    def bounds(self) -> list[float]:
        """West, south, east and north of the land, in degrees."""
        land = np.concatenate([_shapes(self.communities), _shapes(self.grids)])
        return [round(float(edge), 6) for edge in shapely.total_bounds(land)]

    @property
    def lots(self) -> bool:
        """Whether buildings cover so much of the land that they must be lots."""
        return bool(shapely.area(_shapes(self.buildings)).sum() > LOTS * shapely.area(_shapes(self.grids)).sum())

    @property
    def origin(self) -> tuple[int, int]:
        """The south-west corner in millionths of a degree."""
        west, south = self.bounds[:2]
        return round(west * STEPS_A_DEGREE), round(south * STEPS_A_DEGREE)


def page_data(plan: PlanLayers) -> dict[str, Any]:
    """Everything a page shows of a plan, as plain values for JSON.

    Returns
    -------
    dict
        ``title``, ``allowed`` (fewest and most households), ``lots`` (whether buildings are), ``bounds`` (degrees),
        ``origin`` (millionths of a degree), ``grids`` (one object each, in the order of the layer ``areas``) and
        ``layers``: columns by name, with ``shapes`` as `gridmap.maps.shapes.drawn` gives.
    """
    areas = simplified_coverage(_shapes(plan.grids))
    land = simplified_coverage(_shapes(plan.communities))
    return {
        "title": plan.title,
        "allowed": plan.allowed,
        "lots": plan.lots,
        "bounds": plan.bounds,
        "origin": plan.origin,
        "grids": _grids(plan, areas),
        "layers": {
            "areas": {"shapes": drawn(areas, plan.origin)},
            "communities": _layer(plan, plan.communities, land, "code", "name")
            | {"anchor": anchors(land, plan.origin)},
            **_base(plan),
        },
    }


def _base(plan: PlanLayers) -> dict[str, dict[str, list[Any]]]:
    """What stands on the land."""
    columns = {
        "buildings": (plan.buildings, ("building_id", "name", "households")),
        "streets": (plan.streets, ("name", "kind")),
        "barriers": (plan.barriers, ("kind",)),
        "dedicated": (plan.dedicated, ("name",)),
    }
    return {layer: _layer(plan, frame, simplified(_shapes(frame)), *names) for layer, (frame, names) in columns.items()}


def _layer(plan: PlanLayers, frame: gpd.GeoDataFrame, shapes: Geometries, *columns: str) -> dict[str, list[Any]]:
    encoded: list[Drawn] = drawn(shapes, plan.origin)
    return {"shapes": encoded, **{column: _column(frame, column) for column in columns}}


def _shapes(frame: gpd.GeoDataFrame) -> Geometries:
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def _column(frame: gpd.GeoDataFrame, name: str) -> list[Any]:
    """Values of a column as JSON knows them; None for what is missing, also for a column that is not there."""
    if name not in frame.columns:
        return [None] * len(frame)
    known = frame[name].replace([np.inf, -np.inf], np.nan)
    return list(known.astype(object).where(known.notna(), None))


def _grids(plan: PlanLayers, areas: Geometries) -> list[dict[str, Any]]:
    columns = ("grid_code", "community_code", "kind", "status", "reason", "reason_message", *FIGURES)
    rows = zip(*(_column(plan.grids, column) for column in columns), strict=True)
    shown = zip(rows, _places(plan), tints(areas), anchors(areas, plan.origin), strict=True)
    return [
        _grid(dict(zip(columns, row, strict=True)), place) | {"tint": tint, "anchor": anchor}
        for row, place, tint, anchor in shown
    ]


def _grid(row: dict[str, Any], place: str | None) -> dict[str, Any]:
    figures = {name: None if row[name] is None else round(float(row[name]), digits) for name, digits in FIGURES.items()}
    return {
        "code": row["grid_code"],
        "short": short_code(row["grid_code"], row["community_code"]),
        "community_code": row["community_code"],
        "kind": row["kind"],
        "status": row["status"],
        "reason": reasons(row["reason"], row["reason_message"]),
        "place": place,
        **figures,
    }


def _places(plan: PlanLayers) -> list[str | None]:
    """Names of the dedicated land that grids of that kind stand on."""
    names = _column(plan.dedicated, "name")
    inside = shapely.point_on_surface(_shapes(plan.grids))
    found = dict(shapely.STRtree(_shapes(plan.dedicated)).query(inside, predicate="intersects").T.tolist())
    kinds = _column(plan.grids, "kind")
    return [
        names[found[row]] if row in found and kind == GridKind.DEDICATED else None for row, kind in enumerate(kinds)
    ]


def short_code(grid_code: str, community_code: str) -> str:
    """What a grid's code adds to that of its community.

    >>> short_code("110101001001003", "110101001001"), short_code("A-7-003", "A-7"), short_code("X", "A")
    ('003', '003', 'X')
    """
    return grid_code.removeprefix(community_code).lstrip("-") or grid_code


def reasons(plain: str | None, encoded: str | None) -> dict[str, str] | None:
    """A grid's reason in every language, by HTML tag; the plain text where there is nothing to translate.

    Parameters
    ----------
    plain : str or None
        The reason as people read it.
    encoded : str or None
        The same as JSON, ``{"template": ..., "values": {...}}``.

    Examples
    --------
    >>> reasons("12 households", '{"template": "{n} households", "values": {"n": 12}}')["en"]
    '12 households'
    >>> reasons("as it is", "{}")["en"]
    'as it is'
    """
    message = _message(encoded)
    if message is None and not plain:
        return None
    return {tag(language): say(message, language) if message else str(plain) for language in LANGUAGES}


def _message(encoded: str | None) -> Message | None:
    """The message, if it is one whose names all have a plain value: a file must not bring formats of its own."""
    try:
        given = json.loads(encoded or "null")
        template, values = given["template"], given["values"]
        fields = [field[1:] for field in Formatter().parse(template) if field[1] is not None]
    except (ValueError, TypeError, KeyError):
        return None
    plain = all(name in values and not layout and not conversion for name, layout, conversion in fields)
    return Message(template, values) if plain else None
