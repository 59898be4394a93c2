"""Intake of input files: what a file is, whether it is whole, and the layers in it."""
