"""Writes, one module a subject: rows inserted and changed."""
