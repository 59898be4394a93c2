"""Shared parts of the benchmarks and chaos tests."""
