"""Places of a responsibility map: kinds with their groups, names and symbols."""
