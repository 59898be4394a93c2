"""Partition of GeoDataFrames into grids, and the cells that grids consist of."""

from typing import Unpack

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.catalogues import find_profile
from gridmap.core.array_types import GeometryArray
from gridmap.core.households.load import parse_load
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.feasibility import require_possible_range
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.vocabulary import SearchEffort
from gridmap.formats.package.town import read_town
from gridmap.formats.results.result_layers import build_result_layers
from gridmap.library.frames import TownOptions, open_frames
from gridmap.library.result import Partition

DEFAULT_PROFILE = Profile()


def partition(
    communities: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None = None,
    *,
    profile: Profile | str = DEFAULT_PROFILE,
    load: str | None = None,
    seed: int = 0,
    **options: Unpack[TownOptions],
) -> Partition:
    """Partition communities into contiguous grids of nearly equal households.

    Parameters
    ----------
    communities : GeoDataFrame
        Polygons, in any projected or geographic CRS. ``code`` and ``name`` are read if they exist.
    buildings : GeoDataFrame
        Points, footprints or lots, with a column ``households``.
    streets : GeoDataFrame, optional
        Lines that borders should follow, with the columns ``name`` and ``kind`` if they exist. Without any, borders run
        between buildings only.
    profile : Profile or str
        Range of households of a grid, or the name of one: ``"300"``, ``"100"``, ``"600"``, ``"3000"``,
        ``"1000-3000"``. 300 to 500 by default, as cities prescribe.
    load : str, optional
        Sum of columns of the buildings that counts in place of households, such as ``"households+shops"``.
    seed : int
        Seed of the search. The same input, release and seed give the same grids.
    **options
        ``barriers``, ``railway`` and ``dedicated`` are further layers. ``households``, ``building_id``, ``courtyard``
        and ``estate`` name columns of the buildings, ``code`` and ``name`` those of the communities; without them
        columns are recognised as in files. ``datum`` is ``"wgs84"``, ``"gcj02"`` or ``"bd09"``.

    Returns
    -------
    Partition
        ``grids`` in the CRS of the communities, ``assignment`` with the index of the buildings, ``explore()``.

    Raises
    ------
    InvalidInput
        With every fault of the layers, or if no number of grids meets the range.

    Examples
    --------
    >>> import gridmap
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(800)
    >>> plan = gridmap.partition(town.communities, town.buildings, town.streets, barriers=town.barriers)
    >>> plan.grids["households"].between(300, 500).all(), len(plan.grids)
    (np.True_, 2)
    >>> counts = town.buildings["households"].groupby(plan.assignment).sum()
    >>> (counts == plan.grids.set_index("grid_code")["households"][counts.index]).all()
    np.True_
    """
    source = open_frames({"communities": communities, "buildings": buildings, "streets": streets}, options)
    town = read_town(source, load=parse_load(load) if load else None)
    land, profile = build_land(town), resolve_profile(profile)
    require_possible_range(town, land, profile)
    settings = PartitionSettings(profile, seed=seed, effort=SearchEffort.DEFAULT)
    plan = partition_town(town, land, settings)
    grids = measure_grids(town, land, plan, profile)
    require_no_violations(find_violations(town, land, plan, grids.geometry.to_numpy()))
    return Partition(
        layers=build_result_layers(town, land, plan, grids, "en", settings),
        profile=profile,
        assignment=assignment_series(buildings, building_grids(land, plan, grids["grid_code"].to_numpy())),
        warnings=warning_texts(town),
        notes=tuple(map(str, plan.notes)),
    )


def tessellate(
    communities: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None = None,
    **options: Unpack[TownOptions],
) -> gpd.GeoDataFrame:
    """Divide communities into cells: each building with the land around it, without gaps or overlaps.

    Streets, barriers and borders of communities part cells. Land far from buildings becomes cells of its own.

    Parameters
    ----------
    communities, buildings, streets, **options
        As in `partition`.

    Returns
    -------
    GeoDataFrame
        ``community`` (index of the community) and ``building`` (index of a building of the cell, None on open land);
        polygons in the CRS of the communities, which share edges vertex for vertex.

    Raises
    ------
    InvalidInput
        With every fault of the layers.

    References
    ----------
    Fleischmann, Feliciotti, Romice, Porta 2020, Computers, Environment and Urban Systems 80,
    https://doi.org/10.1016/j.compenvurbsys.2019.101441 (morphological tessellation)

    Examples
    --------
    >>> import gridmap
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(300)
    >>> cells = gridmap.tessellate(town.communities, town.buildings, town.streets)
    >>> cells.geometry.is_valid.all(), cells["building"].notna().sum() <= len(town.buildings)
    (np.True_, np.True_)
    """
    town = read_town(open_frames({"communities": communities, "buildings": buildings, "streets": streets}, options))
    land = build_land(town)
    building = np.full(len(land.cells), None, dtype=object)
    building[land.cell_of_building[::-1]] = buildings.index[::-1]
    columns = {"community": communities.index[land.community], "building": building}
    return gpd.GeoDataFrame(columns, geometry=land.cells, crs=town.crs).to_crs(town.source_crs)


def resolve_profile(profile: Profile | str) -> Profile:
    """Return a profile that may be named; raise `InvalidInput` if there is none of that name."""
    return find_profile(profile) if isinstance(profile, str) else profile


def building_grids(land: LandCoverage, plan: GridPlan, codes: GeometryArray) -> GeometryArray:
    """Return the code of the grid of each building."""
    return np.asarray(codes[plan.grid_of_cell[land.cell_of_building]])


def assignment_series(buildings: gpd.GeoDataFrame, codes: GeometryArray) -> pd.Series:
    """Return the codes with the index of the buildings."""
    return pd.Series(codes, index=buildings.index, name="grid_code")


def warning_texts(town: Town) -> tuple[str, ...]:
    """Return the warnings of a town, with their layers."""
    return tuple(f"{fault.layer}: {fault.problem}" if fault.layer else str(fault.problem) for fault in town.warnings)
