"""Demo: artificial towns of any size for trial, benchmarks and tests."""

from gridmap.demo.name_lists import NameList, NameLists
from gridmap.demo.presets import Mistakes, TownPreset
from gridmap.demo.town import DemoTown, build_demo, build_town

__all__ = ["DemoTown", "Mistakes", "NameList", "NameLists", "TownPreset", "build_demo", "build_town"]
