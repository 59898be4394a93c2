"""Writes of land and buildings."""
