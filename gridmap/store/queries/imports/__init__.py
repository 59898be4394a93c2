"""Rows that a sheet is compared with, and imports that were made."""
