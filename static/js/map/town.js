// The town as the page was given it: layers with decoded shapes, and the state of each grid.
"use strict";

gridmap.town = (() => {
  /** @type {FileGridStatus[]} */
  const STATES = ["under", "in_range", "over", "dedicated"];
  const WORD = { under: "under", in_range: "in range", over: "over", dedicated: "dedicated" };

  /**
   * @template {object} ColumnsT
   * @param {ColumnsT & {shapes: EncodedShape[]}} given
   * @param {MapPosition} origin
   * @returns {DecodedLayer<ColumnsT>}
   */
  function layer(given, origin) {
    const shapes = given.shapes.map((shape) => gridmap.shapes.decode(shape, origin));
    return { ...given, shapes, index: new gridmap.shapes.Index(shapes) };
  }

  /**
   * @param {[number, number, number, number]} bounds west, south, east and north, in degrees
   * @returns {Box}
   */
  function corners(bounds) {
    const [west, north] = gridmap.shapes.project(bounds[0], bounds[3]);
    const [east, south] = gridmap.shapes.project(bounds[2], bounds[1]);
    return [west, north, east, south];
  }

  /**
   * @param {GivenLayers} given
   * @param {MapPosition} origin
   */
  function readLayers(given, origin) {
    return {
      areas: layer(given.areas, origin),
      communities: layer(given.communities, origin),
      buildings: layer(given.buildings, origin),
      streets: layer(withKinds(given.streets), origin),
      barriers: layer(given.barriers, origin),
      dedicated: layer(given.dedicated, origin),
      drawn: given.drawn && layer(given.drawn, origin),
      outlines: given.faults && layer(given.faults, origin),
    };
  }

  /**
   * @param {GivenTown} data
   * @returns {Town}
   */
  function read(data) {
    const box = corners(data.bounds);
    const layers = readLayers(data.layers, data.origin);
    const grids = data.grids.map(withState);
    const anchor = (/** @type {{anchor: CoordinateSteps}} */ { anchor: [east, north] }) =>
      gridmap.shapes.project((data.origin[0] + east) / 1e6, (data.origin[1] + north) / 1e6);
    const { title, allowed, lots, estimated } = data;
    const codes = new Map(grids.map((grid) => [grid.code, clear(layers.communities.code, grid)]));
    return {
      title,
      allowed,
      lots,
      estimated,
      box,
      anchor,
      grids,
      ...layers,
      clear: codes,
      faults: findings(data.faults, anchor),
      changes: findings(data.changes, anchor),
    };
  }

  /**
   * Return faults or changes, each with its number and the place of its mark; null where the file has none of them.
   *
   * @template {{anchor: CoordinateSteps}} FindingT
   * @param {FindingT[] | null} given
   * @param {Town["anchor"]} anchor
   */
  function findings(given, anchor) {
    return given?.map((each, position) => ({ ...each, position, at: anchor(each) })) ?? null;
  }

  /**
   * Return what tells grids of several communities apart: the end of the community's code before the grid's own.
   *
   * @param {string[]} communityCodes
   * @param {Grid} grid
   */
  function clear(communityCodes, grid) {
    if (communityCodes.length < 2 || grid.short === grid.code) return grid.short;
    return `${grid.community_code.slice(shared(communityCodes))}-${grid.short}`;
  }

  /** @param {string[]} codes */
  function shared(codes) {
    let length = 0;
    while (codes.every((code) => length < code.length && code[length] === codes[0][length])) length++;
    return length;
  }

  /**
   * @param {Town} town
   * @param {string} code
   */
  function short(town, code) {
    return town.clear.get(code) || code;
  }

  /**
   * Return the streets with their kinds. Files that do not say what kind a street is mean a local one.
   *
   * @param {GivenLayers["streets"]} streets
   */
  function withKinds(streets) {
    return { ...streets, kind: streets.kind.map((kind) => kind || "local") };
  }

  /**
   * @param {GivenGrid} grid
   * @param {number} position
   * @returns {Grid}
   */
  function withState(grid, position) {
    return { ...grid, position, state: grid.kind === "dedicated" ? "dedicated" : grid.status };
  }

  /** @param {Town} town */
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
