"""The roster: people, duties, hand-over of grids, leave with a substitute, office phones."""
