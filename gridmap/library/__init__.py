"""gridmap as a library: partition, check, repair, tessellate and compare GeoDataFrames, without files or a database."""
