"""Results of the library: layers with the columns of a result file, which draw themselves on a map."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from gridmap.core.plans.profile import Profile

if TYPE_CHECKING:
    from gridmap.maps.plan_map import PlanPage

OPTIONAL_LAYERS = ("faults", "changes", "drawn_grids", "outlines")
BASE_LAYERS = ("grids", "communities", "buildings", "streets", "barriers", "dedicated")


@dataclass(frozen=True, eq=False)
class Result:
    """Layers of a result.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame or DataFrame
        As `gridmap partition`, `gridmap check` and `gridmap repair` write them, in the CRS of the communities.
    profile : Profile
        Range of households of a grid.
    assignment : Series
        Grid of each building, with the index of the buildings.
    warnings : tuple of str
        What was mended or assumed, and what is not plausible.
    """

    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]
    profile: Profile
    assignment: pd.Series
    warnings: tuple[str, ...]

    @property
    def grids(self) -> gpd.GeoDataFrame:
        """Return the grids with their measures and extents, in the order of their codes."""
        return self.spatial_layer("grids")

    def spatial_layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer that has geometries.

        Raises
        ------
        KeyError
            If the result has no such layer.
        """
        return gpd.GeoDataFrame(self.layers[name])

    def explore(self, title: str = "gridmap", language: str = "zh_CN") -> "PlanPage":
        """Draw the result on a map, as `gridmap map` does.

        Parameters
        ----------
        title : str
        language : {"zh_CN", "en"}
            Language of the page at the start; its reader can change it.

        Returns
        -------
        PlanPage
            A Folium figure: a notebook shows it, and ``save`` writes it as one HTML file. It loads nothing from a
            network.
        """
        from gridmap.maps.plan_layers import PlanLayers, empty_layer, prepare_layer
        from gridmap.maps.plan_map import build_plan_page

        drawn = {name: prepare_layer(layer) for name in BASE_LAYERS if len(layer := self.spatial_layer(name))}
        found = {name: prepare_layer(self.spatial_layer(name)) for name in OPTIONAL_LAYERS if name in self.layers}
        base = {name: drawn.get(name, empty_layer()) for name in BASE_LAYERS}
        norm_range = (self.profile.minimum, self.profile.maximum)
        return build_plan_page(PlanLayers(title, **base, norm_range=norm_range, **found), language)

    def to_file(self, path: Path | str, language: str = "zh_CN") -> None:
        """Write the layers as a GeoPackage with styles of QGIS, whole or not at all.

        Raises
        ------
        InvalidInput
            If the file cannot be written.
        """
        from gridmap.formats.results.geopackage import write_layers

        write_layers(Path(path), self.layers, language)


@dataclass(frozen=True, eq=False)
class Partition(Result):
    """Grids of a town.

    Parameters
    ----------
    notes : tuple of str
        Exceptions that concern no single grid, such as divided courtyards.
    """

    notes: tuple[str, ...] = ()

    @property
    def cells(self) -> gpd.GeoDataFrame:
        """Return the cells, each with the code of its grid."""
        return self.spatial_layer("cells")

    @property
    def outlines(self) -> gpd.GeoDataFrame:
        """Return the grids as they are drawn: smooth between buildings."""
        return self.spatial_layer("outlines" if "outlines" in self.layers else "grids")


@dataclass(frozen=True, eq=False)
class Repair(Partition):
    """Grids drawn by hand after their repair."""

    @property
    def changes(self) -> gpd.GeoDataFrame:
        """Return the buildings and the land that changed grid, each with the reason."""
        return self.spatial_layer("changes")


@dataclass(frozen=True, eq=False)
class Check(Result):
    """Faults of grids drawn by hand."""

    @property
    def faults(self) -> gpd.GeoDataFrame:
        """Return the faults, the most severe and largest first."""
        return self.spatial_layer("faults")

    @property
    def is_sound(self) -> bool:
        """Return whether there are no faults."""
        return len(self.faults) == 0
