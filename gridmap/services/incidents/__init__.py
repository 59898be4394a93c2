"""Incidents: reporting, categories, published counts, heatmap."""
