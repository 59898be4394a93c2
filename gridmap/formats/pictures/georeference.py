"""Place of a GeoTIFF, from its own tags."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from pyproj import CRS
from pyproj.exceptions import ProjError

from gridmap.core.array_types import FloatArray
from gridmap.core.errors import InvalidInput
from gridmap.core.geodesy.transformers import find_transformer
from gridmap.core.tracing.placement import ControlPoint, Placement, PlacementMethod, place_by_points

PROJECTED_CRS_KEY, GEOGRAPHIC_CRS_KEY = 3072, 2048
"""Keys of the codes of the CRS (OGC GeoTIFF 1.1, requirement 7)."""
USER_DEFINED = 32767
STEPS = 3
"""Places along each side, from which the transformation is found; its residuals tell how far the CRS bends."""


def place_by_tags(tags: Mapping[str, Sequence[float]], reduction: float, size: tuple[int, int]) -> Placement | None:
    """Return the place of a picture that a GeoTIFF names; None where its tags do not say it.

    Parameters
    ----------
    tags : mapping
        ``keys`` with the codes of the CRS, and ``matrix``, or ``scale`` with ``tiepoint``.
    reduction : float
        Pixels of the file for one of the picture.
    size : tuple of int
        Width and height of the picture.

    Examples
    --------
    >>> keys = [1, 1, 0, 1, 3072, 0, 1, 4547]
    >>> tags = {"keys": keys, "scale": [0.5, 0.5, 0], "tiepoint": [0, 0, 0, 500_000, 3_375_000, 0]}
    >>> placed = place_by_tags(tags, 2.0, (1000, 800))
    >>> placed.method.value, round(placed.metres_per_pixel(), 2), placed.error_m < 0.05
    ('file', 1.0, True)
    """
    code, matrix = _crs_code(tags["keys"]), _matrix(tags)
    if code is None or matrix is None:
        return None
    pixels = np.array(np.meshgrid(np.linspace(0, size[0], STEPS), np.linspace(0, size[1], STEPS))).reshape(2, -1).T
    places = pixels * reduction @ matrix[:, :2].T + matrix[:, 2]
    try:
        longitude, latitude = find_transformer(CRS(code)).transform(*places.T)
        rows = np.column_stack([pixels, longitude, latitude]).tolist()
        placed = place_by_points([ControlPoint(*row) for row in rows], PlacementMethod.AFFINE)
    except (ProjError, InvalidInput):
        return None
    return replace(placed, method=PlacementMethod.FILE, suspicious=None)


def _crs_code(keys: Sequence[float]) -> int | None:
    """Return the EPSG code of the directory of keys, of which each takes four numbers."""
    entries = {int(keys[i]): int(keys[i + 3]) for i in range(4, len(keys) - 3, 4) if not keys[i + 1]}
    code = entries.get(PROJECTED_CRS_KEY) or entries.get(GEOGRAPHIC_CRS_KEY)
    return code if code and code != USER_DEFINED else None


def _matrix(tags: Mapping[str, Sequence[float]]) -> FloatArray | None:
    """Return the transformation from pixels to coordinates of the CRS, shape (2, 3)."""
    if len(tags.get("matrix", ())) == 16:
        full = np.array(tags["matrix"]).reshape(4, 4)
        return np.asarray(full[:2][:, [0, 1, 3]], dtype=np.float64)
    if len(tags.get("scale", ())) < 2 or len(tags.get("tiepoint", ())) < 6:
        return None
    (width, height), (column, row, _, east, north, _) = tags["scale"][:2], tags["tiepoint"][:6]
    return np.array([[width, 0.0, east - column * width], [0.0, -height, north + row * height]])
