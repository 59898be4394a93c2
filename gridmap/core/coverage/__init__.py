"""Coverage: checks of hand-drawn grids for gaps, overlaps and unassigned buildings, and their repair."""
