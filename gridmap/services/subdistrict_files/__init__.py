"""Files of a whole subdistrict: all its tables, and the responsibility maps of all its grids."""
