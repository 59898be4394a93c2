"""Drawings with noise and faults: no fault where land is sound, else exactly this fault with this area."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely

from gridmap.core.coverage.checks import check_grids
from gridmap.core.plans.profile import Profile
from gridmap.formats.package.drawn_grids import read_town_and_grids
from tests.corpus.cases import Case, Refusal, TownFacts, read_facts, read_or_refuse, run_cases
from tests.corpus.drawings import (
    as_multipolygons,
    both,
    bow_tie,
    community_edge,
    densified,
    doubled,
    every,
    every_second,
    extra_grid,
    grid_with,
    in_crs,
    inner_spike,
    jitter,
    outline,
    replace_shape,
    ring_that_touches_itself,
    rotated,
    rounded,
    sheared,
    spike,
    vertex_at,
    with_detached_part,
    with_hole,
    with_hole_filled,
)
from tests.corpus.town import town_written
from tests.fixtures.town_package import EAST_M, NORTH_M, box

Found = Mapping[str, tuple[int, int]]
NORM = Profile(300, 500)


def read_findings(source: Path) -> Found | Refusal:
    """Return the number of faults of each kind, and their area in whole square metres."""

    def read() -> Found:
        town, drawn = read_town_and_grids(source, None, allow_overlaps=True)
        found: dict[str, tuple[int, int]] = {}
        areas: dict[str, float] = {}
        for finding in check_grids(town, drawn, NORM):
            kind = str(finding.kind)
            areas[kind] = areas.get(kind, 0.0) + finding.area_m2
            found[kind] = (found.get(kind, (0, 0))[0] + 1, round(areas[kind]))
        return found

    result: Found | Refusal = read_or_refuse(read)
    return result


NONE: Found = {}
BOW_TIE: Found = {
    "gap": (2, 40000),
    "invalid": (1, 40000),
    "unassigned_building": (2, 1120),
    "multipart": (1, 20000),
    "undersize": (1, 40000),
}
NO_AREA = "grids 1 geometry: the outline is beyond repair: it encloses nothing, or crosses itself too often"
UNMATCHED: Found = {"invalid": (2, 0)}
"""Borders that do not match vertex for vertex, with no land between them: of low severity."""
NOISE = (
    Case("the sound drawing", town_written(), NONE),
    Case("a vertex in the middle of a shared border", town_written(vertex_at(200)), NONE, is_quick=True),
    Case("many vertices on one side of every border", town_written(every("grids", every_second(densified(7.3)))), NONE),
    Case("vertices on all borders of the communities only", town_written(every("communities", densified(13.1))), NONE),
    Case("a vertex 1 mm off a shared border", town_written(vertex_at(200.001)), NONE),
    Case("a vertex 4 mm off a shared border", town_written(vertex_at(199.996)), NONE),
    Case("a vertex 3 cm off a shared border", town_written(vertex_at(200.03)), UNMATCHED),
    Case(
        "rings that run the other way",
        town_written(every("grids", lambda shapes: np.asarray(shapely.reverse(shapes)))),
        NONE,
    ),
    Case("rings that begin at other vertices", town_written(every("grids", rotated)), NONE),
    Case("vertices that are written twice", town_written(every("grids", doubled)), NONE, is_quick=True),
    Case("multipolygons of one part", town_written(every("grids", as_multipolygons)), NONE),
    Case("jitter of a nanometre", town_written(every("grids", jitter(1e-9))), NONE, is_quick=True),
    Case("jitter of a millimetre", town_written(every("grids", jitter(1e-3))), NONE),
    Case("jitter of a centimetre", town_written(every("grids", jitter(1e-2))), {"invalid": (2, 0)}),
    Case("grids with two decimals", town_written(both(sheared(0.1234567), rounded(2, "grids"))), NONE),
    Case("grids with three decimals", town_written(both(sheared(0.1234567), rounded(3, "grids"))), NONE),
    Case("grids with one decimal of a metre", town_written(both(sheared(0.1234567), rounded(1, "grids"))), NONE),
    Case(
        "nearly collinear vertices along sloping borders",
        town_written(both(sheared(0.37), every("grids", every_second(densified(11.7))), rounded(3, "grids"))),
        NONE,
    ),
    Case("borders along parallels in degrees", town_written(in_crs(4490)), NONE),
    Case(
        "borders in degrees with a vertex on one side",
        town_written(in_crs(4490, every("grids", every_second(densified(50))))),
        NONE,
        is_quick=True,
    ),
    Case("degrees with seven decimals", town_written(both(in_crs(4490), rounded(7))), NONE),
    Case("degrees with six decimals", town_written(both(in_crs(4490), rounded(6))), NONE),
    Case("degrees with seven decimals for the grids only", town_written(both(in_crs(4490), rounded(7, "grids"))), NONE),
    Case(
        "grids in degrees over communities in metres",
        town_written(lambda layers: layers.update(grids=layers["grids"].to_crs(4490))),
        NONE,
    ),
    Case(
        "grids in another zone than the communities",
        town_written(lambda layers: layers.update(grids=layers["grids"].to_crs(4546))),
        NONE,
    ),
    Case(
        "a building exactly on the border of two grids",
        town_written(lambda layers: replace_shape(layers, "buildings", 1, box(180, 40, 20, 14))),
        NONE,
    ),
)
WIDTHS = (
    Case("a gap of 1 cm", town_written(grid_with(199.99)), UNMATCHED),
    Case("a gap of 7 cm", town_written(grid_with(199.93)), UNMATCHED),
    Case("a gap of 9 cm", town_written(grid_with(199.91)), {"gap": (1, 36)}, is_quick=True),
    Case("a gap of 1 m", town_written(grid_with(199.0)), {"gap": (1, 400)}),
    Case("a gap of 1 m over 10 m", town_written(grid_with(199.0, 100, 110)), {"gap": (1, 10)}),
    Case("an overlap of 1 cm", town_written(grid_with(200.01)), UNMATCHED),
    Case("an overlap of 7 cm", town_written(grid_with(200.07)), UNMATCHED),
    Case("an overlap of 9 cm", town_written(grid_with(200.09)), {"overlap": (1, 36)}, is_quick=True),
    Case("an overlap of 2 m over 50 m", town_written(grid_with(202.0, 100, 150)), {"overlap": (1, 100)}),
    Case("a gap of 9 cm in degrees", town_written(in_crs(4490, grid_with(199.91))), {"gap": (1, 36)}),
    Case("an overlap of 9 cm in degrees", town_written(in_crs(4490, grid_with(200.09))), {"overlap": (1, 36)}),
    Case("a gap of 30 cm by 30 cm", town_written(grid_with(199.7, 100, 100.3)), NONE),
    Case("a gap of 40 cm by 40 cm", town_written(grid_with(199.6, 100, 100.4)), {"gap": (1, 0)}),
    Case(
        "land of 7 cm outside the community",
        town_written(outline("grids", 1, (-0.07, 0), (200, 0), (200, 400), (-0.07, 400))),
        NONE,
    ),
    Case(
        "land of 9 cm outside the community",
        town_written(outline("grids", 1, (-0.09, 0), (200, 0), (200, 400), (-0.09, 400))),
        {"spill": (1, 36)},
    ),
    Case(
        "land of 9 cm of the community in no grid",
        town_written(outline("grids", 1, (0.09, 0), (200, 0), (200, 400), (0.09, 400))),
        {"gap": (1, 36)},
    ),
    Case(
        "a sliver that narrows from 1 m to nothing",
        town_written(outline("grids", 1, (0, 0), (199, 0), (200, 400), (0, 400))),
        {"gap": (1, 199)},
    ),
)
FAULTS = (
    Case("a hole", town_written(with_hole), {"gap": (1, 400)}),
    Case("a grid in the hole of another", town_written(with_hole_filled), {"empty_grid": (1, 400)}),
    Case("a detached part", town_written(with_detached_part), {"multipart": (1, 400)}),
    Case(
        "a grid drawn twice",
        town_written(extra_grid(box(0, 0, 200, 400))),
        {"duplicate": (1, 80000), "empty_grid": (1, 80000)},
    ),
    Case("a bow tie", town_written(bow_tie), BOW_TIE),
    Case("a line back and forth within a grid", town_written(ring_that_touches_itself), {"invalid": (1, 80000)}),
    Case("a spike of 5 m without width", town_written(spike(5.0)), {"invalid": (1, 80000)}),
    Case("a spike of 5 m and 2 cm", town_written(spike(5.0, 0.02)), NONE),
    Case("a spike of 50 m and 10 cm", town_written(spike(50.0, 0.1)), {"spill": (1, 1)}),
    Case("a notch of 50 m and 2 cm", town_written(inner_spike(50.0)), NONE),
    Case(
        "land in another community",
        town_written(outline("grids", 2, (200, 0), (410, 0), (410, 400), (200, 400))),
        {"overlap": (1, 4000), "foreign_community": (1, 4000)},
    ),
    Case(
        "a code that two neighbours have: they are one grid",
        town_written(lambda layers: layers["grids"].__setitem__("grid_code", ["g1", "g1", "g3", "g4", "g5", "g6"])),
        {"oversize": (1, 160000)},
    ),
    Case(
        "a point instead of a grid",
        town_written(lambda layers: replace_shape(layers, "grids", 1, shapely.Point(EAST_M, NORTH_M))),
        Refusal.of("grids 1 geometry: the geometry is of the wrong type"),
    ),
    Case("a grid of one vertex", town_written(outline("grids", 1, (5, 5), (5, 5), (5, 5))), Refusal.of(NO_AREA)),
)
OVERLAPS = "communities {} geometry: it overlaps {} by {} m²"
COMMUNITIES = (
    Case(
        "communities with vertices on one side",
        town_written(every("communities", every_second(densified(9.7)))),
        TownFacts(),
    ),
    Case("communities that overlap by 2 mm", town_written(community_edge(400.002)), TownFacts()),
    Case(
        "communities that overlap by 1 m over 0.9 m",
        town_written(community_edge(401.0, 100, 100.9)),
        TownFacts(),
        is_quick=True,
    ),
    Case(
        "communities that overlap by 1.2 m over 5 m",
        town_written(community_edge(401.2, 100, 105)),
        Refusal.of(OVERLAPS.format(2, "420106001001 (1)", 6)),
        is_quick=True,
    ),
    Case("communities that overlap by 0.9 m", town_written(community_edge(400.9)), TownFacts()),
    Case(
        "communities that overlap by 1.2 m",
        town_written(community_edge(401.2)),
        Refusal.of(OVERLAPS.format(2, "420106001001 (1)", 480)),
    ),
    Case(
        "communities in degrees with a vertex on one side",
        town_written(in_crs(4490, every("communities", every_second(densified(50))))),
        TownFacts("EPSG:32650"),
    ),
    Case("communities with jitter of a millimetre", town_written(every("communities", jitter(1e-3))), TownFacts()),
    Case(
        "a community that touches itself",
        town_written(
            outline("communities", 1, (0, 0), (400, 0), (400, 400), (200, 400), (200, 200), (200, 400), (0, 400))
        ),
        TownFacts(),
    ),
    Case(
        "a community that crosses itself",
        town_written(outline("communities", 1, (0, 0), (400, 0), (0, 400), (400, 400))),
        Refusal.of("communities 1 geometry: the outline crosses itself"),
    ),
    Case(
        "a community without area",
        town_written(outline("communities", 1, (0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5))),
        Refusal.of("communities 1 geometry: the area is zero"),
    ),
    Case(
        "a community far away",
        town_written(lambda layers: replace_shape(layers, "communities", 1, box(300_000, 0, 400, 400))),
        Refusal.of("communities geometry: the communities extend over 300 km"),
    ),
)


@run_cases(NOISE, WIDTHS, FAULTS)
def test_a_drawing_has_exactly_these_faults(case: Case, tmp_path: Path) -> None:
    source = case.write(tmp_path)
    assert isinstance(source, Path)
    assert read_findings(source) == case.expected


@run_cases(COMMUNITIES)
def test_communities_are_read_or_refused(case: Case, tmp_path: Path) -> None:
    assert read_facts(case.write(tmp_path)) == case.expected
