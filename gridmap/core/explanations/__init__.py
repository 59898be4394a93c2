"""Explanations of a plan: what would cure its exceptions, and what its borders follow."""
