"""Grids of today, as if drawn by hand: a valid partition to which the usual mistakes are added."""

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
"""Distance from the border of a community at which the deviation of drawn lines reaches its full size."""
OVERLAP_WIDTHS_M, BITE_RADII_M, OVERREACH_WIDTHS_M = (5.0, 20.0), (15.0, 30.0), (10.0, 25.0)
"""Widths of overlaps, radii of bites, and widths of strips beyond the border of the community."""
SMALL_GRID_HOUSEHOLDS = 200


class GridDrawing:
    """Grids while they are drawn; each mistake is made in a different grid, while there are any."""

    def __init__(self, rng: np.random.Generator, plots: Plots, grid_of_plot: IntArray) -> None:
        self.rng, self.plots, self.grid_of_plot = rng, plots, grid_of_plot
        self.untouched: list[int] = rng.permutation(int(grid_of_plot.max()) + 1).tolist()
        self.community_of_grid = np.array(
            [plots.community[grid_of_plot == grid][0] for grid in range(int(grid_of_plot.max()) + 1)]
        )
        self.plot_adjacency = plots.adjacency[["one", "other"]].to_numpy()

    def claim(self, grid: int) -> int:
        """Mark a grid as touched, and return it."""
        if grid in self.untouched:
            self.untouched.remove(grid)
        return grid

    def untouched_neighbours(self, grid: int) -> list[int]:
        """Return the untouched neighbours of a grid in its community."""
        pairs = self.grid_of_plot[self.plot_adjacency]
        neighbours = np.unique(pairs[pairs[:, 0] == grid, 1]).tolist()
        return [
            other
            for other in neighbours
            if other in self.untouched
            and other != grid
            and self.community_of_grid[other] == self.community_of_grid[grid]
        ]

    def count_households(self, grid: int) -> int:
        """Return the number of households of a grid."""
        return int(self.plots.households[self.grid_of_plot == grid].sum())

    def inhabited_plots(self, grid: int) -> IntArray:
        """Return the plots of a grid that have households."""
        return np.flatnonzero((self.grid_of_plot == grid) & (self.plots.households > 0))

    def adjacent_plots(self, grid: int) -> IntArray:
        """Return the plots adjacent to a grid, including its own."""
        return np.asarray(self.plot_adjacency[self.grid_of_plot[self.plot_adjacency[:, 1]] == grid, 0])

    def give_plot(self, candidates: IntArray, grid: int) -> bool:
        """Give a plot to a grid: the smallest candidate without which its own grid stays contiguous.

        Returns whether there was one.
        """
        for plot in candidates[np.argsort(self.plots.households[candidates], kind="stable")]:
            own_grid, remaining = int(self.grid_of_plot[plot]), self.grid_of_plot.copy()
            remaining[plot] = -1
            unchanged = make_contiguous(self.plots, remaining)[remaining == own_grid] == own_grid
            if self.count_households(own_grid) > self.plots.households[plot] and unchanged.all():
                self.grid_of_plot[plot] = grid
                return True
        return False

    def untouched_pairs(self) -> Iterator[tuple[int, int]]:
        """Yield untouched grids with each of their untouched neighbours."""
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
        Names, and the mistakes to make.
    plots : Plots
        Plots of the town; a grid is a set of plots.
    community_codes : list of str
        Codes of the communities.

    Returns
    -------
    GeoDataFrame
        ``grid_code`` (None where it is missing), ``name``, ``worker`` (None where it is missing) and polygons in
        EPSG:4547.
    """
    mistakes = preset.mistakes
    drawing = GridDrawing(rng, plots, partition_plots(plots, preset.grids))
    for mistake, times in ((_merge_grids, mistakes.oversize), (_shrink_grid, mistakes.undersize)):
        _repeat_mistake(drawing, mistake, times)
    for mistake, times in ((_leave_gap, mistakes.gaps), (_create_exclave, mistakes.exclaves)):
        _repeat_mistake(drawing, mistake, times)
    remaining = np.unique(drawing.grid_of_plot[drawing.grid_of_plot >= 0])
    drawing.untouched = rng.permutation(remaining).tolist()
    shapes = _wobble_plots(rng, plots, mistakes.wobble_m)
    grids = {int(grid): shapely.coverage_union_all(shapes[drawing.grid_of_plot == grid]) for grid in remaining}
    for change, times in (
        (_draw_overreach, mistakes.overreaches),
        (_draw_overlap, mistakes.overlaps),
        (_draw_bite, mistakes.bites),
    ):
        _redraw_grids(drawing, grids, change, times)
    return _grid_table(drawing, grids, preset, community_codes)


def partition_plots(plots: Plots, grid_count: int = 0) -> IntArray:
    """Return the grid of each plot in a valid partition.

    Parameters
    ----------
    plots : Plots
    grid_count : int
        Number of grids; 0 for one per `HOUSEHOLDS_PER_GRID`.
    """
    owner = np.full(len(plots.shapes), -1, dtype=np.int64)
    counts = allocate_parts(plots, grid_count or max(1, round(int(plots.households.sum()) / HOUSEHOLDS_PER_GRID)))
    for community, parts in enumerate(counts):
        local_grid = group_plots(plots, community, parts)
        owner = np.where(local_grid >= 0, local_grid + owner.max() + 1, owner)
    return owner


MistakeMaker = Callable[[GridDrawing, int, int], bool]


def _repeat_mistake(drawing: GridDrawing, mistake: MistakeMaker, repetitions: int) -> None:
    """Make a mistake a number of times, each time with another grid and its neighbour."""
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
    """Give plots to the neighbour, nearest first, until few households remain."""
    own_plots = np.flatnonzero(drawing.grid_of_plot == grid)
    target = drawing.plots.centres[drawing.grid_of_plot == neighbour].mean(axis=0)
    nearest = own_plots[np.argsort(np.hypot(*(drawing.plots.centres[own_plots] - target).T), kind="stable")]
    remaining = drawing.plots.households[nearest][::-1].cumsum()[::-1]
    moved_plots = nearest[:-1][remaining[1:] >= SMALL_GRID_HOUSEHOLDS // 4]
    drawing.grid_of_plot[moved_plots] = neighbour
    drawing.grid_of_plot = make_contiguous(drawing.plots, drawing.grid_of_plot)
    return 0 < drawing.count_households(grid) < 2 * SMALL_GRID_HOUSEHOLDS


def _leave_gap(drawing: GridDrawing, grid: int, neighbour: int) -> bool:
    """Leave out the smallest plot at the border that has households."""
    return drawing.give_plot(np.intersect1d(drawing.inhabited_plots(grid), drawing.adjacent_plots(neighbour)), -1)


def _create_exclave(drawing: GridDrawing, grid: int, neighbour: int) -> bool:
    """Give a plot to a grid on the other side of the neighbour."""
    beyond = np.setdiff1d(drawing.untouched_neighbours(neighbour), [grid, *drawing.untouched_neighbours(grid)]).tolist()
    return bool(beyond) and drawing.give_plot(drawing.inhabited_plots(grid), drawing.claim(beyond[0]))


def _wobble_plots(rng: np.random.Generator, plots: Plots, amplitude_m: float) -> GeometryArray:
    """Displace plots by a smooth field, as a drawing hand does; the displacement vanishes at community borders."""
    communities = [shapely.coverage_union_all(plots.shapes[plots.community == c]) for c in np.unique(plots.community)]
    borders = shapely.union_all(shapely.boundary(communities))
    shapely.prepare(borders)
    wave_x, wave_y = _random_wave(rng), _random_wave(rng)

    def displace(points: FloatArray) -> FloatArray:
        fade = np.clip(shapely.distance(shapely.points(points), borders) / WOBBLE_FADE_M, 0, 1)[:, None]
        return np.asarray(np.round(points + amplitude_m * fade * np.column_stack([wave_x(points), wave_y(points)]), 3))

    return np.asarray(shapely.transform(plots.shapes, displace))


def _random_wave(rng: np.random.Generator) -> Callable[[FloatArray], FloatArray]:
    """Return a smooth field from about -1 to 1, the mean of three waves 60 to 140 m long."""
    headings, phases = rng.uniform(0, 2 * np.pi, (2, 3))
    per_metre = np.stack([np.cos(headings), np.sin(headings)]) * 2 * np.pi / rng.uniform(60, 140, 3)
    return lambda points: np.sin(points @ per_metre + phases).mean(axis=1) * 1.7


GridRedrawer = Callable[[GridDrawing, shapely.Geometry, shapely.Geometry, bool], shapely.Geometry | None]


def _redraw_grids(
    drawing: GridDrawing, grids: dict[int, shapely.Geometry], redraw: GridRedrawer, repetitions: int
) -> None:
    """Redraw grids at the border with a neighbour, a number of times."""
    for grid in list(drawing.untouched):
        for other in grids if repetitions > 0 else ():
            same_community = bool(drawing.community_of_grid[grid] == drawing.community_of_grid[other])
            redrawn = None if grid == other else redraw(drawing, grids[grid], grids[other], same_community)
            if redrawn is not None:
                grids[drawing.claim(grid)] = redrawn
                repetitions -= 1
                break


def _long_shared_border(outline: shapely.Geometry, neighbour: shapely.Geometry) -> shapely.Geometry | None:
    """Return the shared border of two grids if it is longer than 60 m."""
    if not shapely.intersects(outline, neighbour):
        return None
    border = shapely.line_merge(shapely.intersection(shapely.boundary(outline), shapely.boundary(neighbour)))
    return border if border.length > 60 else None


def _draw_overlap(
    drawing: GridDrawing, outline: shapely.Geometry, neighbour: shapely.Geometry, same_community: bool
) -> shapely.Geometry | None:
    border = _long_shared_border(outline, neighbour) if same_community else None
    return border and shapely.union(outline, _border_strip(border, neighbour, drawing.rng.uniform(*OVERLAP_WIDTHS_M)))


def _draw_overreach(
    drawing: GridDrawing, outline: shapely.Geometry, neighbour: shapely.Geometry, same_community: bool
) -> shapely.Geometry | None:
    border = None if same_community else _long_shared_border(outline, neighbour)
    return border and shapely.union(outline, _border_strip(border, neighbour, drawing.rng.uniform(*OVERREACH_WIDTHS_M)))


def _border_strip(border: shapely.Geometry, neighbour: shapely.Geometry, width_m: float) -> shapely.Geometry:
    return shapely.intersection(shapely.buffer(border, width_m, cap_style="flat"), neighbour)


def _draw_bite(
    drawing: GridDrawing, outline: shapely.Geometry, neighbour: shapely.Geometry, same_community: bool
) -> shapely.Geometry | None:
    border = _long_shared_border(outline, neighbour) if same_community else None
    if border is None:
        return None
    longest = max(shapely.get_parts(border), key=shapely.length)
    middle = shapely.line_interpolate_point(longest, drawing.rng.uniform(0.3, 0.7), normalized=True)
    return shapely.difference(outline, shapely.buffer(middle, drawing.rng.uniform(*BITE_RADII_M), quad_segs=4))


def _grid_table(
    drawing: GridDrawing, grids: dict[int, shapely.Geometry], preset: TownPreset, community_codes: list[str]
) -> gpd.GeoDataFrame:
    name_lists, mistakes, count = preset.name_lists, preset.mistakes, len(grids)
    community = pd.Series(drawing.community_of_grid[list(grids)])
    numbers = (community.groupby(community).cumcount() + 1).tolist()
    numbered = list(zip(community, numbers, strict=True))
    columns = {
        "grid_code": [generate_grid_codes(community_codes[c], number)[-1] for c, number in numbered],
        "name": [
            name_lists.grid.format(parent=name_lists.communities.name_at(c), number=number) for c, number in numbered
        ],
        "worker": [name_lists.worker.format(number=number) for number in range(1, count + 1)],
    }
    table = gpd.GeoDataFrame(columns, geometry=list(grids.values()), crs=CGCS2000_114E).astype(
        dict.fromkeys(columns, object)
    )
    shuffled = drawing.rng.permutation(count)
    table.loc[shuffled[: mistakes.missing_codes], "grid_code"] = None
    table.loc[shuffled[::-1][: mistakes.missing_workers], "worker"] = None
    return table
