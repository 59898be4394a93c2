"""Jobs and stored files written."""
