"""Today's grids as a hand draws them: a sound division first, then the mistakes that planners want to be rid of."""

from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.core.plans.grid_codes import generate_grid_codes
from gridmap.demo.layers import CGCS2000_114E
from gridmap.demo.presets import TownPreset
from gridmap.demo.resident_groups import Plots, allocate_parts, group_plots, make_contiguous

HOUSEHOLDS_PER_GRID = 400
WOBBLE_FADE_M = 40.0
"""Metres from the border of a community at which a hand strays fully."""
OVERLAP_WIDTHS_M, BITE_RADII_M, OVERREACH_WIDTHS_M = (5.0, 20.0), (15.0, 30.0), (10.0, 25.0)
"""Widths of overlaps, radii of bites, how far a grid reaches over the border of its community."""
SMALL_GRID_HOUSEHOLDS = 200


class GridDrawing:
    """Grids while they are drawn; every mistake takes a grid of its own, as long as there are any."""

    def __init__(self, rng: np.random.Generator, plots: Plots, grid_of_plot: IntArray) -> None:
        self.rng, self.plots, self.grid_of_plot = rng, plots, grid_of_plot
        self.untouched: list[int] = rng.permutation(int(grid_of_plot.max()) + 1).tolist()
        self.community_of_grid = np.array(
            [plots.community[grid_of_plot == grid][0] for grid in range(int(grid_of_plot.max()) + 1)]
        )
        self.plot_adjacency = plots.adjacency[["one", "other"]].to_numpy()

    def claim(self, grid: int) -> int:
        """Mark a grid as touched."""
        if grid in self.untouched:
            self.untouched.remove(grid)
        return grid

    def untouched_neighbours(self, grid: int) -> list[int]:
        """Untouched grids of the same community beside a grid."""
        at = self.grid_of_plot[self.plot_adjacency]
        near = np.unique(at[at[:, 0] == grid, 1]).tolist()
        return [
            n
            for n in near
            if n in self.untouched and n != grid and self.community_of_grid[n] == self.community_of_grid[grid]
        ]

    def count_households(self, grid: int) -> int:
        """Households of a grid."""
        return int(self.plots.households[self.grid_of_plot == grid].sum())

    def inhabited_plots(self, grid: int) -> IntArray:
        """Plots of a grid with people."""
        return np.flatnonzero((self.grid_of_plot == grid) & (self.plots.households > 0))

    def adjacent_plots(self, grid: int) -> IntArray:
        """Plots beside a grid, its own ones too."""
        return np.asarray(self.plot_adjacency[self.grid_of_plot[self.plot_adjacency[:, 1]] == grid, 0])

    def give_plot(self, candidates: IntArray, grid: int) -> bool:
        """Give one of some plots to a grid, the one with the fewest people that leaves the rest of its own whole."""
        for plot in candidates[np.argsort(self.plots.households[candidates], kind="stable")]:
            own, rest = int(self.grid_of_plot[plot]), self.grid_of_plot.copy()
            rest[plot] = -1
            whole = make_contiguous(self.plots, rest)[rest == own] == own
            if self.count_households(own) > self.plots.households[plot] and whole.all():
                self.grid_of_plot[plot] = grid
                return True
        return False

    def untouched_pairs(self) -> Iterator[tuple[int, int]]:
        """Untouched grids with each of their untouched neighbours."""
        for grid in list(self.untouched):
            yield from ((grid, other) for other in self.rng.permutation(self.untouched_neighbours(grid)).tolist())


def draw_grids(
    rng: np.random.Generator, preset: TownPreset, plots: Plots, community_codes: list[str]
) -> gpd.GeoDataFrame:
    """Draw the grids of today.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    preset : TownPreset
        Words, and the mistakes to make.
    plots : Plots
        Land that the grids are gathered from.
    community_codes : list of str
        Codes of the communities.

    Returns
    -------
    GeoDataFrame
        ``grid_code`` (None where it is missing), ``name``, ``worker`` (None where there is none) and polygons in
        EPSG:4547.
    """
    mistakes = preset.mistakes
    drawing = GridDrawing(rng, plots, partition_plots(plots, preset.grids))
    for mistake, times in ((_merge_grids, mistakes.oversize), (_shrink_grid, mistakes.undersize)):
        _repeat_mistake(drawing, mistake, times)
    for mistake, times in ((_leave_gap, mistakes.gaps), (_create_exclave, mistakes.exclaves)):
        _repeat_mistake(drawing, mistake, times)
    kept = np.unique(drawing.grid_of_plot[drawing.grid_of_plot >= 0])
    drawing.untouched = rng.permutation(kept).tolist()
    shapes = _wobble_plots(rng, plots, mistakes.wobble)
    grids = {int(grid): shapely.coverage_union_all(shapes[drawing.grid_of_plot == grid]) for grid in kept}
    for change, times in (
        (_draw_overreach, mistakes.strays),
        (_draw_overlap, mistakes.overlaps),
        (_draw_bite, mistakes.bites),
    ):
        _redraw_grids(drawing, grids, change, times)
    return _grid_table(drawing, grids, preset, community_codes)


