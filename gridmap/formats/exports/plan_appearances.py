"""Appearance of the layers of plans, of results and of checks."""

from collections.abc import Mapping

from gridmap.core.errors import N_
from gridmap.formats.exports.layer_appearance import LayerAppearance
from gridmap.formats.exports.layer_style import STATUS_TEXTS, LayerStyle, ValueStyle, make_status_style
from gridmap.formats.exports.table import Column

SEVERITY_TEXTS = {"high": N_("high"), "medium": N_("medium"), "low": N_("low")}
SEVERITY_COLOURS = {"high": "#b3123c", "medium": "#a36a00", "low": "#75828e"}
GRID, HOUSEHOLDS = N_("Grid"), N_("Households")
APPEARANCES: Mapping[str, LayerAppearance] = {
    "communities": LayerAppearance(
        N_("Communities"), (Column("code", N_("Code")), Column("name", N_("Name"))), LayerStyle("#17212b", 0, 0.8)
    ),
    "grids": LayerAppearance(
        N_("Grids"),
        (
            Column("grid_code", GRID),
            Column("name", N_("Name")),
            Column("status", N_("Status"), STATUS_TEXTS),
            Column("households", HOUSEHOLDS),
            Column("buildings", N_("Buildings")),
            Column("area_m2", N_("Area (m²)")),
            Column("extent", N_("Extent")),
            Column("reason", N_("Reason")),
        ),
        make_status_style("grid_code"),
    ),
    "outlines": LayerAppearance(
        N_("Outlines of grids"),
        (Column("grid_code", GRID), Column("extent", N_("Extent"))),
        LayerStyle("#17212b", 0, 0.4, label_field="grid_code"),
    ),
    "cells": LayerAppearance(
        N_("Cells"),
        (Column("number", N_("Number")), Column("grid_code", GRID)),
        LayerStyle(fill_opacity=0, line_mm=0.1),
    ),
    "buildings": LayerAppearance(
        N_("Buildings"),
        (
            Column("code", N_("Code")),
            Column("name", N_("Name")),
            Column("address", N_("Address")),
            Column("households", HOUSEHOLDS),
            Column("grid_code", GRID),
            Column("estate", N_("Estate")),
            Column("courtyard", N_("Courtyard")),
        ),
        LayerStyle("#4a5663", 0.5, 0.1),
    ),
    "streets": LayerAppearance(
        N_("Streets"),
        (Column("name", N_("Name")), Column("kind", N_("Kind"))),
        LayerStyle("#75828e", line_mm=0.5, label_field="name"),
    ),
    "barriers": LayerAppearance(N_("Barriers"), (Column("kind", N_("Kind")),), LayerStyle("#a36a00", 0.3)),
    "dedicated": LayerAppearance(
        N_("Dedicated land"), (Column("name", N_("Name")),), LayerStyle("#a3527f", 0.3, label_field="name")
    ),
    "resident_group": LayerAppearance(
        N_("Resident groups"), (Column("name", N_("Name")),), LayerStyle(fill_opacity=0, label_field="name")
    ),
    "faults": LayerAppearance(
        N_("Faults"),
        (
            Column("kind", N_("Kind")),
            Column("severity", N_("Severity"), SEVERITY_TEXTS),
            Column("grid_codes", GRID),
            Column("area_m2", N_("Area (m²)")),
            Column("suggestion", N_("Suggestion")),
        ),
        LayerStyle(
            fill_opacity=0.5,
            line_mm=0.6,
            field="severity",
            values=[ValueStyle(name, SEVERITY_COLOURS[name], text) for name, text in SEVERITY_TEXTS.items()],
        ),
    ),
    "drawn_grids": LayerAppearance(
        N_("Grids as drawn"), (Column("grid_code", GRID),), LayerStyle("#17212b", 0, 0.4, label_field="grid_code")
    ),
    "moved_land": LayerAppearance(
        N_("Land that changed grid"),
        (Column("from_code", N_("From grid")), Column("to_code", N_("To grid"))),
        LayerStyle("#c85800", 0.4, 0.3),
    ),
    "changes": LayerAppearance(
        N_("Changes"),
        (Column("from_code", N_("From grid")), Column("to_code", N_("To grid")), Column("reason", N_("Reason"))),
        LayerStyle("#c85800", 0.8, 0.3),
    ),
}
"""Titles and styles of the layers, by name."""
