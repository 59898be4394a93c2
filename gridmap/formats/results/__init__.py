"""Layers of results, and the files they are written to."""