def partition_plots(plots: Plots, grid_count: int = 0) -> IntArray:
    """The sound division that hands start from: number of the grid for each plot.

    Parameters
    ----------
    plots : Plots
    grid_count : int
        How many; 0 for one to every `HOUSEHOLDS_PER_GRID`.
    """
    owner = np.full(len(plots.shapes), -1, dtype=np.int64)
    counts = allocate_parts(plots, grid_count or max(1, round(int(plots.households.sum()) / HOUSEHOLDS_PER_GRID)))
    for community, parts in enumerate(counts):
        own = group_plots(plots, community, parts)
        owner = np.where(own >= 0, own + owner.max() + 1, owner)
    return owner


MistakeMaker = Callable[[GridDrawing, int, int], bool]


def _repeat_mistake(drawing: GridDrawing, mistake: MistakeMaker, repetitions: int) -> None:
    """Make a mistake so many times, each with another grid and its neighbour."""
    for grid, other in drawing.untouched_pairs():
        if repetitions <= 0:
            return
        if {grid, other} <= set(drawing.untouched) and mistake(drawing, grid, other):
            drawing.claim(grid)
            drawing.claim(other)
            repetitions -= 1


def _merge_grids(drawing: GridDrawing, grid: int, neighbour: int) -> bool:
    if drawing.count_households(grid) + drawing.count_households(neighbour) <= 1.4 * HOUSEHOLDS_PER_GRID:
        return False
    drawing.grid_of_plot[drawing.grid_of_plot == neighbour] = grid
    return True


