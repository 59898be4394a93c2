"""Grids out of cells: contiguous, within the range of a profile, along streets."""
