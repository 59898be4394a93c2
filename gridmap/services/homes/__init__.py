"""Homes by hand: doors of a building, households that move in and out, their members."""
