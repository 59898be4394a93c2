"""The installation itself: its service unit, upgrades, the way back, removal."""
