"""Links from points to buildings and cells."""

import numpy as np
import shapely

from gridmap.core.land.build import build_land
from gridmap.core.land.point_links import PointLinks, link_points
from tests.fixtures.ascii_towns import CORNER, town

STREET = """
    A.B
    A.B
    ---
    C.C
"""
SQUARE_M = 20.0


def link_ascii_points(*squares: tuple[float, float]) -> tuple[PointLinks, np.ndarray]:
    """Link points given in squares from the lower left corner; return the links and the cells of the buildings."""
    drawn = town(STREET, size=SQUARE_M)
    land = build_land(drawn)
    return link_points(
        shapely.points(np.array(squares) * SQUARE_M + np.array(CORNER)), drawn, land
    ), land.cell_of_building


def test_a_point_in_a_building_is_linked_to_its_cell() -> None:
    links, cells = link_ascii_points((0.5, 3.0))
    assert links.building.tolist() == [0]
    assert links.cell.tolist() == [cells[0]]


def test_a_point_next_to_a_building_is_linked_to_its_cell_and_to_no_building() -> None:
    links, cells = link_ascii_points((1.1, 3.0), (1.9, 3.0))
    assert links.building.tolist() == [-1, -1]
    assert links.cell.tolist() == cells[:2].tolist()


def test_a_point_far_away_is_linked_to_nothing() -> None:
    links, _ = link_ascii_points((100.0, 100.0))
    assert (links.building.tolist(), links.cell.tolist()) == ([-1], [-1])


def test_a_point_on_a_shared_edge_is_linked_to_the_first_cell() -> None:
    drawn = town(STREET, size=SQUARE_M)
    land = build_land(drawn)
    shared = shapely.intersection(land.cells[0], land.cells[1])
    corner = shapely.points(shapely.get_coordinates(shared)[:1])
    first = np.flatnonzero(shapely.intersects(land.cells, corner[0]))[0]
    assert link_points(corner, drawn, land).cell.tolist() == [first]
