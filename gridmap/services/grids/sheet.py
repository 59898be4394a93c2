"""Printed sheet of a grid: its responsibility map, to scale, with the layers that the reader has chosen."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import shapely
from markupsafe import Markup
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.grid_codes import short_code
from gridmap.maps.sheets.frame import MapFrame, fit_frame
from gridmap.maps.sheets.paper import DESK_PAPERS, Paper, SheetFormat
from gridmap.maps.sheets.sheet_map import NamedShape, PlaceShape, SheetLayers, StreetShape, draw_sheet_map
from gridmap.services.grids import details, places
from gridmap.services.grids.details import GridDetails
from gridmap.services.grids.places import KindCount, Place, PlaceGroup
from gridmap.store.queries.grids import sheet_layers
from gridmap.store.queries.grids.grid_details import GridDay
from gridmap.store.queries.grids.sheet_layers import NeighbourGridRow

__all__ = ["DESK_PAPERS", "GridSheet", "Paper", "SheetOptions", "load_grid_sheet"]
ROW_MM = 4.3
"""Height of a row of the column beside the map."""
EXTENT_ROWS = 5
"""Rows of the sentence on the extent, in the longer of two languages."""


@dataclass(frozen=True)
class SheetOptions:
    """Choices of the reader: paper, orientation (None for the one that fits best), hidden layers, and places at all."""

    paper: Paper = Paper.A4
    landscape: bool | None = None
    hidden: Collection[str] = ()
    with_places: bool = True


@dataclass(frozen=True)
class GridSheet:
    """A sheet.

    Parameters
    ----------
    details : GridDetails
    sheet_format : SheetFormat
    scale : int
        Denominator.
    map : Markup
        SVG of the map.
    place_counts : sequence
        Kinds of the places on the sheet with their numbers, by group.
    all_place_counts : sequence
        Likewise, with the hidden ones.
    hidden : collection of str
    """

    details: GridDetails
    sheet_format: SheetFormat
    scale: int
    map: Markup = field(repr=False)
    place_counts: Sequence[tuple[PlaceGroup, Sequence[KindCount]]]
    all_place_counts: Sequence[tuple[PlaceGroup, Sequence[KindCount]]]
    hidden: Collection[str]

    def shows(self, layer: str) -> bool:
        """Return whether a layer is on the sheet."""
        return layer not in self.hidden

    @property
    def has_room_for_buildings(self) -> bool:
        """True if the list of buildings fits beside or below the map."""
        height = self.sheet_format.list_height_mm
        rows = sum(len(kinds) for _, kinds in self.place_counts) / 2 + 2 * len(self.details.roster) + 14
        rows += EXTENT_ROWS if self.details.grid.extent else 0
        return len(self.details.buildings) <= (height / ROW_MM - rows) * self.sheet_format.list_columns


def load_grid_sheet(
    session: Session, caller: Caller, grid_id: int, on: date | None, options: SheetOptions
) -> GridSheet | None:
    """Return the sheet of a grid on a day; None where it is not in force, or the caller does not work in it.

    Open incidents are not on it: a sheet hangs on a wall for months.
    """
    grid = details.load_grid_details(session, caller, grid_id, on)
    if grid is None:
        return None
    frame = fit_frame(shapely.from_geojson(grid.grid.shape), options.paper, landscape=options.landscape)
    shown = [each for each in grid.places if options.with_places and each.kind.key not in options.hidden]
    layers = _load_layers(session, caller, grid, frame, options.hidden)
    return GridSheet(
        details=grid,
        sheet_format=frame.sheet_format,
        scale=frame.scale,
        map=draw_sheet_map(replace(layers, places=list(_place_shapes(shown))), frame),
        place_counts=places.count_kinds(shown),
        all_place_counts=places.count_kinds(grid.places),
        hidden=options.hidden,
    )


def _load_layers(
    session: Session, caller: Caller, grid: GridDetails, frame: MapFrame, hidden: Collection[str]
) -> SheetLayers:
    """Return the layers that are not hidden, without places; streets and neighbours reach to the edge of the frame."""
    bounds, grid_day = frame.bounds_degrees(), GridDay(grid.day, grid.grid.id)
    streets = () if "street" in hidden else sheet_layers.list_named_streets(session, caller, grid_day, bounds)
    neighbours = sheet_layers.list_neighbours(session, caller, grid_day, bounds)
    buildings = () if "building" in hidden else grid.buildings
    groups = () if "residentGroup" in hidden else grid.resident_groups
    given = () if "givenStreet" in hidden else grid.streets
    return SheetLayers(
        grid=shapely.from_geojson(grid.grid.shape),
        neighbours=[_neighbour(grid, row) for row in neighbours],
        streets=[StreetShape(row.name, row.kind, shapely.from_geojson(row.shape)) for row in streets],
        given_streets=[shapely.from_geojson(row.shape) for row in given if row.shape],
        buildings=[NamedShape(row.display_name, shapely.from_geojson(row.shape)) for row in buildings],
        resident_groups=[NamedShape(row.name, shapely.from_geojson(row.shape)) for row in groups if row.shape],
    )


def _neighbour(grid: GridDetails, row: NeighbourGridRow) -> NamedShape:
    """Return a neighbour under its short code, with its community where that is another one."""
    code = short_code(row.code, row.community_code)
    name = code if row.community_id == grid.grid.community_id else f"{row.community_name} {code}"
    return NamedShape(name, shapely.from_geojson(row.shape))


def _place_shapes(shown: Iterable[Place]) -> Iterator[PlaceShape]:
    for place in shown:
        if place.shape is not None:
            point = shapely.from_geojson(place.shape)
            yield PlaceShape(place.kind.symbol, place.kind.group.badge, place.name, point)
