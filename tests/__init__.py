"""Tests read as sentences; towns in them are real or drawn."""
