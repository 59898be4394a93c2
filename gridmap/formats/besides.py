"""What a town package may hold beside the town: incidents, resident groups, shops."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from gridmap.core.errors import N_, BadInput, Fault
from gridmap.core.links import covering
from gridmap.core.town import Town
from gridmap.formats.crosschecks import check_nearby
from gridmap.formats.draft import Draft, read_draft
from gridmap.formats.findings import Flaw, faults_at
from gridmap.formats.layers import AREAS, POINTS, Column, Layer, Reading
from gridmap.formats.mending import bring_to, mend
from gridmap.formats.package import find_layers

INCIDENTS = Layer(
    "incidents",
    POINTS,
    N_("points"),
    (
        Column("number", Reading.IDENTIFIER),
        Column("category", required=True, advice=N_("add a column category that says what happened")),
        Column("occurred_at", Reading.TIME, required=True, advice=N_("add a column occurred_at with date and time")),
        Column("closed_at", Reading.TIME),
        Column("title"),
    ),
)
RESIDENT_GROUPS = Layer(
    "resident_groups",
    AREAS,
    N_("polygons"),
    (
        Column("name", required=True, advice=N_("add a column name with the name of each group")),
        Column("community_code"),
    ),
)
SHOPS = Layer(
    "shops",
    POINTS,
    N_("points"),
    (Column("name", required=True, advice=N_("add a column name with what the sign says")), Column("address")),
)
BESIDES = (INCIDENTS, RESIDENT_GROUPS, SHOPS)

UNKNOWN_COMMUNITY = Flaw(
    N_("no community has this code"), N_("a code of the layer communities"), N_("mend the code, or leave it empty")
)
OUTSIDE = Flaw(N_("it lies in no community"), N_("an area within the communities"))
CLOSED_BEFORE = Flaw(N_("it was closed before it happened"), N_("closed_at later than occurred_at"))


@dataclass(frozen=True, eq=False)
class Besides:
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
    warnings : tuple of Fault
    """

    incidents: gpd.GeoDataFrame
    resident_groups: gpd.GeoDataFrame
    shops: gpd.GeoDataFrame
    warnings: tuple[Fault, ...] = ()


def read_besides(source: Path, town: Town) -> Besides:
    """Read what a town package holds beside the town.

    Parameters
    ----------
    source : Path
        The package that `town` was read from.
    town : Town

    Raises
    ------
    BadInput
        With every fault of these layers.
    """
    stored, faults = find_layers(source)
    drafts = {layer.name: read_draft(layer, stored[layer.name]) for layer in BESIDES if layer.name in stored}
    for draft in drafts.values():
        bring_to(draft, town.crs)
        mend(draft)
        check_nearby(draft, town.communities)
    frames = {layer.name: _rows(layer, drafts, town.crs) for layer in BESIDES}
    incidents = _ended(drafts.get("incidents"), frames["incidents"])
    groups = _at_home(drafts.get("resident_groups"), frames["resident_groups"], town)
    faults += [found for draft in drafts.values() for found in draft.faults]
    if faults:
        raise BadInput(faults)
    warnings = tuple(found for draft in drafts.values() for found in draft.warnings)
    return Besides(incidents, groups, frames["shops"], warnings)


def _rows(layer: Layer, drafts: Mapping[str, Draft], crs: CRS) -> gpd.GeoDataFrame:
    if layer.name in drafts:
        return drafts[layer.name].frame
    return gpd.GeoDataFrame({column.name: [] for column in layer.columns}, geometry=[], crs=crs)


def _ended(draft: Draft | None, incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if draft is None:
        return incidents
    if incidents["closed_at"].isna().all():
        return incidents.assign(closed_at=incidents["occurred_at"])
    pairs = zip(incidents["occurred_at"], incidents["closed_at"], strict=True)
    before = np.array([bool(one and end and _comparable(one) > _comparable(end)) for one, end in pairs])
    draft.faults += faults_at(
        draft.spot, CLOSED_BEFORE, before, column="closed_at", values=list(incidents["closed_at"])
    )
    return incidents


def _comparable(moment: object) -> pd.Timestamp:
    stamp = pd.Timestamp(str(moment))
    return stamp.tz_convert(None) if stamp.tzinfo else stamp


def _at_home(draft: Draft | None, groups: gpd.GeoDataFrame, town: Town) -> gpd.GeoDataFrame:
    """Groups with their communities: by code where one is given, else by where they lie."""
    if draft is None:
        return groups.assign(community=np.empty(0, dtype=np.int64))
    code = groups["community_code"]
    known = {each: position for position, each in enumerate(town.communities["code"])}
    told = np.array([known.get(each, -1) for each in code], dtype=np.int64)
    unknown = (code.notna() & (told < 0)).to_numpy()
    draft.faults += faults_at(draft.spot, UNKNOWN_COMMUNITY, unknown, column="community_code", values=list(code))
    inner = groups.geometry.representative_point().to_numpy()
    found = np.where(told >= 0, told, covering(inner, town.communities.geometry.to_numpy()))
    draft.reject(OUTSIDE, (found < 0) & ~unknown)
    return groups.assign(community=found)
