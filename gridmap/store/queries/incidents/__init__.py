"""Incidents: own reports, categories and published counts."""
