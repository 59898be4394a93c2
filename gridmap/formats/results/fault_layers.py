"""Layers of a check: faults, the grids as drawn, and their town, in the town's own CRS."""

import json
from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd

from gridmap.core.array_types import GeometryArray
from gridmap.core.coverage.checks import DrawnGrids, Finding
from gridmap.core.land.town import Town
from gridmap.core.plans.profile import Profile
from gridmap.formats.results.result_layers import build_town_layers, message_to_json, profile_table

COLUMN_TYPES = {
    "fault_id": "int64",
    "area_m2": "float64",
    "width_m": "float64",
    "households": "int64",
    "buildings": "int64",
}
TEXT_COLUMNS = ("kind", "severity", "grid_codes", "community_code", "suggestion", "suggestion_message")


def build_fault_layers(
    town: Town, grids: gpd.GeoDataFrame, grid_of_building: GeometryArray, faults: gpd.GeoDataFrame, profile: Profile
) -> Mapping[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Build the layers of a check, ready to write.

    Parameters
    ----------
    town : Town
    grids : GeoDataFrame
        As drawn, from `gridmap.core.coverage.drawn_measures.drawn_grid_table`.
    grid_of_building : ndarray of str or None
        Code or number of the grid that each building was drawn in.
    faults : GeoDataFrame
        From `build_fault_table`.
    profile : Profile
        Range of households that sizes were compared with.

    Returns
    -------
    mapping of str to GeoDataFrame or DataFrame
        ``profile``, ``faults``, ``grids`` and the town's own layers, so that a map needs no other file.
    """
    spatial = {
        "faults": faults,
        "grids": grids.assign(reason_message=None),
        **build_town_layers(town, grid_of_building),
    }
    return {
        "profile": profile_table(profile),
        **{name: layer.to_crs(town.source_crs) for name, layer in spatial.items()},
    }


def build_fault_table(
    town: Town, drawn: DrawnGrids, findings: Sequence[Finding], suggestions: Sequence[str]
) -> gpd.GeoDataFrame:
    """Build the fault layer: one row for each finding, in their order.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    findings : sequence of Finding
    suggestions : sequence of str
        Advice for each finding, in the reader's language.

    Returns
    -------
    GeoDataFrame
        ``fault_id`` (from 1), ``kind``, ``severity``, ``area_m2``, ``width_m``, ``grid_codes`` (separated by commas),
        ``community_code``, ``households``, ``buildings``, ``suggestion`` and ``suggestion_message``, in metres.
    """
    labels = drawn.labels()
    community_codes = [*town.communities["code"], None]
    rows = [_fault_row(finding, labels, community_codes[finding.community]) for finding in findings]
    table = pd.DataFrame(rows, columns=[*COLUMN_TYPES, *TEXT_COLUMNS])
    table = table.assign(fault_id=range(1, len(rows) + 1), suggestion=suggestions).astype(COLUMN_TYPES)
    order = [
        "fault_id",
        *TEXT_COLUMNS[:2],
        "area_m2",
        "width_m",
        *TEXT_COLUMNS[2:4],
        "households",
        "buildings",
        *TEXT_COLUMNS[4:],
    ]
    return gpd.GeoDataFrame(table[order], geometry=[finding.geometry for finding in findings], crs=town.crs)


def _fault_row(finding: Finding, grid_labels: Sequence[str], community_code: str | None) -> dict[str, object]:
    return {
        "kind": str(finding.kind),
        "severity": str(finding.severity),
        "area_m2": round(finding.area_m2, 2),
        "width_m": round(finding.width_m, 2),
        "grid_codes": ",".join(grid_labels[grid] for grid in finding.grids),
        "community_code": community_code,
        "households": finding.households,
        "buildings": finding.buildings,
        "suggestion_message": json.dumps(message_to_json(finding.suggestion), ensure_ascii=False),
    }
