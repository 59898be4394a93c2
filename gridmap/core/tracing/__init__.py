"""The first day of a subdistrict: a picture placed by control points, traced shapes, and buildings within outlines."""
