"""Tests of serving with real processes."""
