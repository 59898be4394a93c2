"""Partitions beside proven optima and beside peers."""
