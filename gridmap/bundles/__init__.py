"""Bundles: one signed file with gridmap and everything that it installs, for machines without a network."""
