"""Shapes that a planner traces, and the buildings of a list, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import shapely


class ShapeKind(StrEnum):
    """Kind of a traced shape; an ``outline`` is that of an estate or courtyard."""

    COMMUNITY = "community"
    STREET = "street"
    BARRIER = "barrier"
    DEDICATED = "dedicated"
    OUTLINE = "outline"
    GRID = "grid"


LINE_KINDS = frozenset({ShapeKind.STREET})
"""Kinds that are lines; a barrier may be a line or an area, all others are areas."""


@dataclass(frozen=True)
class TracedShape:
    """A shape of a draft.

    Parameters
    ----------
    id : str
        Identifies the shape within the draft.
    kind : ShapeKind
    geometry : LineString or Polygon, degrees
    name : str
        Name as people write it; empty where there is none.
    code : str
        Code of the community, or of a grid.
    type : str
        Kind of a street or barrier.
    """

    id: str
    kind: ShapeKind
    geometry: shapely.LineString | shapely.Polygon
    name: str = ""
    code: str = ""
    type: str = ""

    @property
    def label(self) -> str:
        """Name, else code, else the identifier."""
        return self.name or self.code or self.id


@dataclass(frozen=True)
class ListedBuilding:
    """A building of the list 小区/楼号/户数.

    Parameters
    ----------
    estate, number : str
        Together they identify the building.
    households : int
    levels : int or None
        Storeys.
    place : tuple of float, optional
        Longitude and latitude where a planner has put it; otherwise it stands in order within its outline.
    """

    estate: str
    number: str
    households: int
    levels: int | None = None
    place: tuple[float, float] | None = None


@dataclass(frozen=True)
class TracedTown:
    """Contents of a draft: traced shapes, and the buildings of the list."""

    shapes: Sequence[TracedShape] = ()
    buildings: Sequence[ListedBuilding] = ()

    def of_kind(self, kind: ShapeKind) -> list[TracedShape]:
        """Return the shapes of a kind."""
        return [shape for shape in self.shapes if shape.kind is kind]
