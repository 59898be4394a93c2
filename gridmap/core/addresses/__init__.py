"""Addresses as offices write them: normal form, parts of a door, and the building that one means."""
