"""Town packages in: everything wrong with them is said at once, everything else becomes a `Town`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.core.land.town import Town, add_household_ranges
from gridmap.formats.crs import choose_metric_crs
from gridmap.formats.package.crosschecks import (
    assign_communities,
    check_communities,
    check_coordinates,
    check_nearby,
    check_overlaps,
    swap_and_project,
)
from gridmap.formats.package.layer_reader import ParsedLayer, parse_layer
from gridmap.formats.package.layer_repair import repair_polygons, reproject_layer
from gridmap.formats.package.layer_schemas import BUILDINGS, LAYERS, UNCOUNTED_BUILDINGS, ColumnType, LayerSchema
from gridmap.formats.readers.files import LayerSource, find_layers
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

MISSING_LAYER = FaultTemplate(
    N_("there is no layer {layer}"), N_("a layer {layer}; found: {found}"), N_("name the layer {layer}")
)
NOT_CONVERTIBLE_TO_METRES = FaultTemplate(
    N_("the coordinates cannot be turned into metres"), advice=N_("check the CRS")
)
NO_STREETS = FaultTemplate(N_("there are no streets"), advice=N_("add a layer streets, so that grids can follow them"))


@dataclass
class ParsedPackage:
    """All layers of a package on their way in."""

    layers: dict[str, ParsedLayer] = field(default_factory=dict)
    faults: list[InputFault] = field(default_factory=list)

    def all_faults(self) -> list[InputFault]:
        """Faults of the package, then those of its layers in the order of `LAYERS`."""
        return self.faults + [found for draft in self.layers.values() for found in draft.faults]


def read_town(source: Path, *, allow_overlaps: bool = False, require_households: bool = True) -> Town:
    """Read a town package.

    Parameters
    ----------
    source : Path
        A GeoPackage with the layers communities, buildings and, if there are any, streets, barriers, railway,
        dedicated and subdistrict; or a folder with a GeoJSON file or Shapefile for each of them. Any CRS, also one per
        layer.
    allow_overlaps : bool
        Whether overlapping communities are let in, for those who look for just that. Otherwise they are faults: land
        of two communities cannot be divided.
    require_households : bool
        Whether every building must have its households. Otherwise they are NaN where they are missing, for those who
        estimate them, and wrong levels are faults.

    Returns
    -------
    Town
        In the CRS of the communities if its metres are true, otherwise in their UTM zone. Small things that were
        mended or assumed are in its warnings.

    Raises
    ------
    InvalidInput
        With every fault of the package: file, layer, row, id, column, value, what was expected and what to do. Of many
        faults of one kind in a column the first twenty are listed and the others counted.

    Examples
    --------
    >>> try:
    ...     read_town(Path("nowhere.gpkg"))
    ... except InvalidInput as bad:
    ...     print(bad)
    there is no such file or folder
    """
    stored, faults = find_layers(source)
    drafts = ParsedPackage(faults=faults)
    for layer in LAYERS:
        _parse_layer(
            drafts, UNCOUNTED_BUILDINGS if layer is BUILDINGS and not require_households else layer, stored, source
        )
    crs = _choose_crs(drafts)
    if crs is not None:
        _check_projected(drafts, crs, allow_overlaps)
    if drafts.all_faults() or crs is None:
        raise InvalidInput(drafts.all_faults())
    return _build_town(source, drafts, crs, require_households)


def _parse_layer(
    package: ParsedPackage, schema: LayerSchema, layer_sources: Mapping[str, LayerSource], source: Path
) -> None:
    if schema.name in layer_sources:
        try:
            package.layers[schema.name] = parse_layer(schema, layer_sources[schema.name])
        except InvalidInput as bad:
            package.faults += bad.faults
    elif schema.required and not any(found.layer.lower() == schema.name for found in package.faults):
        named = {"layer": schema.name, "found": ", ".join(layer_sources) or "–"}
        package.faults.append(make_fault(FaultLocation(source.name, schema.name), MISSING_LAYER, placeholders=named))


def _choose_crs(package: ParsedPackage) -> CRS | None:
    """The CRS to work in: that of the communities, or for finding more faults that of any other layer."""
    if "communities" in package.layers:
        check_coordinates(package.layers["communities"])
    for draft in package.layers.values():
        crs = None if draft.valid_rows.empty else choose_metric_crs(draft.valid_rows)
        if crs is not None:
            return crs
        if draft.is_valid.any():
            draft.reject_all(NOT_CONVERTIBLE_TO_METRES)
    return None


def _check_projected(package: ParsedPackage, crs: CRS, allow_overlaps: bool) -> None:
    layers = package.layers
    turned = swap_and_project(layers["buildings"].valid_rows, crs) if "buildings" in layers else None
    for draft in layers.values():
        reproject_layer(draft, crs)
        repair_polygons(draft)
    if "dedicated" in layers:
        check_overlaps(layers["dedicated"])
    if "communities" not in layers:
        return
    check_communities(layers["communities"], allow_overlaps=allow_overlaps)
    for name in set(layers) - {"communities", "buildings"}:
        check_nearby(layers[name], layers["communities"].valid_rows)
    if "buildings" in layers:
        buildings = layers["buildings"]
        buildings.frame["community"] = assign_communities(buildings, layers["communities"], turned)


def _build_town(source: Path, package: ParsedPackage, crs: CRS, require_households: bool) -> Town:
    layers = {layer.name: _layer_frame(package, layer, crs) for layer in LAYERS}
    buildings = add_household_ranges(layers["buildings"])
    if require_households:
        buildings = buildings.astype({"households": np.int64})
    warnings = [found for draft in package.layers.values() for found in draft.warnings]
    if layers["streets"].empty:
        warnings.append(make_fault(FaultLocation(source.name, "streets"), NO_STREETS))
    barriers = pd.concat([layers["barriers"], layers["railway"]], ignore_index=True)
    return Town(
        name=source.stem,
        crs=crs,
        source_crs=package.layers["communities"].source_crs or crs,
        communities=layers["communities"],
        buildings=buildings,
        streets=_explode_parts(layers["streets"]),
        barriers=_explode_parts(gpd.GeoDataFrame(barriers, crs=crs)),
        dedicated=_remove_overlaps(_explode_parts(layers["dedicated"])),
        warnings=tuple(warnings),
        subdistrict=_subdistrict_outline(layers["subdistrict"]),
    )


def _layer_frame(package: ParsedPackage, schema: LayerSchema, crs: CRS) -> gpd.GeoDataFrame:
    """Rows of a layer, none if the package does not have it."""
    if schema.name in package.layers:
        return package.layers[schema.name].frame
    columns = {
        column.name: pd.Series([], dtype=object) for column in schema.columns if column.value_type != ColumnType.COUNT
    }
    return gpd.GeoDataFrame(columns, geometry=[], crs=crs)


def _subdistrict_outline(subdistrict: gpd.GeoDataFrame) -> shapely.Geometry | None:
    """One outline of the subdistrict, whatever pieces it is drawn in."""
    return None if subdistrict.empty else subdistrict.union_all()


def _explode_parts(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row for each part of a shape; a line of no length is none."""
    parts = layer.explode(index_parts=False, ignore_index=True)
    return parts[shapely.length(parts.geometry.to_numpy()) > 0].reset_index(drop=True)


def _remove_overlaps(dedicated: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dedicated land without the digitising noise by which neighbours overlap: the earlier one keeps it."""
    shapes = dedicated.geometry.to_numpy().copy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    for i, j in zip(first[first > second], second[first > second], strict=True):
        parts = shapely.get_parts(shapely.difference(shapes[i], shapes[j]))
        shapes[i] = parts[np.argmax(shapely.area(parts))]
    return dedicated.set_geometry(gpd.GeoSeries(shapes, crs=dedicated.crs))
