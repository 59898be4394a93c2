"""gridmap: grids of 300–500 households for urban communities, without gaps, on a map."""

from importlib.metadata import version

__version__ = version("gridmap")
