"""Artificial towns of any size, for trying out, measuring and testing; nobody lives in them."""
