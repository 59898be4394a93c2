"""Map page of a plan, without a browser."""

import base64
import hashlib
import json
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from branca.element import JavascriptLink

from gridmap.config import resource_dir
from gridmap.core.plans.grid_codes import short_code
from gridmap.maps.assets import read_template
from gridmap.maps.layer_values import translate_reason
from gridmap.maps.page_geometry import assign_tints, encode_geometries, simplify_coverage
from gridmap.maps.page_texts import PAGE_TEXTS
from gridmap.maps.plan_layers import PlanLayers, build_page_data
from gridmap.maps.plan_map import SCRIPT_NAMES, PlanMap, PlanPage, build_content_policy, json_for_html, render_plan_page
from tests.fixtures import result_files

SENTENCE_PATTERN = re.compile(r"""say\("([^"]+)\"|data-say(?:-label)?="([^"{]+)\"""")


def plan_layers(count: int = 6) -> PlanLayers:
    return PlanLayers("金江路社区", **result_files.plan_layers(count))


def script_sources() -> str:
    scripts = (resource_dir("static") / "js" / "map" / f"{name}.js" for name in SCRIPT_NAMES)
    return read_template("map.html") + "".join(script.read_text("utf-8") for script in scripts)


def test_the_same_plan_gives_the_same_page() -> None:
    assert render_plan_page(plan_layers()) == render_plan_page(plan_layers())


def test_grids_are_drawn_by_their_outlines() -> None:
    layers = result_files.plan_layers(2)
    codes, shapes = layers["grids"]["grid_code"], layers["grids"].geometry
    outlines = gpd.GeoDataFrame({"grid_code": codes}, geometry=shapes.scale(0.5, 0.5), crs=shapes.crs).iloc[::-1]
    drawn = PlanLayers("", **layers, outlines=outlines)
    assert shapely.equals(drawn.areas, shapes.scale(0.5, 0.5).to_numpy()).all()
    assert shapely.equals(PlanLayers("", **layers, outlines=outlines.iloc[1:]).areas, shapes.to_numpy()).all()


def test_the_page_links_to_nothing() -> None:
    page = render_plan_page(plan_layers())
    assert re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(?!data:)", page) == []


def test_folium_assets_that_are_not_vendored_are_refused() -> None:
    page = PlanPage(plan_layers(), "en")
    PlanMap(location=(0, 0), tiles=None).add_to(page)
    page.header.add_child(JavascriptLink("https://example.org/jquery.js"), name="jquery")
    with pytest.raises(ValueError, match="not an own asset"):
        page.render()


def test_the_policy_allows_exactly_the_scripts_of_the_page() -> None:
    digest = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
    policy = build_content_policy("<script>run()</script><script type='application/json'>{}</script>")
    assert f"script-src 'sha256-{digest}';" in policy
    assert "style-src 'none'" in policy


def test_every_text_of_the_page_is_in_its_catalogue() -> None:
    texts = {first or second for first, second in SENTENCE_PATTERN.findall(script_sources())}
    assert texts - set(PAGE_TEXTS) == set()


def test_the_catalogue_has_no_unused_text() -> None:
    sources = script_sources() + (resource_dir("static").parent / "gridmap" / "maps" / "plan_map.py").read_text("utf-8")
    assert [text for text in PAGE_TEXTS if text not in sources] == []


@pytest.mark.parametrize("text", result_files.HOSTILE)
def test_json_for_html_keeps_the_text_and_cannot_end_its_element(text: str) -> None:
    encoded = json_for_html({"name": text})
    assert json.loads(encoded) == {"name": text}
    assert not set(encoded) & set("<>&\u2028\u2029")


def test_decoded_shapes_are_exact_to_a_tenth_of_a_metre() -> None:
    ring = result_files.square(0, 0)
    dimension, steps = encode_geometries(np.array([ring]), (102_000_000, 25_000_000))[0]
    back = np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / 1e6 + (102, 25)
    assert dimension == 2
    assert np.abs(back - shapely.get_coordinates(ring)).max() < 1e-6


def test_the_polygons_of_a_collection_are_drawn() -> None:
    collection = shapely.GeometryCollection([shapely.Point(3, 3), result_files.square(0, 0)])
    assert encode_geometries(np.array([collection]), (0, 0)) == encode_geometries(
        np.array([result_files.square(0, 0)]), (0, 0)
    )


def test_neighbours_still_share_their_edge_when_simplified() -> None:
    edge = [(1, y + 1e-7 * (y % 2)) for y in range(9)]
    left, right = shapely.Polygon([(0, 8), (0, 0), *edge]), shapely.Polygon([(2, 0), (2, 8), *edge[::-1]])
    assert shapely.coverage_is_valid(simplify_coverage(np.array([left, right])))


def test_neighbours_have_different_tints() -> None:
    raster = shapely.box(*np.array([(x, y, x + 1, y + 1) for x in range(4) for y in range(4)]).T)
    tints = assign_tints(raster)
    pairs = shapely.STRtree(raster).query(raster, predicate="touches").T
    assert all(tints[area] != tints[neighbour] for area, neighbour in pairs)


def test_missing_values_are_null_on_the_page() -> None:
    layers = result_files.plan_layers()
    layers["grids"].loc[2, ["households", "radius_m"]] = [np.nan, np.inf]
    grid = build_page_data(PlanLayers("x", **layers))["grids"][2]
    assert (grid["households"], grid["radius_m"]) == (None, None)


def test_lots_are_distinguished_from_footprints() -> None:
    layers = result_files.plan_layers()
    assert not PlanLayers("x", **layers).has_lots
    assert PlanLayers("x", **(layers | {"buildings": layers["grids"]})).has_lots


def test_a_code_is_shortened_by_its_community() -> None:
    assert short_code("A-7-012", "A-7") == "012"


@pytest.mark.parametrize(
    "template",
    ["{households.__class__}", "{households:>999999999}", "{households!r}", "{0}", "{", "{unknown}", "{households[0]}"],
)
def test_a_template_that_reaches_beyond_its_values_is_not_used(template: str) -> None:
    encoded = json.dumps({"template": template, "values": {"households": 3}})
    assert translate_reason("as written", encoded) == {"zh-CN": "as written", "en": "as written"}


def test_a_plan_without_buildings_and_streets_is_a_page() -> None:
    layers = result_files.plan_layers()
    empty = {name: layers[name].iloc[:0] for name in ("buildings", "streets", "barriers", "dedicated")}
    data = build_page_data(PlanLayers("x", **(layers | empty)))
    assert data["layers"]["buildings"]["shapes"] == []
