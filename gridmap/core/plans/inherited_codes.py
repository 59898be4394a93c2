"""Inheritance of grid codes by a new partition, so that few households get a new code."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.plans.grid_codes import generate_grid_codes


def inherit_codes(old_grid: IntArray, new_grid: IntArray, weight: FloatArray, codes: Sequence[str]) -> list[str | None]:
    """Assign the codes of the previous grids to the new grids with the largest shared weight.

    Parameters
    ----------
    old_grid, new_grid : ndarray of int
        Grid of each cell, numbered from 0 without gaps.
    weight : ndarray of float
        Weight of each cell, for example its households.
    codes : sequence of str
        Codes of the previous grids.

    Returns
    -------
    list of str or None
        Code of each new grid, or None. The total weight of cells that keep their code is the maximum.

    References
    ----------
    Kuhn 1955, Naval Research Logistics 2, doi:10.1002/nav.3800020109.

    Examples
    --------
    >>> inherit_codes(np.array([0, 0, 1]), np.array([1, 1, 0]), np.ones(3), ["A", "B"])
    ['B', 'A']
    """
    shared_weight = np.zeros((new_grid.max() + 1, len(codes)))
    np.add.at(shared_weight, (new_grid, old_grid), weight)
    inherited: list[str | None] = [None] * len(shared_weight)
    for new, old in zip(*linear_sum_assignment(shared_weight, maximize=True), strict=True):
        if shared_weight[new, old] > 0:
            inherited[new] = codes[old]
    return inherited


def fill_missing_codes(community_code: str, codes: Sequence[str | None], used_codes: Sequence[str]) -> list[str]:
    """Fill missing codes with codes that the community has never used.

    Parameters
    ----------
    community_code : str
        Code of the community.
    codes : sequence of str or None
        Codes of its grids; None where one is missing.
    used_codes : sequence of str
        All codes that the community has ever used.

    Examples
    --------
    >>> fill_missing_codes("TP", ["TP-002", None], ["TP-001", "TP-002"])
    ['TP-002', 'TP-003']
    """
    used = {*used_codes, *(code for code in codes if code)}
    unused = (code for code in generate_grid_codes(community_code, len(codes) + len(used)) if code not in used)
    return [code or next(unused) for code in codes]
