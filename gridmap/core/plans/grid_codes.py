"""Grid codes: the community's code and three digits, from west to east and then from north to south.

References
----------
DB11/T 2157-2023: 12-digit code of the community and a 3-digit order.
"""

import re
from collections.abc import Sequence

import numpy as np

from gridmap.core.array_types import FloatArray, IntArray

STATISTICAL_CODE_PATTERN = re.compile(r"\d{12}")


def reading_order(xy: FloatArray, area: FloatArray) -> IntArray:
    """Return the reading order of places: row by row from the north, each row from west to east.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2), metres
        A point of each place.
    area : ndarray of float, square metres
        Area of each place. The height of a row is the square root of the mean area, so that grids side by side share
        a row.

    Returns
    -------
    ndarray of int
        Positions of the places in reading order.

    Examples
    --------
    >>> reading_order(np.array([[0.0, 0.0], [90, 5], [80, 99], [5, 95]]), np.full(4, 2500.0)).tolist()
    [3, 2, 0, 1]
    """
    height = np.sqrt(area.mean()) if len(area) else 1.0
    row = np.floor((xy[:, 1].max(initial=-np.inf) - xy[:, 1]) / max(height, 1e-9))
    return np.lexsort((-xy[:, 1], xy[:, 0], row))


def generate_grid_codes(community_code: str, count: int) -> Sequence[str]:
    """Generate codes for the grids of a community, in their order.

    Parameters
    ----------
    community_code : str
        Code of the community; a hyphen follows a code that is not 12 digits.
    count : int
        Number of grids; above 999 the numbers have more than three digits.

    Examples
    --------
    >>> generate_grid_codes("370203001005", 2)
    ['370203001005001', '370203001005002']
    >>> generate_grid_codes("TP", 1)
    ['TP-001']
    """
    stem = community_code if STATISTICAL_CODE_PATTERN.fullmatch(community_code) else f"{community_code}-"
    digits = max(3, len(str(count)))
    return [f"{stem}{number:0{digits}d}" for number in range(1, count + 1)]


def make_codes_unique(codes: Sequence[str | None], community_codes: Sequence[str]) -> Sequence[str]:
    """Replace missing and repeated codes by the lowest unused codes.

    Parameters
    ----------
    codes : sequence of str or None
        Code of each grid.
    community_codes : sequence of str
        Code of the community of each grid.

    Examples
    --------
    >>> make_codes_unique(["TP-001", None, "TP-001"], ["TP", "TP", "TP"])
    ['TP-001', 'TP-002', 'TP-003']
    """
    used = {code for code in codes if code}
    assigned: set[str] = set()
    unique_codes = []
    for code, community in zip(codes, community_codes, strict=True):
        unused = (each for each in generate_grid_codes(community, len(codes) + len(used)) if each not in used)
        unique_code = code if code and code not in assigned else next(unused)
        assigned.add(unique_code)
        used.add(unique_code)
        unique_codes.append(unique_code)
    return unique_codes


def short_code(grid_code: str, community_code: str) -> str:
    """Return the part of a grid's code after that of its community.

    Examples
    --------
    >>> short_code("110101001001003", "110101001001"), short_code("A-7-003", "A-7"), short_code("X", "A")
    ('003', '003', 'X')
    """
    return grid_code.removeprefix(community_code).lstrip("-") or grid_code
