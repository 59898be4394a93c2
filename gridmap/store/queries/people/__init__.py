"""Residents that a caller may see, limits of reveals, and who has seen a resident."""
