"""Homes: doors of buildings, their households and members, and what is not linked yet."""
