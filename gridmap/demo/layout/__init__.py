"""Layout of invented towns: ground plan, streets, blocks, buildings and addresses."""
