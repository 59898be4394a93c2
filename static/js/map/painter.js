// Draws the town on canvas tiles: land, grids in the colours of their states, what stands on the land, then borders.
"use strict";

gridmap.painter = (() => {
  const TILE = 512;
  const MARGIN = 16;
  /** @typedef {"lane" | "local" | "arterial" | "motorway"} StreetKind */
  /** @type {StreetKind[]} */
  const RANK = ["lane", "local", "arterial", "motorway"];
  const METRES = { lane: 4, local: 7, arterial: 12, motorway: 16 };
  const LEAST = { lane: 0.5, local: 0.7, arterial: 1.6, motorway: 2.2 };
  const COARSEST = { lane: 6, local: 30, arterial: Infinity, motorway: Infinity };
  const BUILDINGS_UP_TO = 5; // metres a pixel
  const WHOLE = new Set(["oversize", "undersize", "too_wide", "empty_grid", "missing_code", "duplicate"]); // faults of whole grids

  function tokens() {
    const style = getComputedStyle(document.documentElement);
    /** @type {Map<string, string>} */
    const known = new Map();
    return (/** @type {string} */ name) => {
      const value = known.get(name) ?? style.getPropertyValue(`--${name}`).trim();
      known.set(name, value);
      return value;
    };
  }

  // Small marks that tell the states apart in print and without colour; 8 divides the tile, so they meet at its edges.
  /** @type {Partial<Record<AreaStatus, (pen: CanvasRenderingContext2D) => void>>} */
  const MARKS = {
    under: (pen) => pen.fillRect(3, 3, 2, 2),
    over: (pen) =>
      stroke(pen, [
        [-2, 6, 2, 10],
        [-2, -2, 10, 10],
        [6, -2, 10, 2],
      ]),
    dedicated: (pen) =>
      stroke(pen, [
        [-2, -2, 10, 10],
        [10, -2, -2, 10],
        [6, -2, 10, 2],
        [-2, 6, 2, 10],
      ]),
  };

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number[][]} lines
   */
  function stroke(pen, lines) {
    for (const [ax, ay, bx, by] of lines) {
      pen.beginPath();
      pen.moveTo(ax, ay);
      pen.lineTo(bx, by);
      pen.stroke();
    }
  }

  /**
   * @param {AreaStatus} state
   * @param {string} colour
   */
  function pattern(state, colour) {
    const draw = MARKS[state];
    if (!draw) return null;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 8;
    const pen = gridmap.dom.context(canvas);
    pen.strokeStyle = pen.fillStyle = colour;
    pen.globalAlpha = state === "dedicated" ? 0.35 : 0.55;
    draw(pen);
    return pen.createPattern(canvas, "repeat");
  }

  /**
   * @param {TileView} view
   * @param {Shape} shape
   */
  function path(view, shape) {
    const { pen, scale, left, top } = view;
    for (const part of shape.parts) {
      for (let i = 0; i < part.length; i += 2) {
        const x = part[i] * scale - left;
        const y = part[i + 1] * scale - top;
        if (i) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
      if (shape.kind === gridmap.shapes.AREA) pen.closePath();
    }
  }

  /**
   * @param {TileView} view
   * @param {Shape} shape
   * @param {string | CanvasPattern | null} colour
   */
  function fill(view, shape, colour) {
    view.pen.beginPath();
    path(view, shape);
    if (colour) view.pen.fillStyle = colour;
    view.pen.fill("evenodd");
  }

  /**
   * @param {TileView} view
   * @param {Shape[]} shapes
   * @param {string | CanvasPattern | null} colour
   */
  function fillAll(view, shapes, colour) {
    for (const shape of shapes) fill(view, shape, colour);
  }

  /**
   * @param {TileView} view
   * @param {Shape[]} shapes
   * @param {string} colour
   * @param {number} width
   * @param {number[]} dash
   */
  function outline(view, shapes, colour, width, dash = []) {
    if (!width) return;
    view.pen.beginPath();
    for (const shape of shapes) path(view, shape);
    view.pen.strokeStyle = colour;
    view.pen.lineWidth = width;
    view.pen.setLineDash(dash);
    view.pen.stroke();
    view.pen.setLineDash([]);
  }

  class Painting {
    /**
     * @param {Town} town
     * @param {{shown: (grid: number) => boolean, flawed: (fault: number) => boolean, look: () => Look}} tests
     */
    constructor(town, { shown, flawed, look }) {
      this.town = town;
      this.shown = shown;
      this.flawed = flawed;
      this.look = look;
      this.colour = tokens();
      this.moved = new Set((town.changes || []).map((change) => change.building_id));
      this.bare = pattern("over", this.colour("severity-high"));
      this.patterns = Object.fromEntries(
        gridmap.town.STATES.map((state) => [state, pattern(state, this.colour(`status-${state.replace("_", "-")}`))]),
      );
    }

    /** @param {TileView} view */
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

    /**
     * Return the shapes of a layer that a tile shows; none of a layer that the file does not have.
     *
     * @param {TileView} view
     * @param {{shapes: Shape[], index: SpatialIndex} | undefined} layer
     */
    shapes(view, layer) {
      return layer ? layer.index.within(view.box).map((position) => layer.shapes[position]) : [];
    }

    /**
     * @param {TileView} view
     * @param {Town["streets"] | Town["barriers"]} layer
     * @param {string} kind
     */
    shapesOfKind(view, layer, kind) {
      const found = layer.index.within(view.box).filter((position) => layer.kind[position] === kind);
      return found.map((position) => layer.shapes[position]);
    }

    /** @param {TileView} view */
    land(view) {
      fillAll(view, this.shapes(view, this.town.communities), this.colour("land"));
    }

    /** @param {TileView} view */
    grids(view) {
      if (this.look() === "before") this.drawn(view);
      else if (this.look() === "states") this.states(view);
      else fillAll(view, this.shapes(view, this.town.areas), this.colour("grid-neutral"));
    }

    /**
     * Draw the grids before a repair. Land in no grid shows its hatching, land in two is twice as dark.
     *
     * @param {TileView} view
     */
    drawn(view) {
      fillAll(view, this.shapes(view, this.town.communities), this.bare);
      const grids = this.shapes(view, this.town.drawn);
      fillAll(view, grids, this.colour("grid-neutral"));
      fillAll(view, grids, this.colour("grid-drawn"));
    }

    /** @param {TileView} view */
    states(view) {
      for (const position of this.town.areas.index.within(view.box)) {
        const { state, tint } = this.town.grids[position];
        const shape = this.town.areas.shapes[position];
        const shown = this.shown(position);
        fill(
          view,
          shape,
          shown ? this.colour(`status-${state.replace("_", "-")}-${tint + 1}`) : this.colour("grid-filtered-out"),
        );
        if (shown && this.patterns[state]) fill(view, shape, this.patterns[state]);
      }
    }

    /** @param {TileView} view */
    water(view) {
      for (const shape of this.shapesOfKind(view, this.town.barriers, "water")) {
        if (shape.kind === gridmap.shapes.AREA) fill(view, shape, this.colour("water"));
        else outline(view, [shape], this.colour("water"), Math.max(1.5, Math.min(8, 6 / view.metres)));
      }
    }

    /** @param {TileView} view */
    streets(view) {
      const kinds = RANK.filter((kind) => view.metres <= COARSEST[kind]).map((kind) => ({
        width: Math.max(LEAST[kind], Math.min(14, METRES[kind] / view.metres)),
        shapes: this.shapesOfKind(view, this.town.streets, kind),
      }));
      for (const { shapes, width } of kinds) outline(view, shapes, this.colour("street-edge"), width + 1);
      for (const { shapes, width } of kinds) outline(view, shapes, this.colour("street"), width);
    }

    /** @param {TileView} view */
    lines(view) {
      const motorways = this.shapesOfKind(view, this.town.barriers, "motorway");
      outline(view, motorways, this.colour("street-edge"), 4);
      outline(view, motorways, this.colour("street"), 2.6);
      outline(view, this.shapesOfKind(view, this.town.barriers, "wall"), this.colour("wall"), 1.5);
      const rails = this.shapesOfKind(view, this.town.barriers, "rail");
      const close = view.metres < 6;
      outline(view, rails, this.colour("rail"), close ? 3.4 : 1);
      if (close) outline(view, rails, this.colour("street"), 1.6, [7, 7]);
    }

    /** @param {TileView} view */
    buildings(view) {
      for (const position of this.town.buildings.index.within(view.box)) {
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

    /**
     * @param {TileView} view
     * @param {Shape} shape
     * @param {string} colour
     */
    dots(view, shape, colour) {
      const radius = Math.max(1.4, Math.min(9, 7 / view.metres));
      view.pen.fillStyle = colour;
      for (const [x, y] of shape.parts) {
        view.pen.beginPath();
        view.pen.arc(x * view.scale - view.left, y * view.scale - view.top, radius, 0, 2 * Math.PI);
        view.pen.fill();
      }
    }

    /** @param {TileView} view */
    borders(view) {
      const grids = this.shapes(view, this.look() === "before" ? this.town.drawn : this.town.areas);
      const fine = view.metres > 8 ? 0.65 : 1;
      outline(view, grids, "rgb(255 255 255 / 75%)", 4 * fine);
      outline(view, grids, this.colour("grid-border"), 1.6 * fine);
      const communities = this.shapes(view, this.town.communities);
      outline(view, communities, "rgb(255 255 255 / 85%)", 7 * fine);
      outline(view, communities, this.colour("community-border"), 3.6 * fine);
    }

    /**
     * Draw the faults: outlined at any zoom, so that the thinnest sliver shows; what concerns a whole grid leaves it to
     * be seen.
     *
     * @param {TileView} view
     */
    faults(view) {
      const { outlines, faults } = this.town;
      if (!outlines || !faults) return;
      const near = outlines.index.within(view.box).filter((position) => this.flawed(position));
      for (const position of near.reverse()) {
        const { severity, kind } = faults[position];
        const shape = outlines.shapes[position];
        outline(view, [shape], "rgb(255 255 255 / 85%)", WHOLE.has(kind) ? 0 : 5);
        view.pen.globalAlpha = WHOLE.has(kind) ? 0.08 : 0.45;
        if (shape.kind === gridmap.shapes.AREA) fill(view, shape, this.colour(`severity-${severity}`));
        view.pen.globalAlpha = 1;
        outline(view, [shape], this.colour(`severity-${severity}`), WHOLE.has(kind) ? 1.2 : 2.2);
      }
    }
  }

  class Tiles extends L.GridLayer {
    /** @param {Painting} painting */
    constructor(painting) {
      super({ tileSize: TILE, updateWhenZooming: false, keepBuffer: 1, className: "town-tiles" });
      this.painting = painting;
    }

    /** @param {L.Coords} at */
    createTile(at) {
      const tile = L.DomUtil.create("canvas", "leaflet-tile");
      const ratio = window.devicePixelRatio || 1;
      tile.width = tile.height = TILE * ratio;
      const pen = gridmap.dom.context(tile);
      pen.scale(ratio, ratio);
      this.painting.draw(this.view(at, pen));
      return tile;
    }

    /**
     * @param {L.Coords} at
     * @param {CanvasRenderingContext2D} pen
     * @returns {TileView}
     */
    view({ x, y, z }, pen) {
      const scale = 2 ** z;
      const left = x * TILE;
      const top = y * TILE;
      /** @type {Box} */
      const box = [
        (left - MARGIN) / scale,
        (top - MARGIN) / scale,
        (left + TILE + MARGIN) / scale,
        (top + TILE + MARGIN) / scale,
      ];
      return { pen, scale, left, top, box, metres: metresAPixel(this._map, z) };
    }
  }

  /**
   * @param {L.Map} map
   * @param {number} zoom
   */
  function metresAPixel(map, zoom) {
    return (156543.03 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** zoom;
  }

  /** @param {L.Map} map */
  function showsBuildings(map) {
    return metresAPixel(map, Math.round(map.getZoom())) <= BUILDINGS_UP_TO;
  }

  return { Painting, Tiles, showsBuildings };
})();
