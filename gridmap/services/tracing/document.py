"""The draft as JSON: checked where it comes in, bounded, and turned into values."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import shapely
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.field_lengths import MAX_CODE_LETTERS, MAX_NAME_LETTERS
from gridmap.core.tracing.shapes import ListedBuilding, ShapeKind, TracedShape, TracedTown

MAX_SHAPES = 3000
MAX_VERTICES = 60_000
"""A subdistrict of 60 estates with streets and grids has some 3,000."""
MAX_VERTICES_OF_SHAPE = 5000
MAX_BUILDINGS = 20_000
DECIMALS = 7
"""Decimals of a degree: a centimetre."""
MIN_VERTICES = {"LineString": 2, "Polygon": 3}

INVALID_DRAFT = N_("the draft cannot be read at {place}")
TOO_MANY = N_("the draft has {count} vertices; at most {maximum} are stored")
REPEATED_ID = N_("two shapes of the draft have the same key")

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-85, le=85)]
Vertex = tuple[Longitude, Latitude]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShapePart(_Part):
    """A shape of the draft; a polygon is its outer ring without the repeated first vertex."""

    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,40}$")
    kind: ShapeKind
    form: Literal["LineString", "Polygon"]
    vertices: list[Vertex] = Field(min_length=2, max_length=MAX_VERTICES_OF_SHAPE)
    name: str = Field("", max_length=MAX_NAME_LETTERS)
    code: str = Field("", max_length=MAX_CODE_LETTERS)
    type: str = Field("", max_length=20)


class ShapesDocument(_Part):
    """Shapes of a draft, as the page sends and gets them."""

    shapes: list[ShapePart] = Field(max_length=MAX_SHAPES)


class BuildingPart(_Part):
    """A building of the list, as it is stored."""

    estate: str = Field(min_length=1, max_length=MAX_NAME_LETTERS)
    number: str = Field(min_length=1, max_length=MAX_NAME_LETTERS)
    households: int = Field(ge=0, le=20_000)
    levels: int | None = Field(None, ge=1, le=200)
    place: Vertex | None = None


class DraftDocument(ShapesDocument):
    """Contents of a draft, as they are stored."""

    buildings: list[BuildingPart] = Field(default_factory=list, max_length=MAX_BUILDINGS)
    report: list[dict[str, Any]] = Field(default_factory=list)
    """Findings about the traced grids when the land was built."""


def parse_shapes(content: object) -> list[TracedShape]:
    """Return the shapes that a page sends.

    Parameters
    ----------
    content : JSON
        ``{"shapes": [{"id", "kind", "form", "vertices", "name", "code", "type"}]}``; degrees, longitude first.

    Raises
    ------
    InvalidInput
        If it has another form, too many vertices, or two shapes of one key.

    Examples
    --------
    >>> line = {"id": "a", "kind": "street", "form": "LineString", "vertices": [[114, 30], [114.1, 30]]}
    >>> parse_shapes({"shapes": [line]})[0].geometry.wkt
    'LINESTRING (114 30, 114.1 30)'
    """
    try:
        document = ShapesDocument.model_validate(content)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise _invalid(INVALID_DRAFT, place=place[:80]) from None
    count = sum(len(shape.vertices) for shape in document.shapes)
    if count > MAX_VERTICES:
        raise _invalid(TOO_MANY, count=count, maximum=MAX_VERTICES)
    if len({shape.id for shape in document.shapes}) < len(document.shapes):
        raise _invalid(REPEATED_ID)
    return [_traced_shape(shape) for shape in document.shapes]


def read_draft(content: Any) -> TracedTown:
    """Return the contents of a stored draft."""
    document = DraftDocument.model_validate(content)
    buildings = [
        ListedBuilding(each.estate, each.number, each.households, each.levels, each.place)
        for each in document.buildings
    ]
    return TracedTown([_traced_shape(shape) for shape in document.shapes], buildings)


def write_draft(town: TracedTown) -> dict[str, Any]:
    """Return the contents of a draft as it is stored."""
    return {"shapes": write_shapes(town.shapes), "buildings": [_building_json(each) for each in town.buildings]}


def write_shapes(shapes: Sequence[TracedShape]) -> list[dict[str, Any]]:
    """Return shapes as JSON."""
    return [_shape_json(shape) for shape in shapes]


def _traced_shape(part: ShapePart) -> TracedShape:
    if len(part.vertices) < MIN_VERTICES[part.form]:
        raise _invalid(INVALID_DRAFT, place=part.id)
    make = shapely.LineString if part.form == "LineString" else shapely.Polygon
    return TracedShape(part.id, part.kind, make(part.vertices), part.name.strip(), part.code.strip(), part.type)


def _shape_json(shape: TracedShape) -> dict[str, Any]:
    is_line = shape.geometry.geom_type == "LineString"
    ring = shape.geometry.coords if is_line else shape.geometry.exterior.coords[:-1]
    vertices = [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring]
    texts = {"name": shape.name, "code": shape.code, "type": shape.type}
    form = "LineString" if is_line else "Polygon"
    return {"id": shape.id, "kind": str(shape.kind), "form": form, "vertices": vertices, **texts}


def _building_json(building: ListedBuilding) -> dict[str, Any]:
    place = [round(each, DECIMALS) for each in building.place] if building.place else None
    named = {"estate": building.estate, "number": building.number, "households": building.households}
    return {**named, "levels": building.levels, "place": place}


def _invalid(problem: str, **values: object) -> InvalidInput:
    return InvalidInput([InputFault(Message(problem, values))])
