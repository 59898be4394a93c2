// The list of grids: what a row says, and how rows are sorted.
"use strict";

gridmap.grids = (() => {
  const { make } = gridmap.dom;
  const { number, households, estimated } = gridmap.words;
  /** @type {Record<FileGridStatus, number>} */
  const ORDER = { under: 0, over: 1, in_range: 2, dedicated: 3 };
  /** @type {Record<string, (a: Grid, b: Grid) => number>} */
  const SORTS = {
    code: (a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
    status: (a, b) => ORDER[a.state] - ORDER[b.state],
    households: (a, b) => (a.households ?? -1) - (b.households ?? -1),
    buildings: (a, b) => (a.buildings ?? -1) - (b.buildings ?? -1),
    area: (a, b) => (a.area_m2 ?? -1) - (b.area_m2 ?? -1),
  };

  /** @param {string} text */
  function small(text) {
    return text ? [make("small", "", text)] : [];
  }

  /**
   * @param {Town} town
   * @param {Grid} grid
   */
  function row(town, grid) {
    const several = town.communities.shapes.length > 1;
    const place = several ? gridmap.details.community(town, grid) : "";
    return gridmap.table.row(
      grid.state,
      [make("b", "", grid.short), ...small(place)],
      [
        ["of-status", gridmap.details.badge(grid.state), ...small(gridmap.details.reason(grid))],
        ["number", households(grid.households, grid.range), ...small(estimated(grid.range))],
        ["number wide", number(grid.buildings)],
        ["number wide", gridmap.details.hectares(grid.area_m2)],
      ],
    );
  }

  /** @param {(a: Grid, b: Grid) => number} sort */
  function thenByCode(sort) {
    return (/** @type {Grid} */ a, /** @type {Grid} */ b) => sort(a, b) || SORTS.code(a, b);
  }

  /**
   * @param {Town} town
   * @returns {TablePlan<Grid>}
   */
  function plan(town) {
    const sorts = Object.fromEntries(Object.entries(SORTS).map(([name, sort]) => [name, thenByCode(sort)]));
    return { records: town.grids, row: (grid) => row(town, grid), sorts, sort: "code" };
  }

  return { plan, small };
})();
