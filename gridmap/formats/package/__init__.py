"""Town packages: layer schemas, checks, and the town they make."""
