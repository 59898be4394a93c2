"""Names of places that a caller may find, and residents by their whole name."""
