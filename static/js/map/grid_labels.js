// Icons, codes and names on the map: as many as fit without overlap, those of the highest priority first.
import { createElement, createIcon } from "../lib/dom.js";
import { boxesOverlap, shortCode, textWidth } from "./label_boxes.js";

const ICON_SIZE_PX = 20;
/** @type {Record<AreaStatus, number>} */
const STATUS_PRIORITY = { over: 3, under: 3, no_counts: 2, in_range: 1, dedicated: 0 };
const LETTER_WIDTHS_PX = { latin: 9, chinese: 15, margin: 10 };

/** @typedef {MapFeature<unknown, unknown, AreaGeometry>} LabelledArea */
/** @typedef {{code: string, status: AreaStatus, households: {number: number, estimated?: boolean}}} StatusProperties */
/** @typedef {{width: number, height: number, name: "full" | "icon"}} LabelSize */
/**
 * @template {LabelledArea} FeatureT
 * @typedef {{createLabel: (feature: FeatureT) => HTMLElement, priorityOf: (feature: FeatureT) => number}} LabelContent
 */
/**
 * A label; that of a community has no grid.
 *
 * @template {LabelledArea} FeatureT
 * @typedef {object} MapLabel
 * @property {FeatureT | null} grid
 * @property {HTMLElement} node
 * @property {number} priority
 * @property {L.LatLng} point
 * @property {L.LatLngBounds} bounds
 */

/** @param {string} text */
const labelWidth = (text) => textWidth(text, LETTER_WIDTHS_PX);

/**
 * Return the middle of the longest inner segment of the largest part, at half of its height.
 *
 * @param {AreaGeometry} geometry
 */
function labelPoint(geometry) {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const boxes = parts.map(([ring]) => ringBounds(ring));
  const largest = boxes.reduce((best, box, index) => (boxArea(box) > boxArea(boxes[best]) ? index : best), 0);
  const [, south, , north] = boxes[largest];
  const y = (south + north) / 2;
  const crossings = parts[largest].flatMap((ring) => ringCrossings(ring, y)).sort((a, b) => a - b);
  let best = [crossings[0] ?? boxes[largest][0], crossings[1] ?? boxes[largest][2]];
  for (let index = 2; index + 1 < crossings.length; index += 2) {
    if (crossings[index + 1] - crossings[index] > best[1] - best[0]) best = [crossings[index], crossings[index + 1]];
  }
  return L.latLng(y, (best[0] + best[1]) / 2);
}

/**
 * @param {GeoJSON.Position[]} ring
 * @returns {Box} in degrees, the south first
 */
function ringBounds(ring) {
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** @param {Box} box */
function boxArea([west, south, east, north]) {
  return (east - west) * (north - south);
}

/**
 * @param {GeoJSON.Position[]} ring
 * @param {number} y
 */
function ringCrossings(ring, y) {
  /** @type {number[]} */
  const crossings = [];
  for (let index = 1; index < ring.length; index += 1) {
    const [[x1, y1], [x2, y2]] = [ring[index - 1], ring[index]];
    if (y1 > y !== y2 > y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  }
  return crossings;
}

/** @param {StatusProperties} properties */
function createGridLabel({ code, status, households }) {
  const node = createElement("div", `grid-label status-${status}`);
  const head = createElement("span", "label-head");
  head.append(createIcon(status), createElement("b", "", shortCode(code)));
  const count = households.number.toLocaleString(document.documentElement.lang);
  node.append(head, createElement("span", "label-count", `${households.estimated ? "≈ " : ""}${count}`));
  return node;
}

/** @type {LabelContent<MapFeature<StatusProperties, unknown, AreaGeometry>>} */
export const STATUS_CONTENT = {
  createLabel: ({ properties }) => createGridLabel(properties),
  priorityOf: ({ properties }) => STATUS_PRIORITY[properties.status],
};

/** @template {LabelledArea} FeatureT */
export class GridLabels {
  /**
   * @param {L.Map} map
   * @param {FeatureT[]} grids
   * @param {CommunityFeature[]} communities one community alone gets no label
   * @param {(feature: FeatureT) => boolean} isShown tells whether the label of a grid may be shown
   * @param {LabelContent<FeatureT>} content
   */
  constructor(map, grids, communities, isShown, content) {
    this.map = map;
    this.isShown = isShown;
    /** @type {unknown} */
    this.selectedId = null;
    /** @type {MapLabel<FeatureT>[]} */
    this.labels = grids.map((grid) => this.add(grid, grid, content.createLabel(grid), content.priorityOf(grid)));
    for (const each of communities.length > 1 ? communities : []) {
      this.labels.push(this.add(each, null, createElement("div", "community-label", each.properties.name), 2));
    }
    this.labels.sort((a, b) => b.priority - a.priority);
    map.on("zoomend moveend resize", () => this.layout());
  }

  /**
   * @param {LabelledArea} feature
   * @param {FeatureT | null} grid
   * @param {HTMLElement} node
   * @param {number} priority
   */
  add(feature, grid, node, priority) {
    const point = labelPoint(feature.geometry);
    const bounds = L.geoJSON(feature).getBounds();
    const icon = L.divIcon({ className: "label", html: node, iconSize: [0, 0] });
    L.marker(point, { icon, interactive: false, keyboard: false }).addTo(this.map);
    return { grid, node, priority, point, bounds };
  }

  /** @param {unknown} id */
  select(id) {
    this.selectedId = id;
    this.layout();
  }

  layout() {
    /** @type {Box[]} */
    const taken = [];
    const first = this.labels.find(({ grid }) => grid && grid.id === this.selectedId);
    for (const label of first ? [first, ...this.labels.filter((each) => each !== first)] : this.labels) {
      const size = this.labelSize(label);
      const box = size && this.labelBox(label, size);
      const isFree = box !== null && !taken.some((other) => boxesOverlap(box, other));
      label.node.dataset.labelSize = size && isFree ? size.name : "none";
      if (isFree) taken.push(box);
    }
  }

  /**
   * @param {MapLabel<FeatureT>} label
   * @returns {LabelSize | null} null for a label that is not shown
   */
  labelSize(label) {
    if (label.grid && !this.isShown(label.grid)) return null;
    const { x, y } = this.pixelExtent(label);
    const width = labelWidth(label.node.querySelector("b")?.textContent ?? label.node.textContent);
    if (!label.grid) return x > width && x < 900 ? { width: width + 10, height: 24, name: "full" } : null;
    /** @type {LabelSize} */
    const full = { width: width + ICON_SIZE_PX, height: 38, name: "full" };
    if (label.grid.id === this.selectedId || (x > full.width && y > full.height)) return full;
    if (Math.min(x, y) < 14 && label.priority < 3) return null;
    return { width: ICON_SIZE_PX, height: ICON_SIZE_PX, name: "icon" };
  }

  /** @param {MapLabel<FeatureT>} label */
  pixelExtent({ bounds }) {
    const northWest = this.map.latLngToContainerPoint(bounds.getNorthWest());
    return this.map.latLngToContainerPoint(bounds.getSouthEast()).subtract(northWest);
  }

  /**
   * @param {MapLabel<FeatureT>} label
   * @param {{width: number, height: number}} size
   * @returns {Box}
   */
  labelBox({ point }, { width, height }) {
    const { x, y } = this.map.latLngToContainerPoint(point);
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
  }
}
