"""Incidents: reporting, counts with disclosure control, heatmap."""
