"""People: residents, masked by default."""
