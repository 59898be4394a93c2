"""Partitions of communities as jobs: of one, of all of a subdistrict, and those that wait for a decision."""