def _shrink_grid(drawing: GridDrawing, grid: int, neighbour: int) -> bool:
    """Give plots to the neighbour, nearest first, until few households are left."""
    own = np.flatnonzero(drawing.grid_of_plot == grid)
    to = drawing.plots.centres[drawing.grid_of_plot == neighbour].mean(axis=0)
    nearest = own[np.argsort(np.hypot(*(drawing.plots.centres[own] - to).T), kind="stable")]
    left = drawing.plots.households[nearest][::-1].cumsum()[::-1]
    given = nearest[:-1][left[1:] >= SMALL_GRID_HOUSEHOLDS // 4]
    drawing.grid_of_plot[given] = neighbour
    drawing.grid_of_plot = make_contiguous(drawing.plots, drawing.grid_of_plot)
    return 0 < drawing.count_households(grid) < 2 * SMALL_GRID_HOUSEHOLDS


def _leave_gap(drawing: GridDrawing, grid: int, neighbour: int) -> bool:
    """Leave out the smallest plot with people at the border."""
    return drawing.give_plot(np.intersect1d(drawing.inhabited_plots(grid), drawing.adjacent_plots(neighbour)), -1)


def _create_exclave(drawing: GridDrawing, grid: int, neighbour: int) -> bool:
    """Give a plot to a grid beyond the neighbour."""
    beyond = np.setdiff1d(drawing.untouched_neighbours(neighbour), [grid, *drawing.untouched_neighbours(grid)]).tolist()
    return bool(beyond) and drawing.give_plot(drawing.inhabited_plots(grid), drawing.claim(beyond[0]))


def _wobble_plots(rng: np.random.Generator, plots: Plots, amplitude_m: float) -> GeometryArray:
    """Plots moved as a hand moves, all points at a place alike, least at the borders of communities."""
    homes = [shapely.coverage_union_all(plots.shapes[plots.community == c]) for c in np.unique(plots.community)]
    borders = shapely.union_all(shapely.boundary(homes))
    shapely.prepare(borders)
    aside, up = _random_wave(rng), _random_wave(rng)

    def moved(points: FloatArray) -> FloatArray:
        calm = np.clip(shapely.distance(shapely.points(points), borders) / WOBBLE_FADE_M, 0, 1)[:, None]
        return np.asarray(np.round(points + amplitude_m * calm * np.column_stack([aside(points), up(points)]), 3))

    return np.asarray(shapely.transform(plots.shapes, moved))


def _random_wave(rng: np.random.Generator) -> Callable[[FloatArray], FloatArray]:
    """A smooth field from about -1 to 1, of three waves 60 to 140 m long."""
    headings, phases = rng.uniform(0, 2 * np.pi, (2, 3))
    per_metre = np.stack([np.cos(headings), np.sin(headings)]) * 2 * np.pi / rng.uniform(60, 140, 3)
    return lambda points: np.sin(points @ per_metre + phases).mean(axis=1) * 1.7


GridRedrawer = Callable[[GridDrawing, shapely.Geometry, shapely.Geometry, bool], shapely.Geometry | None]


def _redraw_grids(
    drawing: GridDrawing, grids: dict[int, shapely.Geometry], redraw: GridRedrawer, repetitions: int
) -> None:
    """Redraw a grid at the border with a neighbour, so many times."""
    for grid in list(drawing.untouched):
        for other in grids if repetitions > 0 else ():
            same = bool(drawing.community_of_grid[grid] == drawing.community_of_grid[other])
            changed = None if grid == other else redraw(drawing, grids[grid], grids[other], same)
            if changed is not None:
                grids[drawing.claim(grid)] = changed
                repetitions -= 1
                break


def _long_shared_border(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry | None:
    """The border of two grids, if it is long."""
    if not shapely.intersects(one, other):
        return None
    border = shapely.line_merge(shapely.intersection(shapely.boundary(one), shapely.boundary(other)))
    return border if border.length > 60 else None


def _draw_overlap(
    drawing: GridDrawing, one: shapely.Geometry, other: shapely.Geometry, same_community: bool
) -> shapely.Geometry | None:
    border = _long_shared_border(one, other) if same_community else None
    return border and shapely.union(one, _border_strip(border, other, drawing.rng.uniform(*OVERLAP_WIDTHS_M)))


def _draw_overreach(
    drawing: GridDrawing, one: shapely.Geometry, other: shapely.Geometry, same_community: bool
) -> shapely.Geometry | None:
    border = None if same_community else _long_shared_border(one, other)
    return border and shapely.union(one, _border_strip(border, other, drawing.rng.uniform(*OVERREACH_WIDTHS_M)))


def _border_strip(border: shapely.Geometry, other: shapely.Geometry, width_m: float) -> shapely.Geometry:
    return shapely.intersection(shapely.buffer(border, width_m, cap_style="flat"), other)


def _draw_bite(
    drawing: GridDrawing, one: shapely.Geometry, other: shapely.Geometry, same_community: bool
) -> shapely.Geometry | None:
    border = _long_shared_border(one, other) if same_community else None
    if border is None:
        return None
    longest = max(shapely.get_parts(border), key=shapely.length)
    middle = shapely.line_interpolate_point(longest, drawing.rng.uniform(0.3, 0.7), normalized=True)
    return shapely.difference(one, shapely.buffer(middle, drawing.rng.uniform(*BITE_RADII_M), quad_segs=4))


def _grid_table(
    drawing: GridDrawing, grids: dict[int, shapely.Geometry], preset: TownPreset, community_codes: list[str]
) -> gpd.GeoDataFrame:
    words, mistakes, count = preset.name_lists, preset.mistakes, len(grids)
    home = pd.Series(drawing.community_of_grid[list(grids)])
    order = (home.groupby(home).cumcount() + 1).tolist()
    columns = {
        "grid_code": [generate_grid_codes(community_codes[h], n)[-1] for h, n in zip(home, order, strict=True)],
        "name": [
            words.grid.format(of=words.communities.name_at(h), number=n) for h, n in zip(home, order, strict=True)
        ],
        "worker": [words.worker.format(number=number) for number in range(1, count + 1)],
    }
    table = gpd.GeoDataFrame(columns, geometry=list(grids.values()), crs=CGCS2000_114E).astype(
        dict.fromkeys(columns, object)
    )
    shuffled = drawing.rng.permutation(count)
    table.loc[shuffled[: mistakes.codeless], "grid_code"] = None
    table.loc[shuffled[::-1][: mistakes.unmanned], "worker"] = None
    return table
