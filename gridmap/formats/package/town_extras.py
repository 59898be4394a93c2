"""What a town package may hold beside the town: incidents, resident groups, shops."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.core.land.point_location import find_covering_shapes
from gridmap.core.land.town import Town
from gridmap.formats.package.crosschecks import check_nearby
from gridmap.formats.package.layer_reader import ParsedLayer, parse_layer
from gridmap.formats.package.layer_repair import repair_polygons, reproject_layer
from gridmap.formats.package.layer_schemas import POINTS, POLYGONS, ColumnSchema, ColumnType, LayerSchema
from gridmap.formats.readers.files import find_layers
from gridmap.formats.row_faults import FaultTemplate, make_row_faults

INCIDENTS = LayerSchema(
    "incidents",
    POINTS,
    N_("points"),
    (
        ColumnSchema("number", ColumnType.IDENTIFIER),
        ColumnSchema("category", required=True, advice=N_("add a column category that says what happened")),
        ColumnSchema(
            "occurred_at", ColumnType.TIME, required=True, advice=N_("add a column occurred_at with date and time")
        ),
        ColumnSchema("closed_at", ColumnType.TIME),
        ColumnSchema("title"),
    ),
)
RESIDENT_GROUPS = LayerSchema(
    "resident_groups",
    POLYGONS,
    N_("polygons"),
    (
        ColumnSchema("name", required=True, advice=N_("add a column name with the name of each group")),
        ColumnSchema("community_code"),
    ),
)
SHOPS = LayerSchema(
    "shops",
    POINTS,
    N_("points"),
    (
        ColumnSchema("name", required=True, advice=N_("add a column name with what the sign says")),
        ColumnSchema("address"),
    ),
)
EXTRA_LAYERS = (INCIDENTS, RESIDENT_GROUPS, SHOPS)

UNKNOWN_COMMUNITY = FaultTemplate(
    N_("no community has this code"), N_("a code of the layer communities"), N_("mend the code, or leave it empty")
)
OUTSIDE_COMMUNITIES = FaultTemplate(N_("it lies in no community"), N_("an area within the communities"))
CLOSED_BEFORE_OCCURRED = FaultTemplate(N_("it was closed before it happened"), N_("closed_at later than occurred_at"))


@dataclass(frozen=True, eq=False)
class TownExtras:
    """Layers beside a town, in its metric CRS; each may be empty.

    Parameters
    ----------
    incidents : GeoDataFrame
        Points with ``number`` (str or None), ``category``, ``title`` (str or None), ``occurred_at`` and ``closed_at``
        (datetime; None while open). A file without ``closed_at`` tells what happened and is over: each of its incidents
        is closed as it happened.
    resident_groups : GeoDataFrame
        ``name``, ``community`` (int64, position in the town's communities).
    shops : GeoDataFrame
        Points with ``name`` and ``address`` (str or None).
    warnings : tuple of InputFault
    """

    incidents: gpd.GeoDataFrame
    resident_groups: gpd.GeoDataFrame
    shops: gpd.GeoDataFrame
    warnings: tuple[InputFault, ...] = ()


def read_town_extras(source: Path, town: Town) -> TownExtras:
    """Read what a town package holds beside the town.

    Parameters
    ----------
    source : Path
        The package that `town` was read from.
    town : Town

    Raises
    ------
    InvalidInput
        With every fault of these layers.
    """
    stored, faults = find_layers(source)
    drafts = {layer.name: parse_layer(layer, stored[layer.name]) for layer in EXTRA_LAYERS if layer.name in stored}
    for draft in drafts.values():
        reproject_layer(draft, town.crs)
        repair_polygons(draft)
        check_nearby(draft, town.communities)
    frames = {layer.name: _layer_frame(layer, drafts, town.crs) for layer in EXTRA_LAYERS}
    incidents = _check_closing_times(drafts.get("incidents"), frames["incidents"])
    groups = _assign_communities(drafts.get("resident_groups"), frames["resident_groups"], town)
    faults += [found for draft in drafts.values() for found in draft.faults]
    if faults:
        raise InvalidInput(faults)
    warnings = tuple(found for draft in drafts.values() for found in draft.warnings)
    return TownExtras(incidents, groups, frames["shops"], warnings)


def _layer_frame(schema: LayerSchema, parsed_layers: Mapping[str, ParsedLayer], crs: CRS) -> gpd.GeoDataFrame:
    if schema.name in parsed_layers:
        return parsed_layers[schema.name].frame
    return gpd.GeoDataFrame({column.name: [] for column in schema.columns}, geometry=[], crs=crs)


def _check_closing_times(parsed: ParsedLayer | None, incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if parsed is None:
        return incidents
    if incidents["closed_at"].isna().all():
        return incidents.assign(closed_at=incidents["occurred_at"])
    pairs = zip(incidents["occurred_at"], incidents["closed_at"], strict=True)
    before = np.array([bool(one and end and _naive_timestamp(one) > _naive_timestamp(end)) for one, end in pairs])
    parsed.faults += make_row_faults(
        parsed.location, CLOSED_BEFORE_OCCURRED, before, column="closed_at", values=list(incidents["closed_at"])
    )
    return incidents


def _naive_timestamp(moment: object) -> pd.Timestamp:
    stamp = pd.Timestamp(str(moment))
    return stamp.tz_convert(None) if stamp.tzinfo else stamp


def _assign_communities(parsed: ParsedLayer | None, groups: gpd.GeoDataFrame, town: Town) -> gpd.GeoDataFrame:
    """Groups with their communities: by code where one is given, else by where they lie."""
    if parsed is None:
        return groups.assign(community=np.empty(0, dtype=np.int64))
    code = groups["community_code"]
    known = {each: position for position, each in enumerate(town.communities["code"])}
    told = np.array([known.get(each, -1) for each in code], dtype=np.int64)
    unknown = (code.notna() & (told < 0)).to_numpy()
    parsed.faults += make_row_faults(
        parsed.location, UNKNOWN_COMMUNITY, unknown, column="community_code", values=list(code)
    )
    inner = groups.geometry.representative_point().to_numpy()
    found = np.where(told >= 0, told, find_covering_shapes(inner, town.communities.geometry.to_numpy()))
    parsed.reject(OUTSIDE_COMMUNITIES, (found < 0) & ~unknown)
    return groups.assign(community=found)
