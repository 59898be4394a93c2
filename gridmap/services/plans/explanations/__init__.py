"""Explanations of the grids of a plan: exceptions, groups of buildings that are cut, and borders."""
