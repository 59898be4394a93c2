"""A private PostgreSQL with PostGIS: find or install it, start, watch, back up and restore it."""
