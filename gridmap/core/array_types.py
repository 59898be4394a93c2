"""Type aliases of the numpy arrays used in the core."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

GeometryArray: TypeAlias = NDArray[np.object_]
"""Shapely geometries."""
TextArray: TypeAlias = NDArray[np.object_]
"""Texts: codes, names; None where a text is missing."""
ObjectArray: TypeAlias = NDArray[np.object_]
"""Python objects of any other kind."""
IntArray: TypeAlias = NDArray[np.int64]
"""Counts, labels and positions in other arrays; -1 stands for none."""
FloatArray: TypeAlias = NDArray[np.float64]
"""Coordinates, lengths, areas and costs."""
BoolArray: TypeAlias = NDArray[np.bool_]
"""Masks and flags."""
