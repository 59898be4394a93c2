"""Queries of plans, revisions and their contents."""
