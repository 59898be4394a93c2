// Marks of faults or changes: as large at any zoom, close ones gathered into one with their number, the gravest on top.
"use strict";

gridmap.marks = (function () {
  const APART = 48; // pixels: closer ones share a mark
  const RADIUS = 13;
  const CLOSEST = 19;
  const { make, symbol } = gridmap.dom;

  function node(cluster, word) {
    const mark = make("div", `mark ${cluster.symbol}`);
    mark.setAttribute("aria-hidden", "true");
    mark.title = cluster.title;
    mark.append(symbol(cluster.symbol));
    if (cluster.count) mark.append(make("span", "mark-count", cluster.count));
    if (word) mark.append(make("span", "mark-word", word));
    return mark;
  }

  function width(text) {
    return text ? gridmap.dom.width(text) + 8 : 0;
  }

  class Marks {
    constructor(map, records, plan, { shown, choose, zoom }) {
      Object.assign(this, { map, records, plan, shown, choose, zoom, chosen: null, boxes: [], found: new Map() });
      this.layer = L.layerGroup().addTo(map);
      map.on("zoomend moveend resize", () => this.place());
    }

    refresh() {
      this.found.clear();
      this.place();
    }

    select(position) {
      this.chosen = position;
      this.refresh();
    }

    // Clusters of a zoom. Records come with the gravest first, so the first of a cluster speaks for it.
    clusters(scale) {
      if (!this.found.has(scale)) {
        const near = new Near(APART / scale);
        for (const record of this.records) if (this.shown(record.position)) near.add(record);
        this.found.set(scale, near.clusters);
      }
      return this.found.get(scale);
    }

    place() {
      this.layer.clearLayers();
      const scale = 2 ** this.map.getZoom();
      const view = this.map.getPixelBounds();
      const seen = this.clusters(scale).map((cluster) => this.seen(cluster, scale)).filter(({ point }) => view.contains(point));
      this.boxes = seen.map(({ point, count }) => around(point.subtract(view.min), RADIUS, width(count)));
      seen.forEach((cluster, position) => this.put(cluster, view, position));
    }

    seen({ at, members }, scale) {
      const count = members.length > 1 ? gridmap.words.number(members.length) : "";
      return { point: L.point(at[0] * scale, at[1] * scale), members, count, symbol: this.plan.symbol(members[0]),
               title: this.plan.word(members) };
    }

    put(cluster, view, position) {
      const html = node(cluster, this.fitting(cluster, view, position));
      if (cluster.members.some((member) => member.position === this.chosen)) html.dataset.chosen = "true";
      const icon = L.divIcon({ className: "mark-icon", html, iconSize: [0, 0] });
      const zIndexOffset = 10000 - position;
      const marker = L.marker(this.map.unproject(cluster.point), { icon, keyboard: false, zIndexOffset });
      marker.on("click", () => this.pick(cluster.members)).addTo(this.layer);
    }

    // The word stands beside its mark where it covers nothing.
    fitting({ point, count, title: word }, view, own) {
      const { x, y } = point.subtract(view.min);
      const box = [x + RADIUS, y - RADIUS, x + RADIUS + width(count) + width(word), y + RADIUS];
      const free = !this.boxes.some((other, position) => position !== own && meet(box, other));
      if (word && free) this.boxes.push(box);
      return free ? word : "";
    }

    // Of marks that no zoom parts, each press chooses the next.
    pick(members) {
      const box = gridmap.shapes.around(members.map(({ at: [x, y] }) => [x, y, x, y]));
      const extent = Math.max(box[2] - box[0], box[3] - box[1]) * 2 ** CLOSEST;
      if (extent > APART) return this.zoom(box);
      const here = members.findIndex((member) => member.position === this.chosen);
      this.choose(members[(here + 1) % members.length].position);
    }
  }

  // Gathers records into clusters by looking only at the bins around each.
  class Near {
    constructor(reach) {
      Object.assign(this, { reach, bins: new Map(), clusters: [] });
    }

    add(record) {
      const [x, y] = record.at, column = Math.floor(x / this.reach), row = Math.floor(y / this.reach);
      const cluster = this.around(column, row).find(({ at }) => Math.hypot(at[0] - x, at[1] - y) < this.reach);
      if (cluster) cluster.members.push(record);
      else this.begin(record, `${column} ${row}`);
    }

    around(column, row) {
      const steps = [-1, 0, 1];
      return steps.flatMap((across) => steps.flatMap((up) => this.bins.get(`${column + across} ${row + up}`) || []));
    }

    begin(record, bin) {
      const cluster = { at: record.at, members: [record] };
      this.clusters.push(cluster);
      this.bins.set(bin, [...(this.bins.get(bin) || []), cluster]);
    }
  }

  function around({ x, y }, radius, more) {
    return [x - radius, y - radius, x + radius + more, y + radius];
  }

  function meet(a, b) {
    return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  }

  return { Marks, meet };
})();
