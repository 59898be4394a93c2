"""Reading of town packages: all faults are reported at once."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.core.households.load import Load
from gridmap.core.land.town import Town, add_household_ranges
from gridmap.formats.crs import choose_metric_crs
from gridmap.formats.intake.source_file import OpenSource, SourceLike, open_source
from gridmap.formats.package.checks.crosschecks import (
    assign_communities,
    check_communities,
    check_nearby,
    check_overlaps,
)
from gridmap.formats.package.checks.crs import check_crs_of_layers
from gridmap.formats.package.checks.plausibility import check_layer_shift, check_plausibility
from gridmap.formats.package.layer_reader import ParsedLayer, layer_frame, parse_layer
from gridmap.formats.package.layer_repair import repair_polygons, reproject_layer
from gridmap.formats.package.layer_schemas import BUILDINGS, COMMUNITIES, LAYERS, UNCOUNTED_BUILDINGS, LayerSchema
from gridmap.formats.package.load_columns import add_load, load_schema
from gridmap.formats.package.narrow_faults import mend_communities
from gridmap.formats.package.row_units import unite_rows
from gridmap.formats.package.shared_borders import match_layers
from gridmap.formats.package.stated_columns import check_stated_columns
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

MISSING_LAYER = FaultTemplate(
    N_("there is no layer {layer}"), N_("a layer {layer}; found: {found}"), N_("name the layer {layer}")
)
NOT_CONVERTIBLE_TO_METRES = FaultTemplate(
    N_("the coordinates cannot be converted to metres"), advice=N_("check the CRS")
)
NO_STREETS = FaultTemplate(
    N_("there are no streets"), advice=N_("add a layer streets, so that grids can follow streets")
)
LAND_LAYERS = ("communities", "dedicated", "subdistrict")
"""Layers whose polygons share borders with each other and with grids."""


@dataclass
class ParsedPackage:
    """Layers of a package while they are checked."""

    layers: dict[str, ParsedLayer] = field(default_factory=dict)
    faults: list[InputFault] = field(default_factory=list)

    def all_faults(self) -> list[InputFault]:
        """Return the faults of the package, then those of its layers in the order of `LAYERS`."""
        return self.faults + [fault for layer in self.layers.values() for fault in layer.faults]


def read_town(
    source: SourceLike,
    *,
    allow_overlaps: bool = False,
    require_households: bool = True,
    require_datum: bool = False,
    grids: ParsedLayer | None = None,
    load: Load | None = None,
) -> Town:
    """Read a town package.

    Parameters
    ----------
    source : Path, InputSource or OpenSource
        A file with the layers communities, buildings and, if there are any, streets, barriers, railway, dedicated and
        subdistrict; or a folder or ZIP file with a file for each of them. Any CRS, also one per layer.
    allow_overlaps : bool
        Accept communities with gaps and overlaps as they are, for a check that looks for them. Otherwise narrow ones
        are mended with a warning, up to the width that the options of the source name, and wider overlaps are faults:
        land of two communities cannot be partitioned.
    require_households : bool
        Require the households of every building. Otherwise missing ones are NaN, for an estimate, and wrong levels are
        faults.
    require_datum : bool
        Require that the datum is named for longitudes and latitudes in China that might be those of web maps: land
        that is stored in a wrong place stays there. Otherwise there is a warning.
    grids : ParsedLayer, optional
        Grids in the coordinates of their file. Where that is the CRS of the town, their borders are matched with those
        of the town, vertex for vertex.
    load : Load, optional
        Load of grids, where that is not households; its columns must be filled in every row.

    Returns
    -------
    Town
        In the CRS of the communities if its metres are true, otherwise in their UTM zone. Its warnings list small
        repairs, assumptions, and what is not plausible.

    Raises
    ------
    InvalidInput
        With every fault of the package: file, layer, row, id, column, value, expectation and advice. Of many faults of
        one kind in a column, the first twenty are listed and the others counted.

    Examples
    --------
    >>> from pathlib import Path
    >>> try:
    ...     read_town(Path("nowhere.gpkg"))
    ... except InvalidInput as bad:
    ...     print(bad)
    there is no such file or folder
    """
    with open_source(source) as opened:
        package = ParsedPackage(faults=[*opened.faults, *check_stated_columns(opened)])
        for schema in LAYERS:
            _parse_layer(package, _schema_to_read(schema, require_households, load), opened)
    crs = _choose_crs(package, require_datum)
    if crs is not None:
        _match_borders(package, grids, 0.0 if allow_overlaps else opened.source.options.mend_width_m)
        _check_projected(package, crs, allow_overlaps)
    if package.all_faults() or crs is None:
        raise InvalidInput(package.all_faults())
    town = _build_town(opened, package, crs, require_households)
    return add_load(town, load) if load else town


def _schema_to_read(schema: LayerSchema, require_households: bool, load: Load | None) -> LayerSchema:
    if schema is not BUILDINGS:
        return schema
    buildings = BUILDINGS if require_households else UNCOUNTED_BUILDINGS
    return load_schema(buildings, load) if load else buildings


def _parse_layer(package: ParsedPackage, schema: LayerSchema, opened: OpenSource) -> None:
    if schema.name in opened.layers:
        try:
            package.layers[schema.name] = layer = parse_layer(schema, opened.layers[schema.name])
            if schema is COMMUNITIES:
                unite_rows(layer, layer.frame["code"], "code")
        except InvalidInput as error:
            package.faults += error.faults
    elif schema.required and not any(fault.layer.lower() == schema.name for fault in package.faults):
        placeholders = {"layer": schema.name, "found": ", ".join(opened.layers) or "–"}
        location = FaultLocation(opened.name, schema.name)
        package.faults.append(make_fault(location, MISSING_LAYER, placeholders=placeholders))
        package.faults += [fault for fault in opened.foreign if fault not in package.faults]


def _choose_crs(package: ParsedPackage, require_datum: bool) -> CRS | None:
    """Choose the CRS of the communities or, to find more faults, that of another layer."""
    check_crs_of_layers(package.layers, require_datum=require_datum)
    for layer in package.layers.values():
        crs = None if layer.valid_rows.empty else choose_metric_crs(layer.valid_rows)
        if crs is not None:
            return crs
        if layer.is_valid.any():
            layer.reject_all(NOT_CONVERTIBLE_TO_METRES)
    return None


def _layers_of_land(package: ParsedPackage, grids: ParsedLayer | None) -> list[ParsedLayer]:
    """Return the layers whose polygons share borders; buildings do not."""
    layers = [package.layers[name] for name in LAND_LAYERS if name in package.layers]
    return [*layers, grids] if grids else layers


def _match_borders(package: ParsedPackage, grids: ParsedLayer | None, mend_width_m: float) -> None:
    """Match borders in the coordinates of their files; mended communities have vertices that others must follow."""
    layers = _layers_of_land(package, grids)
    match_layers(layers)
    if "communities" in package.layers and mend_communities(package.layers["communities"], mend_width_m):
        match_layers(layers)


def _check_projected(package: ParsedPackage, crs: CRS, allow_overlaps: bool) -> None:
    layers = package.layers
    as_read = layers["buildings"].valid_rows if "buildings" in layers else None
    for layer in layers.values():
        reproject_layer(layer, crs)
        repair_polygons(layer)
    if "dedicated" in layers:
        check_overlaps(layers["dedicated"])
    if "communities" not in layers:
        return
    check_communities(layers["communities"], allow_overlaps=allow_overlaps)
    for name in set(layers) - {"communities", "buildings"}:
        check_nearby(layers[name], layers["communities"].valid_rows)
    if "buildings" in layers:
        buildings = layers["buildings"]
        buildings.frame["community"] = assign_communities(buildings, layers["communities"], as_read)
        check_layer_shift(buildings, layers["communities"], layers.get("streets"))


def _build_town(opened: OpenSource, package: ParsedPackage, crs: CRS, require_households: bool) -> Town:
    layers = {schema.name: layer_frame(schema, package.layers, crs) for schema in LAYERS}
    buildings = add_household_ranges(layers["buildings"])
    if require_households:
        buildings = buildings.astype({"households": np.int64})
    warnings = [warning for layer in package.layers.values() for warning in layer.warnings]
    if layers["streets"].empty:
        warnings.append(make_fault(FaultLocation(opened.name, "streets"), NO_STREETS))
    warnings += check_plausibility(package.layers["buildings"], layers["dedicated"], layers["barriers"])
    barriers = pd.concat([layers["barriers"], layers["railway"]], ignore_index=True)
    return Town(
        name=opened.stem,
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


def _subdistrict_outline(subdistrict: gpd.GeoDataFrame) -> shapely.Geometry | None:
    """Return one outline of the subdistrict, which may be drawn in several parts."""
    return None if subdistrict.empty else subdistrict.union_all()


def _explode_parts(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one row for each part of a shape, without lines of no length."""
    parts = layer.explode(index_parts=False, ignore_index=True)
    return parts[shapely.length(parts.geometry.to_numpy()) > 0].reset_index(drop=True)


def _remove_overlaps(dedicated: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Remove small overlaps of dedicated land that digitising left; the earlier area keeps the shared land."""
    shapes = dedicated.geometry.to_numpy().copy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    for i, j in zip(first[first > second], second[first > second], strict=True):
        parts = shapely.get_parts(shapely.difference(shapes[i], shapes[j]))
        shapes[i] = parts[np.argmax(shapely.area(parts))]
    return dedicated.set_geometry(gpd.GeoSeries(shapes, crs=dedicated.crs))
