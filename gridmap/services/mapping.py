"""The map of a result: read, checked, drawn, written in one stroke."""

import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from pandas.api.types import is_numeric_dtype

from gridmap.core.errors import N_, BadInput, Fault
from gridmap.core.names import FaultKind, GridKind, Severity, Status
from gridmap.formats.findings import Flaw, Spot, fault, faults_at
from gridmap.formats.geopackage import NO_FOLDER, NOT_WRITABLE, layer_names, read_layer
from gridmap.maps.layers import FIGURES, PlanLayers
from gridmap.maps.plan_map import plan_page

DEGREES = "EPSG:4326"
NEEDED = {
    "grids": ("grid_code", "community_code", "kind", *FIGURES, "status", "reason"),
    "communities": ("code", "name"),
}
BASE = ("buildings", "streets", "barriers", "dedicated")
FOUND = {
    "faults": ("kind", "severity", "area_m2", "width_m", "grid_codes", "households", "suggestion"),
    "changes": ("building_id", "households", "from_code", "to_code", "reason"),
    "drawn_grids": ("grid_code",),
}
COLUMNS = NEEDED | FOUND
NUMBERS = {"grids": tuple(FIGURES), "faults": ("area_m2", "width_m", "households"), "changes": ("households",)}
TEXTS = ("grid_code", "community_code", "code", "name", "building_id", "from_code", "to_code", "grid_codes")

RESULT = N_("the result of gridmap partition")
NO_LAYER = Flaw(N_("there is no layer {layer}"), RESULT)
NO_COLUMN = Flaw(N_("there is no column {column}"), RESULT)
NO_NUMBERS = Flaw(N_("the column {column} does not hold numbers"), RESULT)
STRANGE = Flaw(N_("an unknown word in the column {column}"), N_("one of {known}"))
NO_GEOMETRY = Flaw(N_("the layer has no geometry"), RESULT)
NO_CRS = Flaw(N_("the layer does not say its coordinate system"), RESULT)
NO_LAND = Flaw(N_("there is no grid and no community in it"), RESULT)


def map_file(result: Path, target: Path, language: str = "zh_CN") -> None:
    """Draw a result as one HTML page that opens without any network.

    Parameters
    ----------
    result : Path
        GeoPackage that `gridmap partition`, `gridmap check` or `gridmap repair` wrote, in any CRS.
    target : Path
        Page to write; an existing one is replaced, and left alone if anything fails.
    language : str
        Language the page starts in; its reader can change it. Chinese by default, as everywhere.

    Raises
    ------
    BadInput
        If layers or columns are missing or hold what no plan holds, or if the page cannot be written.
    """
    page = plan_page(_plan(result), language)
    try:
        _write(target, page)
    except OSError as error:
        raise BadInput([_unwritable(target, error)]) from None


def _plan(result: Path) -> PlanLayers:
    """The layers of a result, in degrees."""
    stored = layer_names(result)
    _stop_at(fault(Spot(result.name), NO_LAYER, named={"layer": layer}) for layer in NEEDED if layer not in stored)
    layers = {layer: read_layer(result, layer) for layer in (*NEEDED, *BASE, *FOUND) if layer in stored}
    _stop_at(each for layer, frame in layers.items() for each in _faults(Spot(result.name, layer), frame))
    drawable = {layer: _drawable(layers[layer]) if layer in layers else _none() for layer in (*NEEDED, *BASE)}
    drawable |= {layer: _drawable(layers[layer]) for layer in FOUND if layer in layers}
    if drawable["grids"].empty and drawable["communities"].empty:
        raise BadInput([fault(Spot(result.name), NO_LAND)])
    return PlanLayers(_title(result, drawable["communities"]), **drawable, allowed=_allowed(result, stored))


def _allowed(result: Path, stored: list[str]) -> tuple[int, int] | None:
    """Fewest and most households that were asked for, where the result says so in whole numbers."""
    profile = read_layer(result, "profile") if "profile" in stored else pd.DataFrame()
    if len(profile) != 1 or not {"minimum", "maximum"} <= set(profile.columns):
        return None
    sizes = pd.to_numeric(profile.iloc[0][["minimum", "maximum"]], errors="coerce")
    return None if sizes.isna().any() else (int(sizes["minimum"]), int(sizes["maximum"]))


def _stop_at(faults: Iterator[Fault]) -> None:
    if found := list(faults):
        raise BadInput(found)


def _faults(spot: Spot, frame: gpd.GeoDataFrame | pd.DataFrame) -> Iterator[Fault]:
    if not isinstance(frame, gpd.GeoDataFrame):
        yield fault(spot, NO_GEOMETRY)
    elif frame.crs is None:
        yield fault(spot, NO_CRS)
    missing = [column for column in COLUMNS.get(spot.layer, ()) if column not in frame.columns]
    yield from (fault(spot, NO_COLUMN, column=column, named={"column": column}) for column in missing)
    if not missing:
        yield from _wrong_values(spot, frame)


def _wrong_values(spot: Spot, frame: pd.DataFrame) -> Iterator[Fault]:
    for column in NUMBERS.get(spot.layer, ()):
        if not (is_numeric_dtype(frame[column]) or frame[column].isna().all()):
            yield fault(spot, NO_NUMBERS, column=column, named={"column": column})
    if spot.layer == "grids":
        household = frame["kind"] != GridKind.DEDICATED
        yield from _strange(spot, frame["kind"], GridKind)
        yield from _strange(spot, frame["status"].where(household, Status.IN_RANGE), Status)
    if spot.layer == "faults":
        yield from _strange(spot, frame["kind"], FaultKind)
        yield from _strange(spot, frame["severity"], Severity)


def _strange(spot: Spot, words: pd.Series, known: type[StrEnum]) -> list[Fault]:
    column = str(words.name)
    named = {"column": column, "known": ", ".join(known)}
    return faults_at(spot, STRANGE, ~words.isin(list(known)), column=column, values=list(words), named=named)


def _drawable(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows with a place, in degrees and flat, whose codes and names are texts."""
    placed = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].to_crs(DEGREES).reset_index(drop=True)
    texts = {column: placed[column].astype(object).fillna("").map(str) for column in TEXTS if column in placed}
    flat = shapely.force_2d(placed.geometry.to_numpy())
    return placed.assign(**texts).set_geometry(flat, crs=DEGREES)


def _none() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=DEGREES)


def _title(result: Path, communities: gpd.GeoDataFrame) -> str:
    """The community's name; of several, the file's."""
    return str(communities["name"].iloc[0]) if len(communities) == 1 else result.stem


def _write(target: Path, page: str) -> None:
    """Write beside the target and move into its place, so that nobody reads half a page."""
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        draft = Path(folder) / "page.html"
        draft.write_text(page, encoding="utf-8")
        draft.replace(target)


def _unwritable(target: Path, error: OSError) -> Fault:
    if not target.parent.is_dir():
        return fault(Spot(target.name), NO_FOLDER, named={"folder": str(target.parent)})
    return fault(Spot(target.name), NOT_WRITABLE, named={"reason": error.strerror or str(error)})
