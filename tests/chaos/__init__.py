"""Chaos tests of the real service, each run by ``python -m tests.chaos.NAME``."""
