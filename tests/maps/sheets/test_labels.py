"""Labels and symbols of a sheet: within their places, apart from one another, and upright."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.facilities.place_kinds import Badge
from gridmap.maps.sheets.boxes import TakenRoom, centred_box
from gridmap.maps.sheets.labels import area_label, building_label, short_names, street_label
from gridmap.maps.sheets.symbols import DrawnSymbol, PlacePoint, arrange_symbols, name_symbols

COORDINATES = st.floats(0, 190)


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("锦绣花园12号楼", ["锦绣花园12号楼", "12号楼", "12"]),
        ("3-1栋", ["3-1栋", "3-1"]),
        ("甲座", ["甲座", "甲"]),
        ("B7", ["B7"]),
        ("12 Harbour Road", ["12 Harbour Road"]),
    ],
)
def test_a_building_has_shorter_names(name: str, forms: list[str]) -> None:
    assert short_names(name) == forms


@pytest.mark.parametrize(("width", "text"), [(30, "锦绣花园3号楼"), (6, "3号楼"), (1, "3")])
def test_the_longest_name_that_fits_stands_on_a_building(width: float, text: str) -> None:
    label = building_label("锦绣花园3号楼", shapely.box(50, 50, 50 + width, 54), TakenRoom())
    assert label is not None
    assert label.text == text


def test_a_number_without_room_is_left_out() -> None:
    room = TakenRoom()
    room.take((0, 0, 100, 100))
    assert building_label("3号楼", shapely.box(50, 50, 51, 51), room) is None


@given(COORDINATES, COORDINATES, COORDINATES, COORDINATES)
def test_the_name_of_a_street_lies_on_it_and_is_upright(x1: float, y1: float, x2: float, y2: float) -> None:
    street = shapely.LineString([(x1, y1), (x2, y2)])
    label = street_label("桥头路", street, TakenRoom())
    assert (label is not None) == (street.length >= 7.5)
    if label:
        assert street.distance(shapely.Point(label.x, label.y)) < 1e-6
        assert abs(label.angle) <= 90 + 1e-9


def test_the_name_of_a_street_avoids_what_is_there() -> None:
    room = TakenRoom()
    room.take((40, 8, 60, 12))
    street = shapely.LineString([(0, 10), (100, 10), (100, 70)])
    label = street_label("桥头路", street, room)
    assert label is not None
    assert (label.x, label.y, abs(label.angle)) == (100, 40, 90)


def test_the_code_of_a_neighbour_stands_within_it_or_not_at_all() -> None:
    label = area_label("003", shapely.box(0, 0, 20, 10), 3.4, TakenRoom())
    assert label is not None
    assert shapely.box(0, 0, 20, 10).contains(shapely.Point(label.x, label.y))
    assert area_label("003", shapely.box(0, 0, 1, 1), 3.4, TakenRoom()) is None
    assert area_label("003", shapely.Polygon(), 3.4, TakenRoom()) is None


def drawn_box(symbol: DrawnSymbol) -> shapely.Polygon:
    return shapely.box(*centred_box(symbol.x, symbol.y, symbol.place.size, symbol.place.size))


@given(st.lists(st.tuples(st.floats(20, 60), st.floats(20, 60)), max_size=12))
def test_symbols_of_offices_never_cover_one_another(points: list[tuple[float, float]]) -> None:
    places = [PlacePoint("police_room", Badge.SQUARE, x, y) for x, y in points]
    boxes = [drawn_box(symbol) for symbol in arrange_symbols(places, TakenRoom())]
    overlaps = [a.intersection(b).area for i, a in enumerate(boxes) for b in boxes[:i]]
    assert max(overlaps, default=0) == 0


def test_seven_places_in_one_spot_are_all_drawn_near_it() -> None:
    symbols = arrange_symbols([PlacePoint("volunteers", Badge.ROUND, 50, 50)] * 7, TakenRoom())
    assert [symbol.is_moved for symbol in symbols] == [False] + [True] * 6
    assert max(shapely.Point(50, 50).distance(shapely.Point(s.x, s.y)) for s in symbols) < 7


def test_street_facilities_stand_on_their_spot() -> None:
    lamps = [PlacePoint("street_lamp", Badge.PLAIN, 50, 50, size=2.8)] * 3
    assert [(symbol.x, symbol.y) for symbol in arrange_symbols(lamps, TakenRoom())] == [(50, 50)] * 3


def test_names_stand_beside_their_symbols_where_there_is_room() -> None:
    room = TakenRoom()
    symbols = arrange_symbols(
        [PlacePoint("police_room", Badge.SQUARE, 50, 50, name) for name in ("甲", "乙", None)], room
    )
    labels = list(name_symbols(symbols, room))
    assert [label.text for label in labels] == ["甲", "乙"]
    room.take((0, 0, 200, 200))
    assert list(name_symbols(symbols, room)) == []
