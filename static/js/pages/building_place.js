// The place of a new building: touched on the map as a point or as the corners of its footprint, and kept in a field.
import { fetchCollections } from "../lib/api.js";
import { closestElement, listElements, requireData, requireElement } from "../lib/dom.js";
import { cssColour } from "../lib/theme.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { communityBorderStyle, communityFillStyle, streetStyle } from "../map/styles.js";

const COORDINATE_DECIMALS = 7; // of a degree: 0.01 m
const MAX_ZOOM = 21;

/** @param {L.LatLng} point */
const toPosition = ({ lng, lat }) => [
  Number(lng.toFixed(COORDINATE_DECIMALS)),
  Number(lat.toFixed(COORDINATE_DECIMALS)),
];

/**
 * Return the GeoJSON geometry of some corners: nothing, a point, or a footprint.
 *
 * @param {L.LatLng[]} corners
 */
export function encodeShape(corners) {
  const positions = corners.map(toPosition);
  if (positions.length === 0) return "";
  if (positions.length < 3) return JSON.stringify({ type: "Point", coordinates: positions[0] });
  return JSON.stringify({ type: "Polygon", coordinates: [[...positions, positions[0]]] });
}

/**
 * Return the corners of a shape that the page was given after an error; none where it is no such shape.
 *
 * @param {string} text
 * @returns {L.LatLng[]}
 */
function decodeShape(text) {
  try {
    const { type, coordinates } = JSON.parse(text);
    const positions = type === "Point" ? [coordinates] : type === "Polygon" ? coordinates[0].slice(0, -1) : [];
    return positions.map((/** @type {[number, number]} */ [lng, lat]) => L.latLng(lat, lng));
  } catch {
    return []; // coordinates in another form stay in the field as they are
  }
}

class Drawing {
  /**
   * @param {L.Map} map
   * @param {HTMLTextAreaElement} field
   */
  constructor(map, field) {
    this.field = field;
    this.corners = decodeShape(field.value);
    this.layer = L.layerGroup().addTo(map);
    this.status = requireElement("[data-draw-status]", HTMLElement);
    this.draw();
  }

  /** @param {L.LatLng[]} corners */
  change(corners) {
    this.corners = corners;
    this.field.value = encodeShape(corners);
    this.draw();
  }

  draw() {
    const color = cssColour("color-error");
    this.layer.clearLayers();
    if (this.corners.length > 1) {
      L.polygon(this.corners, { color, weight: 2, fillOpacity: 0.25, interactive: false }).addTo(this.layer);
    }
    for (const corner of this.corners) {
      L.circleMarker(corner, { radius: 5, color, fillColor: color, fillOpacity: 0.8, interactive: false }).addTo(
        this.layer,
      );
    }
    const words = ["none", "point", "line"];
    this.status.textContent = requireData(this.status, words[this.corners.length] ?? "footprint");
  }
}

const gridStyle = () => ({ color: cssColour("accent-strong"), weight: 1.5, fill: false });

/**
 * Fetch the layers that the page names; a community without a plan has streets only.
 *
 * @param {HTMLElement} figure
 * @returns {Promise<{streets: StreetFeature[], buildings?: PlanBuildingFeature[], grids?: PlanGridFeature[]}>}
 */
function fetchLayers(figure) {
  const optional = /** @type {const} */ (["buildings", "grids"]).filter((name) => figure.dataset[name]);
  return fetchCollections(figure, ["streets", ...optional]);
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const field = requireElement("[name=shape]", HTMLTextAreaElement);
  const features = await loadFeatures(figure, fetchLayers(figure));
  if (!features) return;
  const { streets, buildings = [], grids = [] } = features;
  const border = JSON.parse(requireData(figure, "border"));
  map.setMaxZoom(MAX_ZOOM);
  const area = L.geoJSON(border, { interactive: false, style: communityFillStyle }).addTo(map);
  L.geoJSON(streets, { interactive: false, style: streetStyle }).addTo(map);
  L.geoJSON(grids, { interactive: false, style: gridStyle }).addTo(map);
  L.geoJSON(buildings, {
    interactive: false,
    style: () => ({ color: cssColour("color-text-muted"), weight: 1, fillOpacity: 0.35 }),
    pointToLayer: (_feature, point) => L.circleMarker(point, { radius: 4, interactive: false }),
  }).addTo(map);
  L.geoJSON(border, { interactive: false, style: communityBorderStyle }).addTo(map);
  const drawing = new Drawing(map, field);
  map.on("click", ({ latlng }) => drawing.change([...drawing.corners, latlng]));
  const group = requireElement("#drawing", HTMLElement);
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const button = closestElement(event, "[data-draw]", HTMLElement);
    if (button) drawing.change(button.dataset.draw === "undo" ? drawing.corners.slice(0, -1) : []);
  });
  for (const element of listElements("#drawing", HTMLElement)) L.DomEvent.disableClickPropagation(element);
  const zoomToAll = () => map.fitBounds(area.getBounds(), { animate: false });
  startZoomButtons(map, { zoomToAll });
  if (drawing.corners.length) map.fitBounds(L.latLngBounds(drawing.corners).pad(2), { animate: false, maxZoom: 19 });
  else zoomToAll();
  showReady(figure);
}
