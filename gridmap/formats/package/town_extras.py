"""Optional layers of a town package: incidents, resident groups and shops."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.core.field_lengths import (
    MAX_ADDRESS_LETTERS,
    MAX_CATEGORY_LETTERS,
    MAX_CODE_LETTERS,
    MAX_INCIDENT_NUMBER_LETTERS,
    MAX_TITLE_LETTERS,
)
from gridmap.core.land.point_location import locate_points
from gridmap.core.land.town import Town
from gridmap.core.text_comparison import fold_text
from gridmap.formats.intake.source_file import SourceLike, open_source
from gridmap.formats.package.checks.crosschecks import check_nearby, community_positions
from gridmap.formats.package.checks.crs import lonlat_bounds
from gridmap.formats.package.checks.incidents import check_incidents
from gridmap.formats.package.layer_reader import ParsedLayer, layer_frame, parse_layer, reject_unknown_crs
from gridmap.formats.package.layer_repair import repair_polygons, reproject_layer
from gridmap.formats.package.layer_schemas import POINTS, POLYGONS, ColumnSchema, ColumnType, LayerSchema
from gridmap.formats.package.row_units import unite_rows
from gridmap.formats.row_faults import FaultTemplate, make_row_faults

INCIDENTS = LayerSchema(
    "incidents",
    POINTS,
    N_("points"),
    (
        ColumnSchema("number", ColumnType.IDENTIFIER, max_letters=MAX_INCIDENT_NUMBER_LETTERS),
        ColumnSchema(
            "category",
            required=True,
            max_letters=MAX_CATEGORY_LETTERS,
            advice=N_("add a column category with the kind of incident"),
        ),
        ColumnSchema(
            "occurred_at", ColumnType.TIME, required=True, advice=N_("add a column occurred_at with date and time")
        ),
        ColumnSchema("closed_at", ColumnType.TIME),
        ColumnSchema("title", max_letters=MAX_TITLE_LETTERS),
    ),
)
RESIDENT_GROUPS = LayerSchema(
    "resident_groups",
    POLYGONS,
    N_("polygons"),
    (
        ColumnSchema("name", required=True, advice=N_("add a column name with the name of each group")),
        ColumnSchema("community_code", max_letters=MAX_CODE_LETTERS, is_code=True),
    ),
)
SHOPS = LayerSchema(
    "shops",
    POINTS,
    N_("points"),
    (
        ColumnSchema("name", required=True, advice=N_("add a column name with the name of the shop")),
        ColumnSchema("address", max_letters=MAX_ADDRESS_LETTERS),
    ),
)
EXTRA_LAYERS = (INCIDENTS, RESIDENT_GROUPS, SHOPS)

UNKNOWN_COMMUNITY = FaultTemplate(
    N_("no community has this code"), N_("a code of the layer communities"), N_("correct the code, or leave it empty")
)
REPEATED_GROUP = FaultTemplate(
    N_("row {first} is a resident group of this name in the same community"),
    N_("one row for each group"),
    N_("give each group its own name; if they are one group, merge them into one shape of several parts"),
)
OUTSIDE_COMMUNITIES = FaultTemplate(N_("it lies in no community"), N_("an area within the communities"))


@dataclass(frozen=True, eq=False)
class TownExtras:
    """Optional layers of a town, in its metric CRS; each may be empty.

    Parameters
    ----------
    incidents : GeoDataFrame
        Points with ``number`` (str or None), ``category``, ``title`` (str or None), ``occurred_at`` and ``closed_at``
        (datetime; None while open). In a file without ``closed_at``, each incident counts as closed when it occurred.
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


def read_town_extras(source: SourceLike, town: Town) -> TownExtras:
    """Read the optional layers of a town package.

    Parameters
    ----------
    source : Path, InputSource or OpenSource
        The package that `town` was read from.
    town : Town
        Town of the package.

    Raises
    ------
    InvalidInput
        With every fault of these layers.
    """
    with open_source(source) as opened:
        faults, sources = list(opened.faults), opened.layers
        layers = {
            schema.name: parse_layer(schema, sources[schema.name]) for schema in EXTRA_LAYERS if schema.name in sources
        }
    if groups_layer := layers.get("resident_groups"):
        unite_rows(groups_layer, _group_keys(groups_layer), "name")
    for layer in layers.values():
        reject_unknown_crs(layer, lonlat_bounds(town.communities))
        reproject_layer(layer, town.crs)
        repair_polygons(layer)
        check_nearby(layer, town.communities)
    if incidents := layers.get("incidents"):
        check_incidents(incidents, town)
        if incidents.frame["closed_at"].isna().all():
            incidents.frame = incidents.frame.assign(closed_at=incidents.frame["occurred_at"])
    frames = {schema.name: layer_frame(schema, layers, town.crs) for schema in EXTRA_LAYERS}
    groups = _assign_communities(layers.get("resident_groups"), frames["resident_groups"], town)
    faults += [fault for layer in layers.values() for fault in layer.faults]
    if faults:
        raise InvalidInput(faults)
    warnings = tuple(warning for layer in layers.values() for warning in layer.warnings)
    return TownExtras(frames["incidents"], groups, frames["shops"], warnings)


def read_resident_groups(source: SourceLike, town: Town) -> gpd.GeoDataFrame:
    """Read the resident groups of a town package, as `read_town_extras` does, and none of the other layers."""
    with open_source(source) as opened:
        layers = {name: layer for name, layer in opened.layers.items() if name == RESIDENT_GROUPS.name}
        return read_town_extras(replace(opened, layers=layers), town).resident_groups


def _group_keys(groups: ParsedLayer) -> pd.Series:
    """Return community and name of each group, None without a community: names recur in others."""
    code, name = (groups.frame[column].map(fold_text, na_action="ignore") for column in ("community_code", "name"))
    keys: pd.Series = (code + "\n" + name).astype(object)
    return keys.where(keys.notna(), None)


def _assign_communities(parsed: ParsedLayer | None, groups: gpd.GeoDataFrame, town: Town) -> gpd.GeoDataFrame:
    """Add the community of each group: by its code if it has one, otherwise by its location."""
    if parsed is None:
        return groups.assign(community=np.empty(0, dtype=np.int64))
    codes = groups["community_code"]
    by_code = community_positions(codes, town)
    unknown = (codes.notna() & (by_code < 0)).to_numpy()
    parsed.faults += make_row_faults(
        parsed.location, UNKNOWN_COMMUNITY, unknown, column="community_code", values=list(codes)
    )
    points = groups.geometry.representative_point().to_numpy()
    by_location = locate_points(points, town.communities.geometry.to_numpy())
    community = np.where(by_code >= 0, by_code, by_location)
    parsed.reject(OUTSIDE_COMMUNITIES, (community < 0) & ~unknown)
    _check_names(parsed, community)
    return groups.assign(community=community)


def _check_names(groups: ParsedLayer, community: IntArray) -> None:
    """Check that no two groups of a community have one name."""
    names = groups.frame["name"].map(fold_text, na_action="ignore")
    rows = pd.Series(np.arange(len(names)))
    first = rows.groupby([community, names.to_numpy()]).transform("min").fillna(rows).to_numpy(dtype=np.int64)
    groups.faults += make_row_faults(
        groups.location,
        REPEATED_GROUP,
        (first < rows.to_numpy()) & (community >= 0) & groups.is_valid,
        column="name",
        values=list(groups.frame["name"]),
        placeholders=lambda row: {"first": groups.location.row_number(int(first[row]))},
    )
