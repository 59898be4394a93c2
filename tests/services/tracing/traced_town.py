"""A small subdistrict as a planner traces it on the first day: three communities, estates, streets and grids."""

from collections.abc import Sequence

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.tracing.shapes import ListedBuilding, ShapeKind, TracedShape, TracedTown
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.tracing.subdistricts import CodedPlace, create_subdistrict
from gridmap.store.schema import Account
from tests.fixtures.callers import caller_of

CODE, NAME = "420106009", "新河街道"
COMMUNITIES = {f"{CODE}{number:03d}": f"新河{number}社区" for number in (1, 2, 3)}
WEST, SOUTH = 114.30, 30.50
WIDTH, HEIGHT = 0.004, 0.003
"""Size of a community, degrees: about 380 m × 330 m. The three lie side by side."""
ESTATES = tuple(f"{name}{place}园" for name in ("东", "中", "西") for place in ("南", "北"))
BUILDINGS_PER_ESTATE, HOUSEHOLDS = 4, 40


def box(column: int, bottom: float = 0.0, top: float = 1.0, margin: float = 0.0) -> shapely.Polygon:
    """Return a part of a community: the whole width, between two heights from 0 to 1."""
    west, south = WEST + column * WIDTH, SOUTH
    corners = west + margin, south + bottom * HEIGHT + margin, west + WIDTH - margin, south + top * HEIGHT - margin
    return shapely.box(*corners)


def traced_shapes() -> list[TracedShape]:
    """Return the boundaries, a street through the middle, an outline for each estate, and two grids each in two."""
    shapes = [
        TracedShape(f"c{column}", ShapeKind.COMMUNITY, box(column), code=code)
        for column, code in enumerate(COMMUNITIES)
    ]
    middle = SOUTH + HEIGHT / 2
    street = shapely.LineString([(WEST, middle), (WEST + 3 * WIDTH, middle)])
    shapes.append(TracedShape("s1", ShapeKind.STREET, street, "人民路", type="local"))
    for position, estate in enumerate(ESTATES):
        bottom = 0.5 * (position % 2)
        outline = box(position // 2, bottom, bottom + 0.5, margin=0.0002)
        shapes.append(TracedShape(f"o{position}", ShapeKind.OUTLINE, outline, estate))
    for column in (0, 1):
        for number, bottom in enumerate((0.0, 0.5), 1):
            grid = box(column, bottom, bottom + 0.5)
            shapes.append(TracedShape(f"g{column}{number}", ShapeKind.GRID, grid, f"第{number}网格"))
    return shapes


def listed_buildings() -> list[ListedBuilding]:
    """Return the buildings of all estates."""
    numbers = range(1, BUILDINGS_PER_ESTATE + 1)
    return [ListedBuilding(estate, f"{number}号楼", HOUSEHOLDS, 6) for estate in ESTATES for number in numbers]


def list_as_text(buildings: Sequence[ListedBuilding]) -> str:
    """Return a list as it is copied from a spreadsheet."""
    rows = ["小区\t楼号\t户数", *(f"{each.estate}\t{each.number}\t{each.households}" for each in buildings)]
    return "\n".join(rows)


def traced_town() -> TracedTown:
    return TracedTown(traced_shapes(), listed_buildings())


def create_planner(session: Session, name: str = "planner", *, community: str | None = None) -> int:
    """Create a planner of the subdistrict, who may approve, and return the key of the account."""
    scope = ScopeRequest(CODE, community, can_approve=True)
    create_account(session, caller_of(session), name, Role.PLANNER, name, scope)
    return int(session.scalars(select(Account.id).where(Account.name == name)).one())


def create_first_day(session: Session) -> int:
    """Create the empty subdistrict as the owner does, and return its key."""
    communities = [CodedPlace(code, name) for code, name in COMMUNITIES.items()]
    return create_subdistrict(session, CodedPlace(CODE, NAME), communities)
