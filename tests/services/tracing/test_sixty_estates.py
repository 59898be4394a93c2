"""The first day of a whole subdistrict: 60 estates with 1,200 buildings become land within the time of a request."""

from time import perf_counter

import pytest
import shapely
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.profile import Profile
from gridmap.core.tracing.shapes import ListedBuilding, ShapeKind, TracedShape
from gridmap.services.tracing import drafts
from gridmap.services.tracing.land import build_subdistrict
from tests.services.tracing.conftest import FirstDay
from tests.services.tracing.traced_town import COMMUNITIES, SOUTH, WEST

COLUMNS, ROWS, BUILDINGS = 4, 5, 20
"""Estates of each of the three communities, and the buildings of an estate."""
SIDE = 0.0025


def cell(column: int, row: int, margin: float = 0.0) -> shapely.Polygon:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west + margin, south + margin, west + SIDE - margin, south + SIDE - margin)


def large_town() -> tuple[list[TracedShape], list[ListedBuilding]]:
    """Return three communities of 20 estates, of which each is a grid."""
    shapes, buildings = [], []
    for number, code in enumerate(COMMUNITIES):
        first = number * COLUMNS
        corner, opposite = cell(first, 0).bounds, cell(first + COLUMNS - 1, ROWS - 1).bounds
        boundary = shapely.box(*corner[:2], *opposite[2:])
        shapes.append(TracedShape(f"c{number}", ShapeKind.COMMUNITY, boundary, code=code))
        for x in range(COLUMNS):
            for y in range(ROWS):
                name = f"{number}区{x}-{y}园"
                shapes.append(TracedShape(f"o{number}{x}{y}", ShapeKind.OUTLINE, cell(first + x, y, 0.0002), name))
                shapes.append(TracedShape(f"g{number}{x}{y}", ShapeKind.GRID, cell(first + x, y), name))
                buildings += [ListedBuilding(name, f"{each}号楼", 18) for each in range(1, BUILDINGS + 1)]
    return shapes, buildings


@pytest.mark.full
def test_sixty_estates_become_land_and_grids(session: Session, caller: Caller, first_day: FirstDay) -> None:
    shapes, buildings = large_town()
    draft = drafts.save_shapes(session, caller, first_day.subdistrict_id, shapes, 0)
    draft = drafts.save_buildings(session, caller, first_day.subdistrict_id, buildings, draft.version)
    began = perf_counter()
    assert drafts.check_draft(draft).is_ready
    checked = perf_counter()
    built = build_subdistrict(session, caller, first_day.subdistrict_id, draft.version, Profile(300, 500))
    print(f"check {checked - began:.2f} s, land {perf_counter() - checked:.2f} s")  # noqa: T201 - shown with -s
    assert (built.communities, built.buildings, len(built.revisions)) == (3, 1200, 3)
    assert perf_counter() - began < 60
