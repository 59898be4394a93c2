"""Use cases: plain functions, one module a chapter."""
