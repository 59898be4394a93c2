"""Artificial towns of any size, for trying out, measuring and testing; nobody lives in them."""

from gridmap.core.demo.build import build_town
from gridmap.core.demo.recipe import Recipe

__all__ = ["Recipe", "build_town"]
