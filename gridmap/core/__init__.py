"""Land, partition, plans and measures: numpy and shapely, no HTTP, no SQL, no files."""
