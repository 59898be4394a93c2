"""Pages for several roles: overview, grids, tiles, health and the style guide."""
