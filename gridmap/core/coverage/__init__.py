"""Coverage: check hand-drawn grids for gaps, overlaps and people left out, and repair them."""
