"""Repartition: new grids from those of today, with as few households as possible in another grid than before."""
