"""Printed sheets: maps as SVG in millimetres of the paper, with a scale that is true."""
