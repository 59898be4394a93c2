"""Maps of plans."""
