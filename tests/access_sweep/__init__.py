"""Every route asked by everybody about everything, and the database asked without the web: who is told what."""
