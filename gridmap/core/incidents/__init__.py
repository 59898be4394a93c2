"""Incidents: categories with their access classes."""
