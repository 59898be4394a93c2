"""Norms of subdistricts and communities, written."""
