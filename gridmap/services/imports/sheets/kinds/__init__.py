"""Comparison of each kind of sheets with the database, and what it writes."""

from collections.abc import Callable, Mapping

from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.services.imports.sheets.kinds.boundaries import plan_boundaries
from gridmap.services.imports.sheets.kinds.buildings import plan_buildings
from gridmap.services.imports.sheets.kinds.counts import plan_household_counts
from gridmap.services.imports.sheets.kinds.dwellings import plan_dwellings
from gridmap.services.imports.sheets.kinds.flat import (
    plan_facilities,
    plan_organisations,
    plan_shops,
)
from gridmap.services.imports.sheets.kinds.grids import plan_grids
from gridmap.services.imports.sheets.kinds.group_counts import plan_group_counts
from gridmap.services.imports.sheets.kinds.incident_categories import plan_incident_categories
from gridmap.services.imports.sheets.kinds.incidents import plan_incidents
from gridmap.services.imports.sheets.kinds.resident_groups import plan_resident_groups
from gridmap.services.imports.sheets.kinds.residents import plan_residents
from gridmap.services.imports.sheets.kinds.streets import plan_streets
from gridmap.services.imports.sheets.kinds.workers import plan_workers
from gridmap.services.imports.sheets.plan import ImportContext, SheetPlan

PLANNERS: Mapping[str, Callable[[ImportContext, SheetRows], SheetPlan]] = {
    "workers": plan_workers,
    "dwellings": plan_dwellings,
    "residents": plan_residents,
    "shops": plan_shops,
    "organisations": plan_organisations,
    "facilities": plan_facilities,
    "household-counts": plan_household_counts,
    "service-group-counts": plan_group_counts,
    "buildings": plan_buildings,
    "resident-groups": plan_resident_groups,
    "incident-categories": plan_incident_categories,
    "incidents": plan_incidents,
    "grids": plan_grids,
    "streets": plan_streets,
    "communities": plan_boundaries,
}
"""Function of each kind of `gridmap.formats.sheets.kinds` that compares its rows with the database."""
