// Labels of the streets that a plan gives to one side: an arrow and the grid that they count in.
import { createElement } from "../lib/dom.js";
import { boxesOverlap, shortCode } from "./label_boxes.js";

const LABEL_SIZE_PX = { width: 52, height: 20 };

/** @typedef {{node: HTMLElement, point: L.LatLng}} StreetLabel */

/**
 * Label the longest part of each street between two grids; as many labels are shown as fit without overlap.
 *
 * @param {L.Map} map
 * @param {GivenStreetFeature[]} streets
 */
export function labelGivenStreets(map, streets) {
  const labels = [...longestParts(streets)].map(({ properties, line }) => {
    const node = createElement("div", "given-street-label", `\u2192 ${shortCode(properties.grid)}`);
    const [lng, lat] = line[Math.floor(line.length / 2)];
    const icon = L.divIcon({ className: "label", html: node, iconSize: [0, 0] });
    L.marker([lat, lng], { icon, interactive: false, keyboard: false }).addTo(map);
    return { node, point: L.latLng(lat, lng) };
  });
  map.on("zoomend moveend resize", () => layoutLabels(map, labels));
}

/** @param {GivenStreetFeature[]} streets */
function longestParts(streets) {
  /** @type {Map<string, {properties: GivenStreetFeature["properties"], line: GeoJSON.Position[]}>} */
  const longest = new Map();
  for (const { geometry, properties } of streets) {
    const key = `${properties.grid} ${properties.other_grid}`;
    for (const line of geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates) {
      const known = longest.get(key);
      if (!known || line.length > known.line.length) longest.set(key, { properties, line });
    }
  }
  return longest.values();
}

/**
 * @param {L.Map} map
 * @param {StreetLabel[]} labels
 */
function layoutLabels(map, labels) {
  /** @type {Box[]} */
  const taken = [];
  for (const { node, point } of labels) {
    const box = boxAround(map.latLngToContainerPoint(point));
    node.hidden = taken.some((other) => boxesOverlap(box, other));
    if (!node.hidden) taken.push(box);
  }
}

/**
 * @param {L.Point} point
 * @returns {Box}
 */
function boxAround({ x, y }) {
  const { width, height } = LABEL_SIZE_PX;
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}
