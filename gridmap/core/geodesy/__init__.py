"""Datums of Chinese maps, and coordinate reference systems that fit coordinates."""
