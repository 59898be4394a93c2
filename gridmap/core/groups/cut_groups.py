"""Estates, courtyards and resident groups that several grids share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.groups.building_groups import list_groups
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import GroupKind


@dataclass(frozen=True)
class CutGroup:
    """A group of buildings in several grids.

    Parameters
    ----------
    kind : GroupKind
    name : str
    community : int
        Position of the community of its first building.
    households : int
    least_grids : int
        Number of grids that its households need, none above the maximum.
    parts : dict of int to int
        Households of the group in each grid.
    """

    kind: GroupKind
    name: str
    community: int
    households: int
    least_grids: int
    parts: dict[int, int]

    @property
    def is_avoidable(self) -> bool:
        """Return whether it is in more grids than its households need."""
        return len(self.parts) > self.least_grids


def list_cut_groups(
    town: Town, grid_of_building: IntArray, maximum: int, resident_groups: gpd.GeoDataFrame | None = None
) -> list[CutGroup]:
    """Return the groups whose households are in several grids, those in most grids first.

    Parameters
    ----------
    town : Town
    grid_of_building : ndarray of int
    maximum : int
        Most households of a grid.
    resident_groups : GeoDataFrame, optional
        Polygons with ``name``, in metres.

    Examples
    --------
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> one_grid = np.zeros(len(town.buildings), dtype=np.int64)
    >>> list_cut_groups(town, one_grid, 500)
    []
    """
    groups = list_groups(town, resident_groups)
    names = [_estate_names(town, groups[0]), town.courtyards.names]
    if resident_groups is not None:
        names.append(resident_groups["name"].tolist())
    cut = [
        each
        for kind, group, name in zip(GroupKind, groups, names, strict=False)
        for each in _find_cut(town, grid_of_building, maximum, kind, group, name)
    ]
    return sorted(cut, key=lambda group: (-len(group.parts), group.kind, group.community, group.name))


def _estate_names(town: Town, estate: IntArray) -> list[str]:
    """Return the name of each estate, as its first building has it."""
    names = [""] * (int(estate.max(initial=-1)) + 1)
    for number, name in zip(estate[::-1].tolist(), town.buildings["estate"].to_numpy()[::-1], strict=True):
        if number >= 0:
            names[number] = str(name)
    return names


def _find_cut(
    town: Town, grid_of_building: IntArray, maximum: int, kind: GroupKind, group: IntArray, names: Sequence[str]
) -> Iterator[CutGroup]:
    used = (group >= 0) & (town.loads > 0)
    keys, first, part = np.unique(
        np.stack([group[used], grid_of_building[used]]), axis=1, return_index=True, return_inverse=True
    )
    households = np.bincount(part.ravel(), town.loads[used], keys.shape[1]).astype(np.int64)
    community = town.buildings["community"].to_numpy()[used][first]
    for number in np.flatnonzero(np.bincount(keys[0]) > 1).tolist() if len(first) else []:
        rows = np.flatnonzero(keys[0] == number)
        total = int(households[rows].sum())
        parts = dict(zip(keys[1][rows].tolist(), households[rows].tolist(), strict=True))
        yield CutGroup(kind, names[number], int(community[rows[0]]), total, -(-total // maximum), parts)
