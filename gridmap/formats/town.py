"""Town packages in: everything wrong with them is said at once, everything else becomes a `Town`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.core.errors import N_, BadInput, Fault
from gridmap.core.town import Town, with_ranges
from gridmap.formats.crosschecks import (
    check_communities,
    check_coordinates,
    check_nearby,
    check_overlaps,
    place,
    turn,
)
from gridmap.formats.draft import Draft, read_draft
from gridmap.formats.findings import Flaw, Spot, fault
from gridmap.formats.layers import BUILDINGS, LAYERS, UNCOUNTED, Layer, Reading
from gridmap.formats.mending import bring_to, mend
from gridmap.formats.metric import metric_crs
from gridmap.formats.package import Stored, find_layers

NO_LAYER = Flaw(N_("there is no layer {layer}"), N_("a layer {layer}; found: {found}"), N_("name the layer {layer}"))
NO_METRES = Flaw(N_("the coordinates cannot be turned into metres"), advice=N_("check the CRS"))
NO_STREETS = Flaw(N_("there are no streets"), advice=N_("add a layer streets, so that grids can follow them"))


@dataclass
class Drafts:
    """All layers of a package on their way in."""

    by_name: dict[str, Draft] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def all_faults(self) -> list[Fault]:
        """Faults of the package, then those of its layers in the order of `LAYERS`."""
        return self.faults + [found for draft in self.by_name.values() for found in draft.faults]


def read_town(source: Path, *, communities_may_overlap: bool = False, counted: bool = True) -> Town:
    """Read a town package.

    Parameters
    ----------
    source : Path
        A GeoPackage with the layers communities, buildings and, if there are any, streets, barriers, railway,
        dedicated and subdistrict; or a folder with a GeoJSON file or Shapefile for each of them. Any CRS, also one per
        layer.
    communities_may_overlap : bool
        Whether overlapping communities are let in, for those who look for just that. Otherwise they are faults: land
        of two communities cannot be divided.
    counted : bool
        Whether every building must have its households. Otherwise they are NaN where they are missing, for those who
        estimate them, and wrong levels are faults.

    Returns
    -------
    Town
        In the CRS of the communities if its metres are true, otherwise in their UTM zone. Small things that were
        mended or assumed are in its warnings.

    Raises
    ------
    BadInput
        With every fault of the package: file, layer, row, id, column, value, what was expected and what to do. Of many
        faults of one kind in a column the first twenty are listed and the others counted.

    Examples
    --------
    >>> try:
    ...     read_town(Path("nowhere.gpkg"))
    ... except BadInput as bad:
    ...     print(bad)
    there is no such file or folder
    """
    stored, faults = find_layers(source)
    drafts = Drafts(faults=faults)
    for layer in LAYERS:
        _read_layer(drafts, UNCOUNTED if layer is BUILDINGS and not counted else layer, stored, source)
    crs = _agree_on_metres(drafts)
    if crs is not None:
        _check_in_metres(drafts, crs, communities_may_overlap)
    if drafts.all_faults() or crs is None:
        raise BadInput(drafts.all_faults())
    return _town(source, drafts, crs, counted)


def _read_layer(drafts: Drafts, layer: Layer, stored: Mapping[str, Stored], source: Path) -> None:
    if layer.name in stored:
        try:
            drafts.by_name[layer.name] = read_draft(layer, stored[layer.name])
        except BadInput as bad:
            drafts.faults += bad.faults
    elif layer.required and not any(found.layer.lower() == layer.name for found in drafts.faults):
        named = {"layer": layer.name, "found": ", ".join(stored) or "–"}
        drafts.faults.append(fault(Spot(source.name, layer.name), NO_LAYER, named=named))


def _agree_on_metres(drafts: Drafts) -> CRS | None:
    """The CRS to work in: that of the communities, or for finding more faults that of any other layer."""
    if "communities" in drafts.by_name:
        check_coordinates(drafts.by_name["communities"])
    for draft in drafts.by_name.values():
        crs = None if draft.usable.empty else metric_crs(draft.usable)
        if crs is not None:
            return crs
        if draft.sound.any():
            draft.reject_all(NO_METRES)
    return None


def _check_in_metres(drafts: Drafts, crs: CRS, may_overlap: bool) -> None:
    layers = drafts.by_name
    turned = turn(layers["buildings"].usable, crs) if "buildings" in layers else None
    for draft in layers.values():
        bring_to(draft, crs)
        mend(draft)
    if "dedicated" in layers:
        check_overlaps(layers["dedicated"])
    if "communities" not in layers:
        return
    check_communities(layers["communities"], may_overlap=may_overlap)
    for name in set(layers) - {"communities", "buildings"}:
        check_nearby(layers[name], layers["communities"].usable)
    if "buildings" in layers:
        buildings = layers["buildings"]
        buildings.frame["community"] = place(buildings, layers["communities"], turned)


def _town(source: Path, drafts: Drafts, crs: CRS, counted: bool) -> Town:
    layers = {layer.name: _rows(drafts, layer, crs) for layer in LAYERS}
    buildings = with_ranges(layers["buildings"])
    if counted:
        buildings = buildings.astype({"households": np.int64})
    warnings = [found for draft in drafts.by_name.values() for found in draft.warnings]
    if layers["streets"].empty:
        warnings.append(fault(Spot(source.name, "streets"), NO_STREETS))
    barriers = pd.concat([layers["barriers"], layers["railway"]], ignore_index=True)
    return Town(
        name=source.stem,
        crs=crs,
        source_crs=drafts.by_name["communities"].source_crs or crs,
        communities=layers["communities"],
        buildings=buildings,
        streets=_singles(layers["streets"]),
        barriers=_singles(gpd.GeoDataFrame(barriers, crs=crs)),
        dedicated=_apart(_singles(layers["dedicated"])),
        warnings=tuple(warnings),
        subdistrict=_outline(layers["subdistrict"]),
    )


def _rows(drafts: Drafts, layer: Layer, crs: CRS) -> gpd.GeoDataFrame:
    """Rows of a layer, none if the package does not have it."""
    if layer.name in drafts.by_name:
        return drafts.by_name[layer.name].frame
    columns = {column.name: pd.Series([], dtype=object) for column in layer.columns if column.reading != Reading.COUNT}
    return gpd.GeoDataFrame(columns, geometry=[], crs=crs)


def _outline(subdistrict: gpd.GeoDataFrame) -> shapely.Geometry | None:
    """One outline of the subdistrict, whatever pieces it is drawn in."""
    return None if subdistrict.empty else subdistrict.union_all()


def _singles(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row for each part of a shape; a line of no length is none."""
    parts = layer.explode(index_parts=False, ignore_index=True)
    return parts[shapely.length(parts.geometry.to_numpy()) > 0].reset_index(drop=True)


def _apart(dedicated: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dedicated land without the digitising noise by which neighbours overlap: the earlier one keeps it."""
    shapes = dedicated.geometry.to_numpy().copy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    for i, j in zip(first[first > second], second[first > second], strict=True):
        parts = shapely.get_parts(shapely.difference(shapes[i], shapes[j]))
        shapes[i] = parts[np.argmax(shapely.area(parts))]
    return dedicated.set_geometry(gpd.GeoSeries(shapes, crs=dedicated.crs))
