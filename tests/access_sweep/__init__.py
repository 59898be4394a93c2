"""Access sweep: requests to every route by every persona, and direct calls of the database, searched for leaks."""
