// The town as the page was given it: layers with decoded shapes, and the state of each grid.
"use strict";

gridmap.town = (function () {
  const STATES = ["under", "in_range", "over", "dedicated"];
  const WORD = { under: "under", in_range: "in range", over: "over", dedicated: "dedicated" };

  function layer(given, origin) {
    const shapes = given.shapes.map((shape) => gridmap.shapes.decode(shape, origin));
    return { ...given, shapes, index: new gridmap.shapes.Index(shapes) };
  }

  function corners(bounds) {
    const [west, north] = gridmap.shapes.project(bounds[0], bounds[3]);
    const [east, south] = gridmap.shapes.project(bounds[2], bounds[1]);
    return [west, north, east, south];
  }

  function read(data) {
    const box = corners(data.bounds);
    const given = { ...data.layers, streets: withKinds(data.layers.streets) };
    const layers = Object.entries(given).map(([name, each]) => [name, layer(each, data.origin)]);
    const anchor = ({ anchor: [east, north] }) =>
      gridmap.shapes.project((data.origin[0] + east) / 1e6, (data.origin[1] + north) / 1e6);
    const { title, allowed, lots, estimated } = data;
    const town = { title, allowed, lots, estimated, box, anchor, grids: data.grids.map(withState), ...Object.fromEntries(layers) };
    town.clear = new Map(town.grids.map((grid) => [grid.code, clear(town, grid)]));
    return { ...town, outlines: town.faults, faults: findings(data.faults, anchor), changes: findings(data.changes, anchor) };
  }

  // Faults or changes, each with its number and the place of its mark; null where the file has none of them.
  function findings(given, anchor) {
    return given && given.map((each, position) => ({ ...each, position, at: anchor(each) }));
  }

  // What tells grids of several communities apart: the end of the community's code before the grid's own.
  function clear({ communities }, grid) {
    if (communities.code.length < 2 || grid.short === grid.code) return grid.short;
    return `${grid.community_code.slice(shared(communities.code))}-${grid.short}`;
  }

  function shared(codes) {
    let length = 0;
    while (codes.every((code) => length < code.length && code[length] === codes[0][length])) length++;
    return length;
  }

  function short(town, code) {
    return town.clear.get(code) || code;
  }

  // Files that do not say what kind a street is mean a local one.
  function withKinds(streets) {
    return { ...streets, kind: streets.kind.map((kind) => kind || "local") };
  }

  function withState(grid, position) {
    return { ...grid, position, state: grid.kind === "dedicated" ? "dedicated" : grid.status };
  }

  function summary(town) {
    const own = town.grids.filter((grid) => grid.state !== "dedicated");
    const counts = own.map((grid) => grid.households).filter((count) => count !== null);
    return {
      communities: town.communities.shapes.length,
      grids: own.length,
      dedicated: town.grids.length - own.length,
      inRange: own.filter((grid) => grid.state === "in_range").length,
      households: town.grids.reduce((sum, grid) => sum + (grid.households || 0), 0),
      least: counts.length ? Math.min(...counts) : null,
      most: counts.length ? Math.max(...counts) : null,
    };
  }

  return { STATES, WORD, read, short, summary };
})();
