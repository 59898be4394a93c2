"""Jobs and stored files read."""
