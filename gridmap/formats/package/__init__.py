"""Town packages: layer schemas, checks, and the resulting town."""
