// Codes, symbols and names over the map: as many as fit without covering one another, the most telling first.
"use strict";

gridmap.labels = (function () {
  const SYMBOL = { width: 18, height: 18 };
  const CROWDED = 16; // pixels: smaller grids in range go without a symbol

  function marker(map, [x, y], node, layerName) {
    const icon = L.divIcon({ className: `label ${layerName}`, html: node, iconSize: [0, 0] });
    const at = map.unproject(L.point(x, y), 0);
    return L.marker(at, { icon, interactive: false, keyboard: false });
  }

  function gridNode(grid) {
    const { make, symbol } = gridmap.dom;
    const node = make("div", `grid-label ${grid.state}`);
    const head = make("span", "label-head");
    head.append(symbol(grid.state), make("b", "label-code", grid.short));
    node.append(head, make("span", "label-count"));
    return node;
  }

  function gridLabel(map, town, grid) {
    const node = gridNode(grid);
    const urgency = { over: 3, under: 3, in_range: 1, dedicated: 0 }[grid.state];
    return { node, grid, urgency, at: town.anchor(grid), box: town.areas.shapes[grid.position].box };
  }

  // A grid as it was drawn, of which nothing but its code is known.
  function drawnLabel(town, position) {
    const node = gridmap.dom.make("div", "grid-label drawn");
    const name = gridmap.town.short(town, town.drawn.code[position]);
    node.append(gridmap.dom.make("b", "label-code", name));
    return { node, name, grid: null, drawn: true, urgency: 1, at: town.anchor({ anchor: town.drawn.anchor[position] }),
             box: town.drawn.shapes[position].box };
  }

  function communityLabel(town, position) {
    const node = gridmap.dom.make("div", "community-label", town.communities.name[position]);
    return { node, grid: null, urgency: 2, at: town.anchor({ anchor: town.communities.anchor[position] }),
             box: town.communities.shapes[position].box };
  }

  class Labels {
    // `look` names what the map shows; `occupied` are boxes on the screen where no label may stand.
    constructor(map, town, { shown, look, occupied }) {
      Object.assign(this, { map, town, shown, look, occupied, selected: null });
      const several = town.communities.shapes.length > 1;
      const names = several ? town.communities.shapes.map((_, position) => communityLabel(town, position)) : [];
      const drawn = (town.drawn?.shapes || []).map((_, position) => drawnLabel(town, position));
      this.labels = [...town.grids.map((grid) => gridLabel(map, town, grid)), ...drawn, ...names];
      this.labels.forEach((label) => {
        const className = label.grid || label.drawn ? "of-grid" : "of-community";
        label.marker = marker(map, label.at, label.node, className).addTo(map);
      });
      this.speak();
      map.on("zoomend moveend resize", () => this.place());
    }

    speak() {
      for (const { node, grid } of this.labels) {
        if (grid) node.querySelector(".label-count").textContent =
          gridmap.words.say("{count} hh", { count: gridmap.words.households(grid.households, grid.range) });
      }
      this.place();
    }

    select(position) {
      this.selected = position;
      this.place();
    }

    place() {
      const taken = [...this.occupied()];
      for (const label of this.byUrgency()) {
        const size = this.sizeFor(label);
        const spot = size && this.spot(label, size);
        const free = spot && (label.grid?.position === this.selected || !taken.some((other) => gridmap.marks.meet(spot, other)));
        label.node.dataset.show = free ? size.show : "none";
        if (free) taken.push(spot);
      }
    }

    byUrgency() {
      const urgency = (label) => (label.grid?.position === this.selected ? 9 : label.urgency);
      return [...this.labels].sort((a, b) => urgency(b) - urgency(a));
    }

    extent({ box }) {
      const scale = 2 ** this.map.getZoom();
      return { width: (box[2] - box[0]) * scale, height: (box[3] - box[1]) * scale };
    }

    sizeFor(label) {
      const extent = this.extent(label), before = this.look() === "before";
      if (label.drawn) return before ? codeSize(label.name, extent) : null;
      if (!label.grid) return nameSize(label, extent);
      if (before || !this.shown(label.grid.position)) return null;
      if (this.look() !== "states") return codeSize(label.grid.short, extent);
      const full = { width: 34 + 7 * label.grid.short.length, height: 32, show: "full" };
      if (extent.width > full.width && extent.height > full.height) return full;
      const small = Math.min(extent.width, extent.height) < CROWDED;
      return small && label.urgency < 3 ? null : { ...SYMBOL, show: "symbol" };
    }

    spot({ at }, { width, height }) {
      const point = this.map.latLngToContainerPoint(this.map.unproject(L.point(at), 0));
      return [point.x - width / 2, point.y - height / 2, point.x + width / 2, point.y + height / 2];
    }
  }

  function codeSize(code, extent) {
    const size = { width: 10 + gridmap.dom.width(code), height: 18, show: "code" };
    return extent.width > size.width && extent.height > size.height ? size : null;
  }

  function nameSize(label, extent) {
    const width = 14 * Math.min(label.node.textContent.length, 14) + 8;
    return extent.width > width * 0.8 && extent.width < 900 ? { width, height: 22, show: "full" } : null;
  }

  return { Labels };
})();
