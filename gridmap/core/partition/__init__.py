"""Partition of communities into grids: contiguous, within the range of a profile, along streets."""
