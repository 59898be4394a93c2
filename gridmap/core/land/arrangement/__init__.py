"""Arrangement of lines: noding on a fixed grid, the faces that lines close, and the edges that faces share."""
