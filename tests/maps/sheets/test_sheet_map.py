"""Map of a sheet as SVG: well-formed, in millimetres, with every layer that is given and no other."""

from xml.etree import ElementTree as ET

import pytest
import shapely

from gridmap.core.facilities.place_kinds import Badge
from gridmap.core.vocabulary import StreetKind
from gridmap.maps.sheets.frame import fit_frame
from gridmap.maps.sheets.paper import Paper
from gridmap.maps.sheets.sheet_map import NamedShape, PlaceShape, SheetLayers, StreetShape, draw_sheet_map

GRID = shapely.box(106.0, 29.0, 106.004, 29.003)
FULL = SheetLayers(
    grid=GRID,
    neighbours=[NamedShape("002", shapely.box(106.004, 29.0, 106.008, 29.003))],
    streets=[StreetShape("桥头<路>", StreetKind.LOCAL, shapely.LineString([(106.0, 29.002), (106.004, 29.002)]))],
    given_streets=[shapely.LineString([(106.004, 29.0), (106.004, 29.003)])],
    buildings=[NamedShape("3号楼", shapely.box(106.001, 29.0005, 106.0016, 29.0008))],
    resident_groups=[NamedShape("一组", shapely.box(106.0, 29.0, 106.002, 29.003))],
    places=[
        PlaceShape("police_room", Badge.SQUARE, "警务室", shapely.Point(106.003, 29.001)),
        PlaceShape("street_lamp", Badge.PLAIN, None, shapely.Point(106.002, 29.002)),
    ],
)


def draw(layers: SheetLayers) -> ET.Element:
    return ET.fromstring(draw_sheet_map(layers, fit_frame(GRID, Paper.A4)))


def classes(svg: ET.Element) -> set[str]:
    return {element.get("class", "").split(" ")[0] for element in svg.iter()}


def texts(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in svg.iter() if element.tag.endswith("text")]


def test_every_layer_is_drawn_with_its_labels() -> None:
    svg = draw(FULL)
    assert {"building", "street", "given-street", "group-border", "neighbour-border", "grid-border"} <= classes(svg)
    assert {"3号楼", "警务室", "002", "桥头<路>", "一组", "N"} <= set(texts(svg))
    symbols = [element.get("href") for element in svg.iter() if element.tag.endswith("use")]
    assert sorted(symbols, key=str) == ["#place-police_room", "#place-street_lamp"]


def test_a_layer_that_is_hidden_leaves_nothing() -> None:
    svg = draw(SheetLayers(grid=GRID))
    layers = {"building", "street", "street-casing", "given-street", "group-border", "neighbour-border", "leader"}
    assert layers & classes(svg) == set()
    assert texts(svg)[:1] == ["N"]


def test_a_unit_is_a_millimetre_and_the_scale_bar_is_true() -> None:
    svg, frame = draw(FULL), fit_frame(GRID, Paper.A4)
    width, height = svg.get("width", ""), svg.get("height", "")
    assert svg.get("viewBox") == f"0 0 {width.removesuffix('mm')} {height.removesuffix('mm')}"
    bar = next(element for element in svg.iter() if element.get("class") == "scale-bar")
    halves = [float(element.get("width", 0)) for element in bar if element.tag.endswith("rect")]
    assert sum(halves) * frame.scale / 1000 == pytest.approx(float(bar.get("data-metres", 0)), rel=1e-3)
    assert texts(bar) == ["0", "50", "100 m"]


def test_land_outside_the_grid_is_shaded_without_the_grid() -> None:
    svg = draw(FULL)
    outside = next(element for element in svg.iter() if element.get("class") == "outside")
    assert (outside.get("fill-rule"), outside.get("d", "").count("M")) == ("evenodd", 2)
