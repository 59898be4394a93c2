"""Households: kinds of buildings, and estimates where nobody counted."""
