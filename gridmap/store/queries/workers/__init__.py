"""The roster of communities: people, their duties, leave, and grids that somebody has to be in charge of."""
