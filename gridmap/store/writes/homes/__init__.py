"""Dwellings, households and residents, as stations and workers change them by hand."""
