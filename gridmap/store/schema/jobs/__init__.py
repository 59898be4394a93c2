"""Jobs, periodic tasks and stored files."""
