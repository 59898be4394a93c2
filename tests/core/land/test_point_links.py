"""Every place belongs to one cell."""

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
    """Links of places given in squares from the lower left corner, and the cells of the buildings."""
    drawn = town(STREET, size=SQUARE_M)
    land = build_land(drawn)
    return link_points(
        shapely.points(np.array(squares) * SQUARE_M + np.array(CORNER)), drawn, land
    ), land.cell_of_building


def test_a_place_in_a_building_is_on_its_cell() -> None:
    found, cells = link_ascii_points((0.5, 3.0))
    assert found.building.tolist() == [0]
    assert found.cell.tolist() == [cells[0]]


def test_a_place_beside_a_building_is_on_its_cell_and_in_no_building() -> None:
    found, cells = link_ascii_points((1.1, 3.0), (1.9, 3.0))
    assert found.building.tolist() == [-1, -1]
    assert found.cell.tolist() == cells[:2].tolist()


def test_a_place_far_away_is_nowhere() -> None:
    found, _ = link_ascii_points((100.0, 100.0))
    assert (found.building.tolist(), found.cell.tolist()) == ([-1], [-1])


def test_of_cells_that_share_an_edge_the_first_has_what_is_on_it() -> None:
    drawn = town(STREET, size=SQUARE_M)
    land = build_land(drawn)
    shared = shapely.intersection(land.cells[0], land.cells[1])
    corner = shapely.points(shapely.get_coordinates(shared)[:1])
    first = np.flatnonzero(shapely.intersects(land.cells, corner[0]))[0]
    assert link_points(corner, drawn, land).cell.tolist() == [first]
