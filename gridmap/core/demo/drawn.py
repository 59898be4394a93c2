"""Today's grids as a hand draws them: a sound division first, then the mistakes that planners want to be rid of."""

from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.arrays import Floats, Ints, Shapes
from gridmap.core.demo.groups import Plots, deal, gather, in_one_piece
from gridmap.core.demo.layers import CHINA_114
from gridmap.core.demo.recipe import Recipe
from gridmap.core.numbering import grid_codes

HOUSEHOLDS_A_GRID = 400
FADE = 40.0
"""Metres from the border of a community at which a hand strays fully."""
STRIP, BITE, REACH = (5.0, 20.0), (15.0, 30.0), (10.0, 25.0)
"""Widths of overlaps, radii of bites, how far a grid reaches over the border of its community."""
SMALL = 200


class Drawing:
    """Grids while they are drawn; every mistake takes a grid of its own, as long as there are any."""

    def __init__(self, rng: np.random.Generator, plots: Plots, owner: Ints) -> None:
        self.rng, self.plots, self.owner = rng, plots, owner
        self.untouched: list[int] = rng.permutation(int(owner.max()) + 1).tolist()
        self.community = np.array([plots.community[owner == grid][0] for grid in range(int(owner.max()) + 1)])
        self.beside = plots.beside[["one", "other"]].to_numpy()

    def take(self, grid: int) -> int:
        """Mark a grid as touched."""
        if grid in self.untouched:
            self.untouched.remove(grid)
        return grid

    def neighbours(self, grid: int) -> list[int]:
        """Untouched grids of the same community beside a grid."""
        at = self.owner[self.beside]
        near = np.unique(at[at[:, 0] == grid, 1]).tolist()
        return [n for n in near if n in self.untouched and n != grid and self.community[n] == self.community[grid]]

    def size(self, grid: int) -> int:
        """Households of a grid."""
        return int(self.plots.households[self.owner == grid].sum())

    def lived_in(self, grid: int) -> Ints:
        """Plots of a grid with people."""
        return np.flatnonzero((self.owner == grid) & (self.plots.households > 0))

    def touching(self, grid: int) -> Ints:
        """Plots beside a grid, its own ones too."""
        return np.asarray(self.beside[self.owner[self.beside[:, 1]] == grid, 0])

    def spare(self, plots: Ints, grid: int) -> bool:
        """Give one of some plots to a grid, the one with the fewest people that leaves the rest of its own whole."""
        for plot in plots[np.argsort(self.plots.households[plots], kind="stable")]:
            own, rest = int(self.owner[plot]), self.owner.copy()
            rest[plot] = -1
            whole = in_one_piece(self.plots, rest)[rest == own] == own
            if self.size(own) > self.plots.households[plot] and whole.all():
                self.owner[plot] = grid
                return True
        return False

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Untouched grids with each of their untouched neighbours."""
        for grid in list(self.untouched):
            yield from ((grid, other) for other in self.rng.permutation(self.neighbours(grid)).tolist())


def draw_grids(rng: np.random.Generator, recipe: Recipe, plots: Plots, codes: list[str]) -> gpd.GeoDataFrame:
    """Draw the grids of today.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    recipe : Recipe
        Words, and the mistakes to make.
    plots : Plots
        Land that the grids are gathered from.
    codes : list of str
        Codes of the communities.

    Returns
    -------
    GeoDataFrame
        ``grid_code`` (None where it is missing), ``name``, ``worker`` (None where there is none) and polygons in
        EPSG:4547.
    """
    mistakes = recipe.mistakes
    drawing = Drawing(rng, plots, divided(plots, recipe.grids))
    for mistake, times in ((_join, mistakes.oversize), (_shrink, mistakes.undersize)):
        _make(drawing, mistake, times)
    for mistake, times in ((_leave_out, mistakes.gaps), (_give_away, mistakes.exclaves)):
        _make(drawing, mistake, times)
    kept = np.unique(drawing.owner[drawing.owner >= 0])
    drawing.untouched = rng.permutation(kept).tolist()
    shapes = _wobbly(rng, plots, mistakes.wobble)
    grids = {int(grid): shapely.coverage_union_all(shapes[drawing.owner == grid]) for grid in kept}
    for change, times in ((_stray, mistakes.strays), (_overlap, mistakes.overlaps), (_bite, mistakes.bites)):
        _redraw(drawing, grids, change, times)
    return _table(drawing, grids, recipe, codes)


def divided(plots: Plots, grids: int = 0) -> Ints:
    """The sound division that hands start from: number of the grid for each plot.

    Parameters
    ----------
    plots : Plots
    grids : int
        How many; 0 for one to every `HOUSEHOLDS_A_GRID`.
    """
    owner = np.full(len(plots.shapes), -1, dtype=np.int64)
    counts = deal(plots, grids or max(1, round(int(plots.households.sum()) / HOUSEHOLDS_A_GRID)))
    for community, parts in enumerate(counts):
        own = gather(plots, community, parts)
        owner = np.where(own >= 0, own + owner.max() + 1, owner)
    return owner


Step = Callable[[Drawing, int, int], bool]


def _make(drawing: Drawing, mistake: Step, times: int) -> None:
    """Make a mistake so many times, each with another grid and its neighbour."""
    for grid, other in drawing.pairs():
        if times <= 0:
            return
        if {grid, other} <= set(drawing.untouched) and mistake(drawing, grid, other):
            drawing.take(grid)
            drawing.take(other)
            times -= 1


def _join(drawing: Drawing, grid: int, other: int) -> bool:
    if drawing.size(grid) + drawing.size(other) <= 1.4 * HOUSEHOLDS_A_GRID:
        return False
    drawing.owner[drawing.owner == other] = grid
    return True


def _shrink(drawing: Drawing, grid: int, other: int) -> bool:
    """Give plots to the neighbour, nearest first, until few households are left."""
    own = np.flatnonzero(drawing.owner == grid)
    to = drawing.plots.middles[drawing.owner == other].mean(axis=0)
    nearest = own[np.argsort(np.hypot(*(drawing.plots.middles[own] - to).T), kind="stable")]
    left = drawing.plots.households[nearest][::-1].cumsum()[::-1]
    given = nearest[:-1][left[1:] >= SMALL // 4]
    drawing.owner[given] = other
    drawing.owner = in_one_piece(drawing.plots, drawing.owner)
    return 0 < drawing.size(grid) < 2 * SMALL


def _leave_out(drawing: Drawing, grid: int, other: int) -> bool:
    """Leave out the smallest plot with people at the border."""
    return drawing.spare(np.intersect1d(drawing.lived_in(grid), drawing.touching(other)), -1)


def _give_away(drawing: Drawing, grid: int, other: int) -> bool:
    """Give a plot to a grid beyond the neighbour."""
    beyond = np.setdiff1d(drawing.neighbours(other), [grid, *drawing.neighbours(grid)]).tolist()
    return bool(beyond) and drawing.spare(drawing.lived_in(grid), drawing.take(beyond[0]))


def _wobbly(rng: np.random.Generator, plots: Plots, wobble: float) -> Shapes:
    """Plots moved as a hand moves, all points at a place alike, least at the borders of communities."""
    homes = [shapely.coverage_union_all(plots.shapes[plots.community == c]) for c in np.unique(plots.community)]
    borders = shapely.union_all(shapely.boundary(homes))
    shapely.prepare(borders)
    aside, up = _wave(rng), _wave(rng)

    def moved(points: Floats) -> Floats:
        calm = np.clip(shapely.distance(shapely.points(points), borders) / FADE, 0, 1)[:, None]
        return np.asarray(np.round(points + wobble * calm * np.column_stack([aside(points), up(points)]), 3))

    return np.asarray(shapely.transform(plots.shapes, moved))


def _wave(rng: np.random.Generator) -> Callable[[Floats], Floats]:
    """A smooth field from about -1 to 1, of three waves 60 to 140 m long."""
    headings, phases = rng.uniform(0, 2 * np.pi, (2, 3))
    per_metre = np.stack([np.cos(headings), np.sin(headings)]) * 2 * np.pi / rng.uniform(60, 140, 3)
    return lambda points: np.sin(points @ per_metre + phases).mean(axis=1) * 1.7


Change = Callable[[Drawing, shapely.Geometry, shapely.Geometry, bool], shapely.Geometry | None]


def _redraw(drawing: Drawing, grids: dict[int, shapely.Geometry], change: Change, times: int) -> None:
    """Redraw a grid at the border with a neighbour, so many times."""
    for grid in list(drawing.untouched):
        for other in grids if times > 0 else ():
            same = bool(drawing.community[grid] == drawing.community[other])
            changed = None if grid == other else change(drawing, grids[grid], grids[other], same)
            if changed is not None:
                grids[drawing.take(grid)] = changed
                times -= 1
                break


def _shared(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry | None:
    """The border of two grids, if it is long."""
    if not shapely.intersects(one, other):
        return None
    border = shapely.line_merge(shapely.intersection(shapely.boundary(one), shapely.boundary(other)))
    return border if border.length > 60 else None


def _overlap(drawing: Drawing, one: shapely.Geometry, other: shapely.Geometry, same: bool) -> shapely.Geometry | None:
    border = _shared(one, other) if same else None
    return border and shapely.union(one, _strip(border, other, drawing.rng.uniform(*STRIP)))


def _stray(drawing: Drawing, one: shapely.Geometry, other: shapely.Geometry, same: bool) -> shapely.Geometry | None:
    border = None if same else _shared(one, other)
    return border and shapely.union(one, _strip(border, other, drawing.rng.uniform(*REACH)))


def _strip(border: shapely.Geometry, other: shapely.Geometry, width: float) -> shapely.Geometry:
    return shapely.intersection(shapely.buffer(border, width, cap_style="flat"), other)


def _bite(drawing: Drawing, one: shapely.Geometry, other: shapely.Geometry, same: bool) -> shapely.Geometry | None:
    border = _shared(one, other) if same else None
    if border is None:
        return None
    longest = max(shapely.get_parts(border), key=shapely.length)
    middle = shapely.line_interpolate_point(longest, drawing.rng.uniform(0.3, 0.7), normalized=True)
    return shapely.difference(one, shapely.buffer(middle, drawing.rng.uniform(*BITE), quad_segs=4))


def _table(drawing: Drawing, grids: dict[int, shapely.Geometry], recipe: Recipe, codes: list[str]) -> gpd.GeoDataFrame:
    words, mistakes, count = recipe.words, recipe.mistakes, len(grids)
    home = pd.Series(drawing.community[list(grids)])
    order = (home.groupby(home).cumcount() + 1).tolist()
    columns = {
        "grid_code": [grid_codes(codes[h], n)[-1] for h, n in zip(home, order, strict=True)],
        "name": [words.grid.format(of=words.communities.at(h), number=n) for h, n in zip(home, order, strict=True)],
        "worker": [words.worker.format(number=number) for number in range(1, count + 1)],
    }
    table = gpd.GeoDataFrame(columns, geometry=list(grids.values()), crs=CHINA_114).astype(
        dict.fromkeys(columns, object)
    )
    shuffled = drawing.rng.permutation(count)
    table.loc[shuffled[: mistakes.codeless], "grid_code"] = None
    table.loc[shuffled[::-1][: mistakes.unmanned], "worker"] = None
    return table
