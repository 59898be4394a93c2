"""Benchmark of plans from the grids of today."""
