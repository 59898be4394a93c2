// The place of a facility, an organisation or a shop: touched on the map, or set to its middle by a button, and kept in
// a field as longitude and latitude.
import { fetchCollections } from "../lib/api.js";
import { requireData, requireElement } from "../lib/dom.js";
import { cssColour } from "../lib/theme.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { communityBorderStyle, communityFillStyle, streetStyle } from "../map/styles.js";

const COORDINATE_DECIMALS = 7; // of a degree: 0.01 m
const MAX_ZOOM = 21;
const PLACE_ZOOM = 19;
const POINT_PATTERN = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，;\s]\s*(-?\d{1,2}(?:\.\d+)?)\s*$/;

/**
 * Return the text of a point: longitude, then latitude.
 *
 * @param {{lng: number, lat: number}} point
 */
export const encodePoint = ({ lng, lat }) => `${lng.toFixed(COORDINATE_DECIMALS)}, ${lat.toFixed(COORDINATE_DECIMALS)}`;

/**
 * Return the point of a text; null where it is no point that the map can show.
 *
 * @param {string} text
 * @returns {[number, number] | null} latitude and longitude
 */
export function decodePoint(text) {
  const numbers = POINT_PATTERN.exec(text);
  if (!numbers) return null;
  const [longitude, latitude] = [Number(numbers[1]), Number(numbers[2])];
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 85 ? [latitude, longitude] : null;
}

class PlaceMarker {
  /**
   * @param {L.Map} map
   * @param {HTMLInputElement} field
   */
  constructor(map, field) {
    this.map = map;
    this.field = field;
    this.layer = L.layerGroup().addTo(map);
    this.status = requireElement("[data-place-status]", HTMLElement);
    field.addEventListener("change", () => this.show(true));
  }

  /** @param {L.LatLng} point */
  set(point) {
    this.field.value = encodePoint(point);
    this.show(false);
  }

  clear() {
    this.field.value = "";
    this.show(false);
  }

  /** @param {boolean} centred */
  show(centred) {
    const point = decodePoint(this.field.value);
    const color = cssColour("color-error");
    this.layer.clearLayers();
    this.status.textContent = requireData(this.status, point ? "set" : "none");
    if (!point) return;
    L.circleMarker(point, { radius: 9, color, weight: 3, fillOpacity: 0.2, interactive: false }).addTo(this.layer);
    L.circleMarker(point, { radius: 2, color, fillOpacity: 1, interactive: false }).addTo(this.layer);
    if (centred) this.map.setView(point, Math.max(this.map.getZoom(), PLACE_ZOOM), { animate: false });
  }
}

/** @param {PlaceMapFeature} feature */
function featureStyle({ properties }) {
  if (properties.layer === "grid") return { color: cssColour("accent-strong"), weight: 1.5, fill: false };
  if (properties.layer === "place") return { color: cssColour("accent-strong"), weight: 2, fillOpacity: 0.8 };
  return { color: cssColour("color-text-muted"), weight: 1, fillOpacity: 0.35 };
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const field = requireElement("[name=shape]", HTMLInputElement);
  /** @type {{streets: StreetFeature[], features: PlaceMapFeature[]} | null} */
  const loaded = await loadFeatures(figure, fetchCollections(figure, ["streets", "features"]));
  if (!loaded) return;
  const border = JSON.parse(requireData(figure, "border"));
  map.setMaxZoom(MAX_ZOOM);
  const area = L.geoJSON(border, { interactive: false, style: communityFillStyle }).addTo(map);
  L.geoJSON(loaded.streets, { interactive: false, style: streetStyle }).addTo(map);
  L.geoJSON(loaded.features, {
    interactive: false,
    style: featureStyle,
    pointToLayer: (_feature, point) => L.circleMarker(point, { radius: 4, interactive: false }),
  }).addTo(map);
  L.geoJSON(border, { interactive: false, style: communityBorderStyle }).addTo(map);
  const marker = new PlaceMarker(map, field);
  map.on("click", ({ latlng }) => marker.set(latlng));
  const group = requireElement("#placing", HTMLElement);
  group.hidden = false;
  requireElement("[data-place-centre]", HTMLElement).addEventListener("click", () => marker.set(map.getCenter()));
  requireElement("[data-place-clear]", HTMLElement).addEventListener("click", () => marker.clear());
  const zoomToAll = () => map.fitBounds(area.getBounds(), { animate: false });
  startZoomButtons(map, { zoomToAll });
  zoomToAll();
  marker.show(true);
  showReady(figure);
}
