"""Comparison of each kind of sheets with the database, and what it writes."""
