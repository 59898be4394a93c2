"""Strips of open land between dedicated land and the streets around it: the verge and pavement of a school or park."""

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.labels import label_components
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.enclosures import STRIP_WIDTH_M
from gridmap.core.land.town import Town
from gridmap.core.partition.atoms import Atoms
from gridmap.core.plans.norm import MIN_DEDICATED_SHARE

TOUCHING_M = 0.01
"""Distance up to which a cell touches dedicated land: outlines of cells are rounded to the millimetre."""


def join_strips(atoms: Atoms, town: Town, land: LandCoverage) -> Atoms:
    """Count the strips around dedicated land to it, the largest first.

    They go with it up to a tenth: with more, a grid would no longer match its dedicated land, and `check` would find it
    empty. A strip remains where homes on both sides of it would no longer be connected; where nobody lives, open land.

    Parameters
    ----------
    atoms : Atoms
    town, land : Town, LandCoverage

    Returns
    -------
    Atoms
        With strips as dedicated land.

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.core.partition.atoms import build_atoms
    >>> from gridmap.core.plans.profile import CostWeights, Profile
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(3_000)  # with a school 7 m from the streets on three sides
    >>> land = build_land(town)
    >>> atoms = build_atoms(town, land, Profile(), CostWeights())
    >>> int((join_strips(atoms, town, land).dedicated >= 0).sum() - (atoms.dedicated >= 0).sum())
    1
    """
    strip, owner = _find_strips(atoms, town, land)
    fits = _fit_strips(town, land, strip, owner)
    dedicated = atoms.dedicated.copy()
    dedicated[atoms.atom_of_cell[strip[fits]]] = owner[fits]
    joins = _reaches_land(atoms, dedicated) & _keeps_rest_connected(atoms, dedicated)
    return replace(atoms, dedicated=np.where(joins, dedicated, atoms.dedicated))


def _find_strips(atoms: Atoms, town: Town, land: LandCoverage) -> tuple[IntArray, IntArray]:
    """Return the cells of open land that touch dedicated land and end near it, and the dedicated land of each."""
    lands = town.dedicated.geometry.to_numpy()
    is_open = (atoms.households[atoms.atom_of_cell] == 0) & (land.dedicated < 0)
    is_open[land.cell_of_building] = False
    cell = np.flatnonzero(is_open)
    number, near = shapely.STRtree(land.cells[cell]).query(lands, predicate="dwithin", distance=TOUCHING_M)
    reach = shapely.buffer(lands, STRIP_WIDTH_M, join_style="mitre", mitre_limit=2)
    is_strip = shapely.covered_by(land.cells[cell[near]], reach[number])
    strip, first = np.unique(cell[near[is_strip]], return_index=True)
    return strip, number[is_strip][first]


def _fit_strips(town: Town, land: LandCoverage, strip: IntArray, owner: IntArray) -> IntArray:
    """Return the positions of the strips with which a grid still matches its dedicated land."""
    area, is_land = shapely.area(land.cells), land.dedicated >= 0
    land_area = np.bincount(land.dedicated[is_land], area[is_land], len(town.dedicated))
    limit = land_area / MIN_DEDICATED_SHARE - town.dedicated.area.to_numpy()
    order = np.lexsort((-area[strip], owner))
    total = pd.Series(area[strip[order]]).groupby(owner[order]).cumsum().to_numpy()
    return np.asarray(order[total < limit[owner[order]]])


def _reaches_land(atoms: Atoms, dedicated: IntArray) -> BoolArray:
    """Return whether each atom is connected through land of one owner with an atom that was dedicated before."""
    component = _label_where(atoms, dedicated[atoms.borders.left] == dedicated[atoms.borders.right])
    return np.asarray((np.bincount(component, atoms.dedicated >= 0) > 0)[component])


def _keeps_rest_connected(atoms: Atoms, dedicated: IntArray) -> BoolArray:
    """Return whether the homes around each atom remain connected without the strips; where there are none, the land."""
    left, right = atoms.borders.left, atoms.borders.right
    before = _label_where(atoms, (atoms.dedicated[left] < 0) & (atoms.dedicated[right] < 0))
    after = _label_where(atoms, (dedicated[left] < 0) & (dedicated[right] < 0))
    has_homes = np.bincount(before, atoms.households * (atoms.dedicated < 0)) > 0
    rest = np.flatnonzero(((atoms.households > 0) | ~has_homes[before]) & (dedicated < 0))
    parts = np.unique(np.stack([before[rest], after[rest]]), axis=1)[0]
    return np.asarray((np.bincount(parts, minlength=len(has_homes)) <= 1)[before])


def _label_where(atoms: Atoms, connects: BoolArray) -> IntArray:
    """Return the component of each atom by the borders that connect."""
    return label_components(len(atoms.households), atoms.borders.left[connects], atoms.borders.right[connects])
