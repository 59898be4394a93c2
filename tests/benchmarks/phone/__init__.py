"""Benchmarks of pages on phones."""
