"""Artificial towns of any size, for trying out, measuring and testing; nobody lives in them."""

from gridmap.demo.name_lists import NameList, NameLists
from gridmap.demo.presets import Mistakes, TownPreset
from gridmap.demo.town import DemoTown, build_demo, build_town

__all__ = ["DemoTown", "Mistakes", "NameList", "TownPreset", "NameLists", "build_demo", "build_town"]
