"""Pages of partitions: from scratch, of a community or of all of a subdistrict, and from today's grids."""
