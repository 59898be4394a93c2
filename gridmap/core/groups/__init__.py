"""Groups of buildings that belong together, and those that grids cut."""
