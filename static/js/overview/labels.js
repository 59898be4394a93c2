// Symbols, codes and names over the map: as many as fit without covering one another, the most telling first.
import { make, symbol } from "./nodes.js";

const SYMBOL = 20;
const URGENCY = { over: 3, under: 3, in_range: 1, dedicated: 0 };
const LETTER = 9; // pixels of a letter or digit; Chinese ones take twice as many

function width(text) {
  return [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) > 0x2e7f ? 15 : LETTER), 10);
}

function meet(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

// Where a label stands: the middle of the longest line through the largest part that stays inside, at half its height.
function inside(geometry) {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const boxes = parts.map(([ring]) => around(ring));
  const largest = boxes.reduce((best, box, at) => (area(box) > area(boxes[best]) ? at : best), 0);
  const [, south, , north] = boxes[largest], y = (south + north) / 2;
  const crossings = parts[largest].flatMap((ring) => crossed(ring, y)).sort((a, b) => a - b);
  let best = [crossings[0] ?? boxes[largest][0], crossings[1] ?? boxes[largest][2]];
  for (let at = 2; at + 1 < crossings.length; at += 2) {
    if (crossings[at + 1] - crossings[at] > best[1] - best[0]) best = [crossings[at], crossings[at + 1]];
  }
  return [y, (best[0] + best[1]) / 2];
}

function around(ring) {
  const xs = ring.map(([x]) => x), ys = ring.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function area([west, south, east, north]) {
  return (east - west) * (north - south);
}

function crossed(ring, y) {
  const found = [];
  for (let at = 1; at < ring.length; at += 1) {
    const [[x1, y1], [x2, y2]] = [ring[at - 1], ring[at]];
    if (y1 > y !== y2 > y) found.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  }
  return found;
}

// The part of a code that tells grids of one community apart.
function short(code) {
  return code.length > 12 ? code.slice(12).replace(/^-/, "") || code : code;
}

function gridNode({ code, state, households }) {
  const node = make("div", `grid-label state-${state}`), head = make("span", "label-head");
  head.append(symbol(state), make("b", "", short(code)));
  const count = `${households.estimated ? "≈ " : ""}${households.number.toLocaleString(document.documentElement.lang)}`;
  node.append(head, make("span", "label-count", count));
  return node;
}

export class Labels {
  constructor(map, grids, communities, shows) {
    Object.assign(this, { map, shows, chosen: null });
    this.labels = grids.map((feature) => this.add(feature, gridNode(feature.properties), URGENCY[feature.properties.state], true));
    if (communities.length > 1) {
      for (const each of communities) this.labels.push(this.add(each, make("div", "community-label", each.properties.name), 2, false));
    }
    this.labels.sort((a, b) => b.urgency - a.urgency);
    map.on("zoomend moveend resize", () => this.place());
  }

  add(feature, node, urgency, grid) {
    const at = L.latLng(inside(feature.geometry)), box = L.geoJSON(feature).getBounds();
    const icon = L.divIcon({ className: "label", html: node, iconSize: [0, 0] });
    L.marker(at, { icon, interactive: false, keyboard: false }).addTo(this.map);
    return { feature, node, urgency, grid, at, box };
  }

  choose(key) {
    this.chosen = key;
    this.place();
  }

  place() {
    const taken = [], first = this.labels.find(({ feature, grid }) => grid && feature.id === this.chosen);
    for (const label of first ? [first, ...this.labels.filter((each) => each !== first)] : this.labels) {
      const size = this.size(label), spot = size && this.spot(label, size);
      const free = spot && !taken.some((other) => meet(spot, other));
      label.node.dataset.labelSize = free ? size.show : "none";
      if (free) taken.push(spot);
    }
  }

  size(label) {
    if (label.grid && !this.shows(label.feature)) return null;
    const { x, y } = this.extent(label), text = label.node.querySelector("b")?.textContent ?? label.node.textContent;
    if (!label.grid) return x > width(text) && x < 900 ? { width: width(text) + 10, height: 24, show: "full" } : null;
    const full = { width: width(text) + SYMBOL, height: 38, show: "full" };
    if (label.feature.id === this.chosen || (x > full.width && y > full.height)) return full;
    return Math.min(x, y) < 14 && label.urgency < 3 ? null : { width: SYMBOL, height: SYMBOL, show: "symbol" };
  }

  extent({ box }) {
    const a = this.map.latLngToContainerPoint(box.getNorthWest()), b = this.map.latLngToContainerPoint(box.getSouthEast());
    return b.subtract(a);
  }

  spot({ at }, { width: across, height }) {
    const { x, y } = this.map.latLngToContainerPoint(at);
    return [x - across / 2, y - height / 2, x + across / 2, y + height / 2];
  }
}
