"""Names for the arrays that the core works on."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Shapes: TypeAlias = NDArray[np.object_]
"""Geometries."""
Ints: TypeAlias = NDArray[np.int64]
"""Counts, and positions in other arrays; -1 stands for none."""
Floats: TypeAlias = NDArray[np.float64]
"""Coordinates, metres, costs."""
Flags: TypeAlias = NDArray[np.bool_]
"""Yes or no."""
