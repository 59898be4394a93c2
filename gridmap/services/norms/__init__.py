"""Norms of subdistricts and communities: where they hold, their changes, and what a change would do."""
