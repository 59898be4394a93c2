"""Names for the arrays that the core works on."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

GeometryArray: TypeAlias = NDArray[np.object_]
"""Geometries."""
IntArray: TypeAlias = NDArray[np.int64]
"""Counts, and positions in other arrays; -1 stands for none."""
FloatArray: TypeAlias = NDArray[np.float64]
"""Coordinates, metres, costs."""
BoolArray: TypeAlias = NDArray[np.bool_]
"""Yes or no."""
