// Draws the town on canvas tiles: land, grids in the colours of their states, what stands on the land, then borders.
"use strict";

gridmap.painter = (function () {
  const TILE = 512;
  const MARGIN = 16;
  const RANK = ["lane", "local", "arterial", "motorway"];
  const METRES = { lane: 4, local: 7, arterial: 12, motorway: 16 };
  const LEAST = { lane: 0.5, local: 0.7, arterial: 1.6, motorway: 2.2 };
  const COARSEST = { lane: 6, local: 30, arterial: Infinity, motorway: Infinity };
  const BUILDINGS_UP_TO = 5; // metres a pixel
  const WHOLE = new Set(["oversize", "undersize", "empty_grid", "missing_code", "duplicate"]); // faults of whole grids

  function tokens() {
    const style = getComputedStyle(document.documentElement);
    const known = new Map();
    return (name) => {
      if (!known.has(name)) known.set(name, style.getPropertyValue(`--${name}`).trim());
      return known.get(name);
    };
  }

  // Small marks that tell the states apart in print and without colour; 8 divides the tile, so they meet at its edges.
  const MARKS = {
    under: (pen) => pen.fillRect(3, 3, 2, 2),
    over: (pen) => stroke(pen, [[-2, 6, 2, 10], [-2, -2, 10, 10], [6, -2, 10, 2]]),
    dedicated: (pen) => stroke(pen, [[-2, -2, 10, 10], [10, -2, -2, 10], [6, -2, 10, 2], [-2, 6, 2, 10]]),
  };

  function stroke(pen, lines) {
    for (const [ax, ay, bx, by] of lines) {
      pen.beginPath();
      pen.moveTo(ax, ay);
      pen.lineTo(bx, by);
      pen.stroke();
    }
  }

  function pattern(state, colour) {
    if (!MARKS[state]) return null;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 8;
    const pen = canvas.getContext("2d");
    pen.strokeStyle = pen.fillStyle = colour;
    pen.globalAlpha = state === "dedicated" ? 0.35 : 0.55;
    MARKS[state](pen);
    return pen.createPattern(canvas, "repeat");
  }

  function path(view, shape) {
    const { pen, scale, left, top } = view;
    for (const part of shape.parts) {
      for (let i = 0; i < part.length; i += 2) {
        const x = part[i] * scale - left, y = part[i + 1] * scale - top;
        if (i) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
      if (shape.kind === gridmap.shapes.AREA) pen.closePath();
    }
  }

  function fill(view, shape, colour) {
    view.pen.beginPath();
    path(view, shape);
    view.pen.fillStyle = colour;
    view.pen.fill("evenodd");
  }

  function outline(view, shapes, colour, width, dash = []) {
    if (!width) return;
    view.pen.beginPath();
    shapes.forEach((shape) => path(view, shape));
    view.pen.strokeStyle = colour;
    view.pen.lineWidth = width;
    view.pen.setLineDash(dash);
    view.pen.stroke();
    view.pen.setLineDash([]);
  }

  class Painting {
    // `look` names what the map shows: "states" of grids, "faults", or a repair: "before", "changes".
    constructor(town, { shown, flawed, look }) {
      Object.assign(this, { town, shown, flawed, look });
      this.colour = tokens();
      this.moved = new Set((town.changes || []).map((change) => change.building_id));
      this.bare = pattern("over", this.colour("severity-high"));
      this.patterns = Object.fromEntries(
        gridmap.town.STATES.map((state) => [state, pattern(state, this.colour(`status-${state.replace("_", "-")}`))]),
      );
    }

    draw(view) {
      view.pen.lineJoin = view.pen.lineCap = "round";
      this.land(view);
      this.grids(view);
      this.water(view);
      this.streets(view);
      this.lines(view);
      if (view.metres <= BUILDINGS_UP_TO) this.buildings(view);
      this.borders(view);
      if (this.look() === "faults") this.faults(view);
    }

    near(view, name, kind = null) {
      const layer = this.town[name];
      const found = layer.index.within(view.box);
      return kind === null ? found : found.filter((position) => layer.kind[position] === kind);
    }

    shapes(view, name, kind = null) {
      return this.near(view, name, kind).map((position) => this.town[name].shapes[position]);
    }

    land(view) {
      this.shapes(view, "communities").forEach((shape) => fill(view, shape, this.colour("land")));
    }

    grids(view) {
      if (this.look() === "before") this.drawn(view);
      else if (this.look() === "states") this.states(view);
      else this.shapes(view, "areas").forEach((shape) => fill(view, shape, this.colour("grid-neutral")));
    }

    // Land in no grid shows its hatching, land in two is twice as dark.
    drawn(view) {
      this.shapes(view, "communities").forEach((shape) => fill(view, shape, this.bare));
      const grids = this.shapes(view, "drawn");
      grids.forEach((shape) => fill(view, shape, this.colour("grid-neutral")));
      grids.forEach((shape) => fill(view, shape, this.colour("grid-drawn")));
    }

    states(view) {
      for (const position of this.near(view, "areas")) {
        const { state, tint } = this.town.grids[position];
        const shape = this.town.areas.shapes[position];
        const shown = this.shown(position);
        fill(view, shape, shown ? this.colour(`status-${state.replace("_", "-")}-${tint + 1}`) : this.colour("grid-filtered-out"));
        if (shown && this.patterns[state]) fill(view, shape, this.patterns[state]);
      }
    }

    water(view) {
      for (const shape of this.shapes(view, "barriers", "water")) {
        if (shape.kind === gridmap.shapes.AREA) fill(view, shape, this.colour("water"));
        else outline(view, [shape], this.colour("water"), Math.max(1.5, Math.min(8, 6 / view.metres)));
      }
    }

    streets(view) {
      const kinds = RANK.filter((kind) => view.metres <= COARSEST[kind]).map((kind) => ({
        width: Math.max(LEAST[kind], Math.min(14, METRES[kind] / view.metres)),
        shapes: this.shapes(view, "streets", kind),
      }));
      kinds.forEach(({ shapes, width }) => outline(view, shapes, this.colour("street-edge"), width + 1));
      kinds.forEach(({ shapes, width }) => outline(view, shapes, this.colour("street"), width));
    }

    lines(view) {
      const motorways = this.shapes(view, "barriers", "motorway");
      outline(view, motorways, this.colour("street-edge"), 4);
      outline(view, motorways, this.colour("street"), 2.6);
      outline(view, this.shapes(view, "barriers", "wall"), this.colour("wall"), 1.5);
      const rails = this.shapes(view, "barriers", "rail");
      const close = view.metres < 6;
      outline(view, rails, this.colour("rail"), close ? 3.4 : 1);
      if (close) outline(view, rails, this.colour("street"), 1.6, [7, 7]);
    }

    buildings(view) {
      for (const position of this.near(view, "buildings")) {
        const shape = this.town.buildings.shapes[position];
        const lived = this.town.buildings.households[position] > 0;
        const moved = this.look() === "changes" && this.moved.has(this.town.buildings.building_id[position]);
        const colour = this.colour(moved ? "building-moved" : "building");
        view.pen.globalAlpha = moved ? 0.8 : (lived ? 0.55 : 0.2) * (this.town.lots ? 0.35 : 1);
        if (shape.kind === gridmap.shapes.POINT) this.dots(view, shape, colour);
        else fill(view, shape, colour);
        if (view.metres < 1.2) outline(view, [shape], this.colour("street"), 0.7);
      }
      view.pen.globalAlpha = 1;
    }

    dots(view, shape, colour) {
      const radius = Math.max(1.4, Math.min(9, 7 / view.metres));
      view.pen.fillStyle = colour;
      for (const [x, y] of shape.parts) {
        view.pen.beginPath();
        view.pen.arc(x * view.scale - view.left, y * view.scale - view.top, radius, 0, 2 * Math.PI);
        view.pen.fill();
      }
    }

    borders(view) {
      const grids = this.shapes(view, this.look() === "before" ? "drawn" : "areas");
      const fine = view.metres > 8 ? 0.65 : 1;
      outline(view, grids, "rgb(255 255 255 / 75%)", 4 * fine);
      outline(view, grids, this.colour("grid-border"), 1.6 * fine);
      const communities = this.shapes(view, "communities");
      outline(view, communities, "rgb(255 255 255 / 85%)", 7 * fine);
      outline(view, communities, this.colour("community-border"), 3.6 * fine);
    }

    // Outlined at any zoom, so that the thinnest sliver shows; what concerns a whole grid leaves it to be seen.
    faults(view) {
      const near = this.town.outlines.index.within(view.box).filter((position) => this.flawed(position));
      for (const position of near.reverse()) {
        const { severity, kind } = this.town.faults[position];
        const shape = this.town.outlines.shapes[position];
        outline(view, [shape], "rgb(255 255 255 / 85%)", WHOLE.has(kind) ? 0 : 5);
        view.pen.globalAlpha = WHOLE.has(kind) ? 0.08 : 0.45;
        if (shape.kind === gridmap.shapes.AREA) fill(view, shape, this.colour(`severity-${severity}`));
        view.pen.globalAlpha = 1;
        outline(view, [shape], this.colour(`severity-${severity}`), WHOLE.has(kind) ? 1.2 : 2.2);
      }
    }
  }

  const Tiles = L.GridLayer.extend({
    options: { tileSize: TILE, updateWhenZooming: false, keepBuffer: 1, className: "town-tiles" },

    initialize(painting, options) {
      L.setOptions(this, options);
      this.painting = painting;
    },

    createTile(at) {
      const tile = L.DomUtil.create("canvas", "leaflet-tile");
      const ratio = window.devicePixelRatio || 1;
      tile.width = tile.height = TILE * ratio;
      const pen = tile.getContext("2d");
      pen.scale(ratio, ratio);
      this.painting.draw(this.view(at, pen));
      return tile;
    },

    view({ x, y, z }, pen) {
      const scale = 2 ** z, left = x * TILE, top = y * TILE;
      const box = [left - MARGIN, top - MARGIN, left + TILE + MARGIN, top + TILE + MARGIN].map((edge) => edge / scale);
      return { pen, scale, left, top, box, metres: metresAPixel(this._map, z) };
    },
  });

  function metresAPixel(map, zoom) {
    return (156543.03 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** zoom;
  }

  function showsBuildings(map) {
    return metresAPixel(map, Math.round(map.getZoom())) <= BUILDINGS_UP_TO;
  }

  return { Painting, Tiles, showsBuildings };
})();
