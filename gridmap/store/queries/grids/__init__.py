"""Queries of grids in force: figures, details, links, incidents, tiles and the public directory."""
