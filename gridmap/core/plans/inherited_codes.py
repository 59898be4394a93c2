"""Codes that the grids of a new division take over, so that as few people as possible change theirs."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.plans.grid_codes import generate_grid_codes


def inherit_codes(old_grid: IntArray, new_grid: IntArray, weight: FloatArray, codes: Sequence[str]) -> list[str | None]:
    """Give grids of a new division the codes of those before that they share most with.

    Parameters
    ----------
    old_grid, new_grid : ndarray of int
        Grid of each cell, numbered from 0 without holes.
    weight : ndarray of float
        What each cell counts, its households for example.
    codes : sequence of str
        Of the grids before.

    Returns
    -------
    list of str or None
        For each new grid; None where it shares nothing, or others share more. The sum of what keeps its code is the
        largest possible (Kuhn 1955, Naval Research Logistics 2, doi:10.1002/nav.3800020109).

    Examples
    --------
    >>> inherit_codes(np.array([0, 0, 1]), np.array([1, 1, 0]), np.ones(3), ["A", "B"])
    ['B', 'A']
    """
    shared = np.zeros((new_grid.max() + 1, len(codes)))
    np.add.at(shared, (new_grid, old_grid), weight)
    found: list[str | None] = [None] * len(shared)
    for new, old in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        if shared[new, old] > 0:
            found[new] = codes[old]
    return found


def fill_missing_codes(community_code: str, codes: Sequence[str | None], used_codes: Sequence[str]) -> list[str]:
    """Fill in codes that a community has never had.

    Parameters
    ----------
    community_code : str
        Code of the community.
    codes : sequence of str or None
        Of its grids; None where one is to be found.
    used_codes : sequence of str
        All codes that it has ever given.

    Examples
    --------
    >>> fill_missing_codes("TP", ["TP-002", None], ["TP-001", "TP-002"])
    ['TP-002', 'TP-003']
    """
    taken = {*used_codes, *(code for code in codes if code)}
    unused = (code for code in generate_grid_codes(community_code, len(codes) + len(taken)) if code not in taken)
    return [code or next(unused) for code in codes]
