"""Queries of land and buildings."""
