"""Serving, with real processes."""
