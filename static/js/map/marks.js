// Marks of faults or changes: as large at any zoom, close ones gathered into one with their number, the gravest on top.
"use strict";

gridmap.marks = (() => {
  const APART = 48; // pixels: closer ones share a mark
  const RADIUS = 13;
  const CLOSEST = 19;
  const { make, symbol } = gridmap.dom;

  /**
   * Records that share a mark, and what it says.
   *
   * @template {Placed} RecordT
   * @typedef {{at: MapPosition, members: RecordT[]}} Cluster
   */
  /**
   * @template {Placed} RecordT
   * @typedef {{point: L.Point, members: RecordT[], count: string, symbol: string, title: string}} SeenCluster
   */

  /**
   * @param {{symbol: string, title: string, count: string}} cluster
   * @param {string} word
   */
  function node(cluster, word) {
    const mark = make("div", `mark ${cluster.symbol}`);
    mark.setAttribute("aria-hidden", "true");
    mark.title = cluster.title;
    mark.append(symbol(cluster.symbol));
    if (cluster.count) mark.append(make("span", "mark-count", cluster.count));
    if (word) mark.append(make("span", "mark-word", word));
    return mark;
  }

  /** @param {string} text */
  function width(text) {
    return text ? gridmap.dom.width(text) + 8 : 0;
  }

  /** @template {Placed} RecordT */
  class Marks {
    /**
     * @param {L.Map} map
     * @param {RecordT[]} records
     * @param {MarkPlan<RecordT>} plan
     * @param {object} actions
     * @param {(position: number) => boolean} actions.shown
     * @param {(position: number) => void} actions.choose
     * @param {(box: Box) => void} actions.zoom
     */
    constructor(map, records, plan, { shown, choose, zoom }) {
      this.map = map;
      this.records = records;
      this.plan = plan;
      this.shown = shown;
      this.choose = choose;
      this.zoom = zoom;
      /** @type {number | null} */
      this.chosen = null;
      /** @type {Box[]} */
      this.boxes = [];
      /** @type {Map<number, Cluster<RecordT>[]>} */
      this.found = new Map();
      this.layer = L.layerGroup().addTo(map);
      map.on("zoomend moveend resize", () => this.place());
    }

    refresh() {
      this.found.clear();
      this.place();
    }

    /** @param {number | null} position */
    select(position) {
      this.chosen = position;
      this.refresh();
    }

    /**
     * Return the clusters of a zoom. Records come with the gravest first, so the first of a cluster speaks for it.
     *
     * @param {number} scale
     */
    clusters(scale) {
      const found = this.found.get(scale);
      if (found) return found;
      /** @type {Near<RecordT>} */
      const near = new Near(APART / scale);
      for (const record of this.records) if (this.shown(record.position)) near.add(record);
      this.found.set(scale, near.clusters);
      return near.clusters;
    }

    place() {
      this.layer.clearLayers();
      const scale = 2 ** this.map.getZoom();
      const view = this.map.getPixelBounds();
      const seen = this.clusters(scale)
        .map((cluster) => this.seen(cluster, scale))
        .filter(({ point }) => view.contains(point));
      this.boxes = seen.map(({ point, count }) => around(point.subtract(corner(view)), RADIUS, width(count)));
      for (const [position, cluster] of seen.entries()) this.put(cluster, view, position);
    }

    /**
     * @param {Cluster<RecordT>} cluster
     * @param {number} scale
     * @returns {SeenCluster<RecordT>}
     */
    seen({ at, members }, scale) {
      const count = members.length > 1 ? gridmap.words.number(members.length) : "";
      return {
        point: L.point(at[0] * scale, at[1] * scale),
        members,
        count,
        symbol: this.plan.symbol(members[0]),
        title: this.plan.word(members),
      };
    }

    /**
     * @param {SeenCluster<RecordT>} cluster
     * @param {L.Bounds} view
     * @param {number} position
     */
    put(cluster, view, position) {
      const html = node(cluster, this.fitting(cluster, view, position));
      if (cluster.members.some((member) => member.position === this.chosen)) html.dataset.chosen = "true";
      const icon = L.divIcon({ className: "mark-icon", html, iconSize: [0, 0] });
      const zIndexOffset = 10000 - position;
      const marker = L.marker(this.map.unproject(cluster.point), { icon, keyboard: false, zIndexOffset });
      marker.on("click", () => this.pick(cluster.members)).addTo(this.layer);
    }

    /**
     * Return the word of a mark if it covers nothing else, else nothing.
     *
     * @param {SeenCluster<RecordT>} cluster
     * @param {L.Bounds} view
     * @param {number} own
     */
    fitting({ point, count, title: word }, view, own) {
      const { x, y } = point.subtract(corner(view));
      /** @type {Box} */
      const box = [x + RADIUS, y - RADIUS, x + RADIUS + width(count) + width(word), y + RADIUS];
      const free = !this.boxes.some((other, position) => position !== own && meet(box, other));
      if (word && free) this.boxes.push(box);
      return free ? word : "";
    }

    /**
     * Zoom to the members; of marks that no zoom parts, each press chooses the next.
     *
     * @param {RecordT[]} members
     */
    pick(members) {
      /** @type {Box[]} */
      const boxes = members.map(({ at: [x, y] }) => [x, y, x, y]);
      const box = gridmap.shapes.around(boxes);
      const extent = Math.max(box[2] - box[0], box[3] - box[1]) * 2 ** CLOSEST;
      if (extent > APART) return this.zoom(box);
      const here = members.findIndex((member) => member.position === this.chosen);
      this.choose(members[(here + 1) % members.length].position);
    }
  }

  /**
   * Gathers records into clusters by looking only at the bins around each.
   *
   * @template {Placed} RecordT
   */
  class Near {
    /** @param {number} reach */
    constructor(reach) {
      this.reach = reach;
      /** @type {Map<string, Cluster<RecordT>[]>} */
      this.bins = new Map();
      /** @type {Cluster<RecordT>[]} */
      this.clusters = [];
    }

    /** @param {RecordT} record */
    add(record) {
      const [x, y] = record.at;
      const column = Math.floor(x / this.reach);
      const row = Math.floor(y / this.reach);
      const cluster = this.around(column, row).find(({ at }) => Math.hypot(at[0] - x, at[1] - y) < this.reach);
      if (cluster) cluster.members.push(record);
      else this.begin(record, `${column} ${row}`);
    }

    /**
     * @param {number} column
     * @param {number} row
     */
    around(column, row) {
      const steps = [-1, 0, 1];
      return steps.flatMap((across) => steps.flatMap((up) => this.bins.get(`${column + across} ${row + up}`) || []));
    }

    /**
     * @param {RecordT} record
     * @param {string} bin
     */
    begin(record, bin) {
      const cluster = { at: record.at, members: [record] };
      this.clusters.push(cluster);
      this.bins.set(bin, [...(this.bins.get(bin) || []), cluster]);
    }
  }

  /** @param {L.Bounds} view */
  function corner(view) {
    return view.min ?? L.point(0, 0);
  }

  /**
   * @param {L.Point} point
   * @param {number} radius
   * @param {number} more pixels to the right
   * @returns {Box}
   */
  function around({ x, y }, radius, more) {
    return [x - radius, y - radius, x + radius + more, y + radius];
  }

  /**
   * @param {Box} a
   * @param {Box} b
   */
  function meet(a, b) {
    return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  }

  return { Marks, meet };
})();
