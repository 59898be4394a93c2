"""Grids in force on a date: overview, details, tiles and the public directory."""
