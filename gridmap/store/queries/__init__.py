"""Queries, one module a subject: SELECT statements and the typed rows they return."""
