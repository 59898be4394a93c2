// Codes, symbols and names over the map: as many as fit without covering one another, the most telling first.
"use strict";

gridmap.labels = (() => {
  const SYMBOL = { width: 18, height: 18 };
  const CROWDED = 16; // pixels: smaller grids in range go without a symbol

  /** @typedef {{width: number, height: number, show: string}} LabelSize */
  /**
   * A label: of a grid, of a grid as it was drawn, or of a community.
   *
   * @typedef {object} TownLabel
   * @property {HTMLElement} node
   * @property {Grid | null} grid
   * @property {string} [drawn] code of a grid as it was drawn, of which nothing else is known
   * @property {number} urgency
   * @property {MapPosition} at
   * @property {Box} box
   */

  /**
   * @param {L.Map} map
   * @param {MapPosition} at
   * @param {HTMLElement} node
   * @param {string} layerName
   */
  function marker(map, [x, y], node, layerName) {
    const icon = L.divIcon({ className: `label ${layerName}`, html: node, iconSize: [0, 0] });
    const at = map.unproject(L.point(x, y), 0);
    return L.marker(at, { icon, interactive: false, keyboard: false });
  }

  /** @param {Grid} grid */
  function gridNode(grid) {
    const { make, symbol } = gridmap.dom;
    const node = make("div", `grid-label ${grid.state}`);
    const head = make("span", "label-head");
    head.append(symbol(grid.state), make("b", "label-code", grid.short));
    node.append(head, make("span", "label-count"));
    return node;
  }

  /**
   * @param {Town} town
   * @param {Grid} grid
   * @returns {TownLabel}
   */
  function gridLabel(town, grid) {
    const node = gridNode(grid);
    const urgency = { over: 3, under: 3, in_range: 1, dedicated: 0 }[grid.state];
    return { node, grid, urgency, at: town.anchor(grid), box: town.areas.shapes[grid.position].box };
  }

  /**
   * @param {Town} town
   * @param {NonNullable<Town["drawn"]>} layer
   * @param {number} position
   * @returns {TownLabel}
   */
  function drawnLabel(town, layer, position) {
    const node = gridmap.dom.make("div", "grid-label drawn");
    const drawn = gridmap.town.short(town, layer.code[position]);
    node.append(gridmap.dom.make("b", "label-code", drawn));
    return {
      node,
      grid: null,
      drawn,
      urgency: 1,
      at: town.anchor({ anchor: layer.anchor[position] }),
      box: layer.shapes[position].box,
    };
  }

  /**
   * @param {Town} town
   * @returns {TownLabel[]}
   */
  function drawnLabels(town) {
    const { drawn } = town;
    return drawn ? drawn.shapes.map((_, position) => drawnLabel(town, drawn, position)) : [];
  }

  /**
   * @param {Town} town
   * @param {number} position
   * @returns {TownLabel}
   */
  function communityLabel(town, position) {
    const node = gridmap.dom.make("div", "community-label", town.communities.name[position]);
    return {
      node,
      grid: null,
      urgency: 2,
      at: town.anchor({ anchor: town.communities.anchor[position] }),
      box: town.communities.shapes[position].box,
    };
  }

  class Labels {
    /**
     * @param {L.Map} map
     * @param {Town} town
     * @param {{shown: (grid: number) => boolean, look: () => Look, occupied: () => Box[]}} tests `occupied` are boxes
     *   on the screen where no label may stand
     */
    constructor(map, town, { shown, look, occupied }) {
      this.map = map;
      this.town = town;
      this.shown = shown;
      this.look = look;
      this.occupied = occupied;
      /** @type {number | null} */
      this.selected = null;
      const several = town.communities.shapes.length > 1;
      const names = several ? town.communities.shapes.map((_, position) => communityLabel(town, position)) : [];
      this.labels = [...town.grids.map((grid) => gridLabel(town, grid)), ...drawnLabels(town), ...names];
      for (const { grid, drawn, at, node } of this.labels) {
        marker(map, at, node, grid || drawn !== undefined ? "of-grid" : "of-community").addTo(map);
      }
      this.speak();
      map.on("zoomend moveend resize", () => this.place());
    }

    speak() {
      for (const { node, grid } of this.labels) {
        if (!grid) continue;
        const count = gridmap.words.households(grid.households, grid.range);
        gridmap.dom.requireElement(".label-count", HTMLElement, node).textContent = gridmap.words.say("{count} hh", {
          count,
        });
      }
      this.place();
    }

    /** @param {number | null} position */
    select(position) {
      this.selected = position;
      this.place();
    }

    place() {
      const taken = [...this.occupied()];
      for (const label of this.byUrgency()) {
        const size = this.sizeFor(label);
        const spot = size && this.spot(label, size);
        const free =
          spot !== null && (this.isSelected(label) || !taken.some((other) => gridmap.marks.meet(spot, other)));
        label.node.dataset.show = size && free ? size.show : "none";
        if (free) taken.push(spot);
      }
    }

    /** @param {TownLabel} label */
    isSelected({ grid }) {
      return grid !== null && grid.position === this.selected;
    }

    byUrgency() {
      const urgency = (/** @type {TownLabel} */ label) => (this.isSelected(label) ? 9 : label.urgency);
      return [...this.labels].sort((a, b) => urgency(b) - urgency(a));
    }

    /** @param {TownLabel} label */
    extent({ box }) {
      const scale = 2 ** this.map.getZoom();
      return { width: (box[2] - box[0]) * scale, height: (box[3] - box[1]) * scale };
    }

    /**
     * @param {TownLabel} label
     * @returns {LabelSize | null} null for a label that is not shown
     */
    sizeFor(label) {
      const extent = this.extent(label);
      const before = this.look() === "before";
      if (label.drawn !== undefined) return before ? codeSize(label.drawn, extent) : null;
      if (!label.grid) return nameSize(label, extent);
      if (before || !this.shown(label.grid.position)) return null;
      if (this.look() !== "states") return codeSize(label.grid.short, extent);
      const full = { width: 34 + 7 * label.grid.short.length, height: 32, show: "full" };
      if (extent.width > full.width && extent.height > full.height) return full;
      const small = Math.min(extent.width, extent.height) < CROWDED;
      return small && label.urgency < 3 ? null : { ...SYMBOL, show: "symbol" };
    }

    /**
     * @param {TownLabel} label
     * @param {LabelSize} size
     * @returns {Box}
     */
    spot({ at }, { width, height }) {
      const point = this.map.latLngToContainerPoint(this.map.unproject(L.point(at), 0));
      return [point.x - width / 2, point.y - height / 2, point.x + width / 2, point.y + height / 2];
    }
  }

  /**
   * @param {string} code
   * @param {{width: number, height: number}} extent
   */
  function codeSize(code, extent) {
    const size = { width: 10 + gridmap.dom.width(code), height: 18, show: "code" };
    return extent.width > size.width && extent.height > size.height ? size : null;
  }

  /**
   * @param {TownLabel} label
   * @param {{width: number, height: number}} extent
   */
  function nameSize(label, extent) {
    const width = 14 * Math.min((label.node.textContent ?? "").length, 14) + 8;
    return extent.width > width * 0.8 && extent.width < 900 ? { width, height: 22, show: "full" } : null;
  }

  return { Labels };
})();
