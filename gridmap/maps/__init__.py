"""Maps that open without a network."""
