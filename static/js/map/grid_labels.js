// Icons, codes and names on the map: as many as fit without overlap, those of the highest priority first.
import { createElement, createIcon } from "../lib/dom.js";
import { boxesOverlap, shortCode, textWidth } from "./label_boxes.js";

const ICON_SIZE_PX = 20;
const STATUS_PRIORITY = { over: 3, under: 3, in_range: 1, dedicated: 0 };
const LETTER_WIDTHS_PX = { latin: 9, chinese: 15, margin: 10 };

const labelWidth = (text) => textWidth(text, LETTER_WIDTHS_PX);

// Return the middle of the longest inner segment of the largest part, at half of its height.
function labelPoint(geometry) {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const boxes = parts.map(([ring]) => ringBounds(ring));
  const largest = boxes.reduce((best, box, index) => (boxArea(box) > boxArea(boxes[best]) ? index : best), 0);
  const [, south, , north] = boxes[largest], y = (south + north) / 2;
  const crossings = parts[largest].flatMap((ring) => ringCrossings(ring, y)).sort((a, b) => a - b);
  let best = [crossings[0] ?? boxes[largest][0], crossings[1] ?? boxes[largest][2]];
  for (let index = 2; index + 1 < crossings.length; index += 2) {
    if (crossings[index + 1] - crossings[index] > best[1] - best[0]) best = [crossings[index], crossings[index + 1]];
  }
  return [y, (best[0] + best[1]) / 2];
}

function ringBounds(ring) {
  const xs = ring.map(([x]) => x), ys = ring.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function boxArea([west, south, east, north]) {
  return (east - west) * (north - south);
}

function ringCrossings(ring, y) {
  const crossings = [];
  for (let index = 1; index < ring.length; index += 1) {
    const [[x1, y1], [x2, y2]] = [ring[index - 1], ring[index]];
    if (y1 > y !== y2 > y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  }
  return crossings;
}

function createGridLabel({ code, status, households }) {
  const node = createElement("div", `grid-label status-${status}`), head = createElement("span", "label-head");
  head.append(createIcon(status), createElement("b", "", shortCode(code)));
  const count = households.number.toLocaleString(document.documentElement.lang);
  node.append(head, createElement("span", "label-count", `${households.estimated ? "≈ " : ""}${count}`));
  return node;
}

const STATUS_CONTENT = {
  createLabel: ({ properties }) => createGridLabel(properties),
  priorityOf: ({ properties }) => STATUS_PRIORITY[properties.status],
};

export class GridLabels {
  /**
   * @param {L.Map} map
   * @param {object[]} grids features with code, status and households
   * @param {object[]} communities features with a name; one community alone gets no label
   * @param {(feature: object) => boolean} isShown tells whether the label of a grid may be shown
   * @param {{createLabel: (feature: object) => HTMLElement, priorityOf: (feature: object) => number}} content
   */
  constructor(map, grids, communities, isShown, content = STATUS_CONTENT) {
    Object.assign(this, { map, isShown, selectedId: null });
    this.labels = grids.map((grid) => this.add(grid, content.createLabel(grid), content.priorityOf(grid), true));
    for (const each of communities.length > 1 ? communities : []) {
      this.labels.push(this.add(each, createElement("div", "community-label", each.properties.name), 2, false));
    }
    this.labels.sort((a, b) => b.priority - a.priority);
    map.on("zoomend moveend resize", () => this.layout());
  }

  add(feature, node, priority, isGrid) {
    const point = L.latLng(labelPoint(feature.geometry)), bounds = L.geoJSON(feature).getBounds();
    const icon = L.divIcon({ className: "label", html: node, iconSize: [0, 0] });
    L.marker(point, { icon, interactive: false, keyboard: false }).addTo(this.map);
    return { feature, node, priority, isGrid, point, bounds };
  }

  select(id) {
    this.selectedId = id;
    this.layout();
  }

  layout() {
    const taken = [], first = this.labels.find(({ feature, isGrid }) => isGrid && feature.id === this.selectedId);
    for (const label of first ? [first, ...this.labels.filter((each) => each !== first)] : this.labels) {
      const size = this.labelSize(label), box = size && this.labelBox(label, size);
      const isFree = box && !taken.some((other) => boxesOverlap(box, other));
      label.node.dataset.labelSize = isFree ? size.name : "none";
      if (isFree) taken.push(box);
    }
  }

  labelSize(label) {
    if (label.isGrid && !this.isShown(label.feature)) return null;
    const { x, y } = this.pixelExtent(label);
    const width = labelWidth(label.node.querySelector("b")?.textContent ?? label.node.textContent);
    if (!label.isGrid) return x > width && x < 900 ? { width: width + 10, height: 24, name: "full" } : null;
    const full = { width: width + ICON_SIZE_PX, height: 38, name: "full" };
    if (label.feature.id === this.selectedId || (x > full.width && y > full.height)) return full;
    if (Math.min(x, y) < 14 && label.priority < 3) return null;
    return { width: ICON_SIZE_PX, height: ICON_SIZE_PX, name: "icon" };
  }

  pixelExtent({ bounds }) {
    const northWest = this.map.latLngToContainerPoint(bounds.getNorthWest());
    return this.map.latLngToContainerPoint(bounds.getSouthEast()).subtract(northWest);
  }

  labelBox({ point }, { width, height }) {
    const { x, y } = this.map.latLngToContainerPoint(point);
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
  }
}
