"""Map page of a result, from file to file."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pandas.api.types import is_numeric_dtype

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.core.vocabulary import FindingKind, GridKind, GridStatus, Severity
from gridmap.formats.results.atomic_file import write_text
from gridmap.formats.results.geopackage import list_layers, read_layer
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault, make_row_faults
from gridmap.maps.plan_layers import MEASURE_DECIMALS, PlanLayers, empty_layer, prepare_layer
from gridmap.maps.plan_map import render_plan_page

REQUIRED_COLUMNS = {
    "grids": ("grid_code", "community_code", "kind", *MEASURE_DECIMALS, "status", "reason"),
    "communities": ("code", "name"),
}
BASE_LAYERS = ("buildings", "streets", "barriers", "dedicated")
OPTIONAL_COLUMNS = {
    "faults": ("kind", "severity", "area_m2", "width_m", "grid_codes", "households", "suggestion"),
    "changes": ("building_id", "households", "from_code", "to_code", "reason"),
    "drawn_grids": ("grid_code",),
    "outlines": ("grid_code",),
}
EXPECTED_COLUMNS = REQUIRED_COLUMNS | OPTIONAL_COLUMNS
ALWAYS_DRAWN = (*REQUIRED_COLUMNS, *BASE_LAYERS)
NUMERIC_COLUMNS = {
    "grids": tuple(MEASURE_DECIMALS),
    "faults": ("area_m2", "width_m", "households"),
    "changes": ("households",),
}

EXPECTED_RESULT = N_("the result of gridmap partition")
NO_LAYER = FaultTemplate(N_("there is no layer {layer}"), EXPECTED_RESULT)
NO_COLUMN = FaultTemplate(N_("there is no column {column}"), EXPECTED_RESULT)
NOT_NUMERIC = FaultTemplate(N_("the column {column} does not hold numbers"), EXPECTED_RESULT)
UNKNOWN_VALUE = FaultTemplate(N_("an unknown value in the column {column}"), N_("one of {known}"))
NO_GEOMETRY = FaultTemplate(N_("the layer has no geometry"), EXPECTED_RESULT)
NO_CRS = FaultTemplate(N_("the coordinate system of the layer is missing"), EXPECTED_RESULT)
NO_LAND = FaultTemplate(N_("it has no grids and no communities"), EXPECTED_RESULT)


def write_map_file(result: Path, target: Path, language: str = "zh_CN") -> None:
    """Draw a result as one HTML page that opens without a network.

    Parameters
    ----------
    result : Path
        GeoPackage that `gridmap partition`, `gridmap check` or `gridmap repair` wrote, in any CRS.
    target : Path
        Page to write; an existing one is replaced, and stays as it is if anything fails.
    language : str
        Language of the page at the start; its reader can change it. Chinese by default, as everywhere.

    Raises
    ------
    InvalidInput
        If layers or columns are missing or have invalid values, or if the page cannot be written.
    """
    write_text(target, render_plan_page(_read_plan_layers(result), language))


def _read_plan_layers(result: Path) -> PlanLayers:
    """Read and check the layers of a result, in degrees."""
    names = list_layers(result)
    frames = _read_checked_layers(result, names)
    layers = {name: prepare_layer(frames[name]) if name in frames else empty_layer() for name in ALWAYS_DRAWN}
    layers |= {name: prepare_layer(frames[name]) for name in OPTIONAL_COLUMNS if name in frames}
    if layers["grids"].empty and layers["communities"].empty:
        raise InvalidInput([make_fault(FaultLocation(result.name), NO_LAND)])
    title = _map_title(result, layers["communities"])
    return PlanLayers(title, **layers, norm_range=_read_norm_range(result, names))


def _read_checked_layers(result: Path, names: list[str]) -> dict[str, gpd.GeoDataFrame]:
    _raise_faults(
        make_fault(FaultLocation(result.name), NO_LAYER, placeholders={"layer": name})
        for name in REQUIRED_COLUMNS
        if name not in names
    )
    frames = {name: read_layer(result, name) for name in (*ALWAYS_DRAWN, *OPTIONAL_COLUMNS) if name in names}
    _raise_faults(
        fault for name, frame in frames.items() for fault in _layer_faults(FaultLocation(result.name, name), frame)
    )
    return frames


def _read_norm_range(result: Path, layers_present: list[str]) -> tuple[int, int] | None:
    """Return the minimum and maximum households of a grid, if the result has both as numbers."""
    profile = read_layer(result, "profile") if "profile" in layers_present else pd.DataFrame()
    if len(profile) != 1 or not {"minimum", "maximum"} <= set(profile.columns):
        return None
    sizes = pd.to_numeric(profile.iloc[0][["minimum", "maximum"]], errors="coerce")
    return None if sizes.isna().any() else (int(sizes["minimum"]), int(sizes["maximum"]))


def _raise_faults(faults: Iterator[InputFault]) -> None:
    if all_faults := list(faults):
        raise InvalidInput(all_faults)


def _layer_faults(location: FaultLocation, frame: gpd.GeoDataFrame | pd.DataFrame) -> Iterator[InputFault]:
    if not isinstance(frame, gpd.GeoDataFrame):
        yield make_fault(location, NO_GEOMETRY)
    elif frame.crs is None:
        yield make_fault(location, NO_CRS)
    missing = [column for column in EXPECTED_COLUMNS.get(location.layer, ()) if column not in frame.columns]
    yield from (make_fault(location, NO_COLUMN, column=column, placeholders={"column": column}) for column in missing)
    if not missing:
        yield from _value_faults(location, frame)


def _value_faults(location: FaultLocation, frame: pd.DataFrame) -> Iterator[InputFault]:
    for column in NUMERIC_COLUMNS.get(location.layer, ()):
        if not (is_numeric_dtype(frame[column]) or frame[column].isna().all()):
            yield make_fault(location, NOT_NUMERIC, column=column, placeholders={"column": column})
    if location.layer == "grids":
        household = frame["kind"] != GridKind.DEDICATED
        yield from _unknown_value_faults(location, frame["kind"], GridKind)
        yield from _unknown_value_faults(location, frame["status"].where(household, GridStatus.IN_RANGE), GridStatus)
    if location.layer == "faults":
        yield from _unknown_value_faults(location, frame["kind"], FindingKind)
        yield from _unknown_value_faults(location, frame["severity"], Severity)


def _unknown_value_faults(location: FaultLocation, column_values: pd.Series, known: type[StrEnum]) -> list[InputFault]:
    column, unknown = str(column_values.name), ~column_values.isin(list(known))
    placeholders = {"column": column, "known": ", ".join(known)}
    return make_row_faults(
        location, UNKNOWN_VALUE, unknown, column=column, values=list(column_values), placeholders=placeholders
    )


def _map_title(result: Path, communities: gpd.GeoDataFrame) -> str:
    """Return the name of a single community; of several, the name of the file."""
    return str(communities["name"].iloc[0]) if len(communities) == 1 else result.stem
