"""Households of buildings that nobody counted."""
