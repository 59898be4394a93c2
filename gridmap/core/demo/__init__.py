"""Artificial towns of any size, for trying out, measuring and testing; nobody lives in them."""

from gridmap.core.demo.build import Demo, build_demo, build_town
from gridmap.core.demo.recipe import Mistakes, Recipe
from gridmap.core.demo.words import Names, Words

__all__ = ["Demo", "Mistakes", "Names", "Recipe", "Words", "build_demo", "build_town"]
