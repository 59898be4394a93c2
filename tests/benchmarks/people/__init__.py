"""Benchmarks of pages that show people and their homes."""
