"""The map of a result: read, checked, drawn, written in one stroke."""

import tempfile
from pathlib import Path

import geopandas as gpd
import shapely

from gridmap.core.errors import N_, BadInput, Fault
from gridmap.formats.findings import Flaw, Spot, fault
from gridmap.formats.geopackage import layer_names, read_layer
from gridmap.maps.layers import PlanLayers
from gridmap.maps.plan_map import plan_page

DEGREES = "EPSG:4326"
FIGURES = ("households", "buildings", "area_m2", "perimeter_m", "polsby_popper", "radius_m")
NEEDED = {
    "grids": ("grid_code", "community_code", "kind", *FIGURES, "status", "reason"),
    "communities": ("code", "name"),
}
OPTIONAL = ("buildings", "streets", "barriers", "dedicated")

NO_LAYER = Flaw(N_("there is no layer {layer}"), N_("the result of gridmap partition"))
NO_COLUMN = Flaw(N_("there is no column {column}"), N_("the result of gridmap partition"))
NO_GEOMETRY = Flaw(N_("the layer has no geometry"), N_("the result of gridmap partition"))
NO_CRS = Flaw(N_("the layer does not say its coordinate system"), N_("the result of gridmap partition"))
NO_LAND = Flaw(N_("there is no grid and no community in it"), N_("the result of gridmap partition"))
NO_FOLDER = Flaw(N_("the folder {folder} does not exist"), advice=N_("create it, or write elsewhere"))
NOT_WRITABLE = Flaw(N_("nothing can be written there: {reason}"), advice=N_("make room or write elsewhere"))


def map_file(result: Path, target: Path, language: str = "zh_CN") -> None:
    """Draw a result as one HTML page that opens without any network.

    Parameters
    ----------
    result : Path
        GeoPackage that `gridmap partition` wrote, in any CRS.
    target : Path
        Page to write; an existing one is replaced, and left alone if anything fails.
    language : str
        Language the page starts in; its reader can change it. Chinese by default, as everywhere.

    Raises
    ------
    BadInput
        If layers or columns are missing, or the page cannot be written.
    """
    page = plan_page(_plan(result), language)
    try:
        _write(target, page)
    except OSError as error:
        raise BadInput([_unwritable(target, error)]) from None


def _plan(result: Path) -> PlanLayers:
    """The layers of a result, in degrees."""
    stored = layer_names(result)
    missing = [layer for layer in NEEDED if layer not in stored]
    if missing:
        raise BadInput(fault(Spot(result.name), NO_LAYER, named={"layer": layer}) for layer in missing)
    layers = {layer: read_layer(result, layer) for layer in (*NEEDED, *OPTIONAL) if layer in stored}
    if faults := [each for layer, frame in layers.items() for each in _faults(Spot(result.name, layer), frame)]:
        raise BadInput(faults)
    degrees = {layer: _drawable(frame) for layer, frame in layers.items()}
    if degrees["grids"].empty and degrees["communities"].empty:
        raise BadInput([fault(Spot(result.name), NO_LAND)])
    return PlanLayers(
        _title(result, degrees["communities"]), **{layer: degrees.get(layer, _none()) for layer in (*NEEDED, *OPTIONAL)}
    )


def _faults(spot: Spot, frame: gpd.GeoDataFrame) -> list[Fault]:
    if not isinstance(frame, gpd.GeoDataFrame):
        return [fault(spot, NO_GEOMETRY)]
    missing = [column for column in NEEDED.get(spot.layer, ()) if column not in frame.columns]
    unplaced = [fault(spot, NO_CRS)] if frame.crs is None else []
    return unplaced + [fault(spot, NO_COLUMN, column=column, named={"column": column}) for column in missing]


def _drawable(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows with a place, in degrees; whatever has a height is drawn flat."""
    placed = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].to_crs(DEGREES)
    return placed.set_geometry(shapely.force_2d(placed.geometry.to_numpy()), crs=DEGREES).reset_index(drop=True)


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
