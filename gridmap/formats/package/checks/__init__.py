"""Checks of layers against each other, of their coordinates, and of what is plausible."""
