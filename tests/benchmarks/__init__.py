"""Benchmarks, each run by ``python -m tests.benchmarks.NAME``."""
