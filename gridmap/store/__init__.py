"""PostGIS: what is kept, who may see it, and how it is asked for."""
